#include <string_view>

#include "lists/entry_builder.h"
#include "lists/exchange_formats.h"
#include "lists/json_reader.h"

namespace libmatch::detail {

namespace {

class tech_against_terrorism_reader final : public json_consumer {
 public:
  tech_against_terrorism_reader(record_sink &sink, list_summary &summary)
      : summary_(summary), entry_(sink, summary) {}

  void begin(const json_place &place, bool is_array) override {
    has_results_ = has_results_ || (is_array && is_results(place));
    if (is_result(place)) {
      if (is_array) {
        place.fail("an array where an entry is wanted");
      }
      entry_.begin();
      algorithm_.clear();
      digest_.clear();
    }
  }

  void end(const json_place &place, bool) override {
    if (is_result(place)) {
      if (algorithm_.empty() || digest_.empty()) {
        place.fail(algorithm_.empty() ? "no algorithm" : "no hash_digest");
      }
      place.check(entry_.add_named_code(algorithm_, digest_));
      entry_.end();
    } else if (place.depth() == 0 && !has_results_) {
      place.fail("neither results nor an array of entries");
    }
  }

  void scalar(const json_place &place, const json_scalar &value) override {
    const std::size_t depth = place.depth();
    if (depth == 0 || is_result(place)) {
      place.fail("no object");
    }
    if (depth == 1 && place.key(0) == "checkpoint") {
      summary_.checkpoint = value.text;
    } else if (depth == 1 && place.key(0) == "next") {
      summary_.complete = value.is == json_scalar::type::null || value.text.empty();
    } else if ((depth == 2 && place.is_element(0)) || (depth == 3 && place.is_element(1))) {
      if (!place.is_element(depth - 1) && value.is != json_scalar::type::null) {
        read_field(place, place.key(depth - 1), value.text);
      }
    }
  }

 private:
  static bool is_results(const json_place &place) {
    return place.depth() == 0 || (place.depth() == 1 && !place.is_element(0) && place.key(0) == "results");
  }
  static bool is_result(const json_place &place) {
    return (place.depth() == 1 && place.is_element(0)) ||
           (place.depth() == 2 && place.is_element(1) && !place.is_element(0) && place.key(0) == "results");
  }

  void read_field(const json_place &place, std::string_view key, std::string_view text) {
    if (key == "hash_digest") {
      digest_ = trim(text);
    } else if (key == "algorithm") {
      algorithm_ = text;
    } else if (key == "ideology") {
      place.check(entry_.set_label(text));
    } else if (key == "id") {
      place.check(entry_.set_list_id(text));
    } else if (key == "deleted") {
      entry_.set_withdrawn(text == "1" || equal_without_case(text, "true"));
    } else if (key == "updated_on") {
      const std::optional<std::int64_t> time = read_time(text);
      place.check(time ? "" : "no time");
      entry_.set_time(*time);
    }
  }

  list_summary &summary_;
  entry_builder entry_;
  std::string algorithm_, digest_;  // of the entry that is read
  bool has_results_ = false;
};

}  // namespace

void read_tech_against_terrorism(const list_source &source, const std::string &name, record_sink &sink,
                                 list_summary &summary) {
  tech_against_terrorism_reader reader(sink, summary);
  read_json(source, name, reader);
}

}  // namespace libmatch::detail
