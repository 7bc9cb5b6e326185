#include <string_view>

#include "lists/entry_builder.h"
#include "lists/exchange_formats.h"
#include "lists/json_reader.h"

namespace libmatch::detail {

namespace {

class stopncii_reader final : public json_consumer {
 public:
  stopncii_reader(record_sink &sink, list_summary &summary) : summary_(summary), entry_(sink, summary) {}

  void begin(const json_place &place, bool is_array) override {
    if (place.depth() == 0 && is_array) {
      place.fail("an array where StopNCII has an object with hashRecords");
    }
    has_records_ = has_records_ || (is_array && place.depth() == 1 && place.key(0) == "hashRecords");
    if (is_record(place)) {
      if (is_array) {
        place.fail("an array where a record is wanted");
      }
      entry_.begin();
      type_.clear();
      hash_.clear();
    }
  }

  void end(const json_place &place, bool is_array) override {
    if (is_record(place)) {
      end_record(place);
    } else if (place.depth() == 0 && !is_array) {
      end_page(place);
    }
  }

  void scalar(const json_place &place, const json_scalar &value) override {
    if (place.depth() == 0 || is_record(place)) {
      place.fail("no object");
    }
    if (place.depth() == 1 && !place.is_element(0)) {
      read_page_field(place.key(0), value);
    } else if (place.depth() == 3 && place.is_element(1) && !place.is_element(0) && place.key(0) == "hashRecords") {
      read_record_field(place, place.key(2), value);
    }
  }

 private:
  static bool is_record(const json_place &place) {
    return place.depth() == 2 && place.is_element(1) && !place.is_element(0) && place.key(0) == "hashRecords";
  }

  void read_page_field(std::string_view key, const json_scalar &value) {
    if (key == "nextSetTimestamp") {
      summary_.checkpoint = value.text;
    } else if (key == "hasMoreRecords") {
      summary_.complete = value.text != "true";
    } else if (key == "count") {
      count_ = value.text;
    }
  }

  void read_record_field(const json_place &place, std::string_view key, const json_scalar &value) {
    if (key == "signalType") {
      type_ = value.text;
    } else if (key == "hashValue") {
      hash_ = trim(value.text);
      place.check(entry_.set_list_id(hash_));
    } else if (key == "hashStatus") {
      place.check(entry_.set_label(value.text));
      entry_.set_withdrawn(equal_without_case(value.text, "withdrawn"));
    } else if (key == "lastModtimestamp" && value.is != json_scalar::type::null) {
      const std::optional<std::int64_t> time = read_time(value.text);
      place.check(time ? "" : "no time");
      entry_.set_time(*time);
    }
  }

  void end_record(const json_place &place) {
    if (type_.empty() || hash_.empty()) {
      place.fail(type_.empty() ? "no signalType" : "no hashValue");
    }
    place.check(entry_.add_named_code(type_, hash_));
    entry_.end();
    ++records_;
  }

  void end_page(const json_place &place) const {
    if (!has_records_) {
      place.fail("no hashRecords: no page of StopNCII");
    }
    if (!count_.empty() && count_ != std::to_string(records_)) {
      place.fail(records_, " records where count says otherwise");
    }
  }

  list_summary &summary_;
  entry_builder entry_;
  std::string type_, hash_;  // of the record that is read
  std::string count_;
  std::uint64_t records_ = 0;
  bool has_records_ = false;
};

}  // namespace

void read_stopncii(const list_source &source, const std::string &name, record_sink &sink, list_summary &summary) {
  stopncii_reader reader(sink, summary);
  read_json(source, name, reader);
}

}  // namespace libmatch::detail
