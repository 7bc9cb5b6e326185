// From what a list says of an item to records: shared by the readers of all formats.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lists/record.h"
#include "lists/values.h"

namespace libmatch::detail {

// An item is what a list says one thing about: an image of several hashes, say. Its fields come in any order, so its
// codes are kept until end().
class entry_builder {
 public:
  entry_builder(record_sink &sink, list_summary &summary) : sink_(sink), summary_(summary) {}

  // Forgets the item before.
  void begin();

  // Of the item: copied. set_label and set_list_id return "" or why not: "not UTF-8", "holds a zero byte".
  std::string set_label(std::string_view label);
  std::string set_list_id(std::string_view list_id);
  void set_time(std::int64_t seconds) noexcept { time_ = seconds; }
  void set_withdrawn(bool withdrawn) noexcept { withdrawn_ = withdrawn; }
  const std::string &label() const noexcept { return label_; }
  const std::string &list_id() const noexcept { return list_id_; }

  // A code of the item; a repetition counts once. Returns "" or why not.
  std::string add_code(const hash_description &kind, std::string_view text);
  void add_code(const hash_description &kind, const std::uint8_t *bytes, std::size_t size);
  // A code under a name that may be of no kind: then it is counted as left out.
  std::string add_named_code(std::string_view name, std::string_view text);
  void leave_out(std::string_view name);
  bool has_codes() const noexcept { return !kinds_.empty(); }

  // Hands the item on: a record a code, or one without a code where it is withdrawn and has none.
  void end();

 private:
  record_sink &sink_;
  list_summary &summary_;
  std::string label_;
  std::string list_id_;
  std::int64_t time_ = -1;
  bool withdrawn_ = false;
  struct held_code {
    const hash_description *kind;
    std::size_t begin, size;  // in bytes_
  };
  std::vector<held_code> kinds_;
  std::vector<std::uint8_t> bytes_;
  std::vector<std::uint8_t> code_;
};

}  // namespace libmatch::detail
