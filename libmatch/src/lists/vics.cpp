// VICS, the data model of Project VIC: JSON of the OData kind. Media lie in value[], or in value[].Media[] of cases,
// or in the Media[] of one case that is the document.
#include <string_view>

#include "lists/entry_builder.h"
#include "lists/exchange_formats.h"
#include "lists/json_reader.h"

namespace libmatch::detail {

namespace {

constexpr std::size_t no_media = 0;

class vics_reader final : public json_consumer {
 public:
  vics_reader(record_sink &sink, list_summary &summary) : entry_(sink, summary) {}

  void begin(const json_place &place, bool is_array) override {
    const std::size_t depth = place.depth();
    if (depth == 0 && is_array) {
      place.fail("an array where VICS has an object with value or Media");
    }
    if (depth == 1 && is_array && (place.key(0) == "value" || place.key(0) == "Media")) {
      has_list_ = true;
    }
    if (!is_array && is_media(place)) {
      entry_.begin();
      media_depth_ = depth;
    } else if (!is_array && is_alternative(place)) {
      hash_name_.clear();
      hash_value_.clear();
    }
  }

  void end(const json_place &place, bool is_array) override {
    if (is_array) {
      return;
    }
    if (media_depth_ != no_media && place.depth() == media_depth_) {
      entry_.end();
      media_depth_ = no_media;
    } else if (is_alternative(place) && !hash_value_.empty()) {
      place.check(entry_.add_named_code(hash_name_, hash_value_));
    } else if (place.depth() == 0 && !has_list_) {
      place.fail("neither value nor Media: no VICS");
    }
  }

  void scalar(const json_place &place, const json_scalar &value) override {
    const std::size_t depth = place.depth();
    if (depth == 0) {
      place.fail("no object with value or Media");
    }
    if (media_depth_ == no_media || value.is == json_scalar::type::null || place.is_element(depth - 1)) {
      return;
    }
    const std::string &key = place.key(depth - 1);
    if (depth == media_depth_ + 1) {
      read_field(place, key, value);
    } else if (depth == media_depth_ + 3 && place.is_element(depth - 2)) {
      const std::string &list = place.key(depth - 3);
      if (list == "MediaFiles" && key == "MD5") {
        add_code(place, *describe(LM_HASH_MD5), value);
      } else if (list == "AlternativeHashes") {
        read_alternative(place, key, value);
      }
    }
  }

 private:
  // An object of value[] is taken for Media until a Media[] inside shows that it is a case.
  static bool is_media(const json_place &place) {
    const std::size_t depth = place.depth();
    return depth >= 2 && place.is_element(depth - 1) && !place.is_element(depth - 2) &&
           ((depth == 2 && place.key(0) == "value") || (depth <= 4 && place.key(depth - 2) == "Media"));
  }

  bool is_alternative(const json_place &place) const {
    const std::size_t depth = place.depth();
    return media_depth_ != no_media && depth == media_depth_ + 2 && place.is_element(depth - 1) &&
           place.key(depth - 2) == "AlternativeHashes";
  }

  void read_field(const json_place &place, std::string_view key, const json_scalar &value) {
    if (key == "MediaID") {
      place.check(entry_.set_list_id(value.text));
    } else if (key == "Category") {
      place.check(entry_.set_label(value.text));
    } else if (key == "MD5") {
      add_code(place, *describe(LM_HASH_MD5), value);
    } else if (key == "SHA1") {
      add_code(place, *describe(LM_HASH_SHA1), value);
    } else if (key == "SHA256") {
      add_code(place, *describe(LM_HASH_SHA256), value);
    } else if (key == "PhotoDNA") {
      add_code(place, *describe(LM_HASH_VECTOR8), value);
    } else if (key == "DateUpdated" && !value.text.empty()) {
      const std::optional<std::int64_t> time = read_time(value.text);
      place.check(time ? "" : "no time");
      entry_.set_time(*time);
    }
  }

  void read_alternative(const json_place &place, std::string_view key, const json_scalar &value) {
    if (value.is != json_scalar::type::text) {
      place.fail("not a text");
    }
    if (key == "HashName") {
      hash_name_ = value.text;
    } else if (key == "HashValue") {
      hash_value_ = trim(value.text);
    }
  }

  void add_code(const json_place &place, const hash_description &kind, const json_scalar &value) {
    if (value.is != json_scalar::type::text) {
      place.fail("not a text");
    }
    const std::string_view text = trim(value.text);
    if (!text.empty()) {
      place.check(entry_.add_code(kind, text));
    }
  }

  entry_builder entry_;
  std::size_t media_depth_ = no_media;  // of the object that is read
  std::string hash_name_, hash_value_;  // of the alternative hash that is read
  bool has_list_ = false;
};

}  // namespace

void read_vics(const list_source &source, const std::string &name, record_sink &sink, list_summary &summary) {
  vics_reader reader(sink, summary);
  read_json(source, name, reader);
}

}  // namespace libmatch::detail
