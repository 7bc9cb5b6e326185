#include "lists/entry_builder.h"

#include <algorithm>

namespace libmatch::detail {

namespace {

std::string set_text(std::string &place, std::string_view text) {
  std::string problem = label_problem(text);
  if (problem.empty()) {
    place = text;
  }
  return problem;
}

}  // namespace

void entry_builder::begin() {
  label_.clear();
  list_id_.clear();
  time_ = -1;
  withdrawn_ = false;
  kinds_.clear();
  bytes_.clear();
}

std::string entry_builder::set_label(std::string_view label) { return set_text(label_, label); }

std::string entry_builder::set_list_id(std::string_view list_id) { return set_text(list_id_, list_id); }

std::string entry_builder::add_code(const hash_description &kind, std::string_view text) {
  std::string reason = read_code(text, kind, code_);
  if (reason.empty()) {
    add_code(kind, code_.data(), code_.size());
  }
  return reason;
}

void entry_builder::add_code(const hash_description &kind, const std::uint8_t *bytes, std::size_t size) {
  if (is_degenerate(kind, bytes, size)) {
    ++summary_.degenerate;
    return;
  }
  const auto repeats = [&](const held_code &held) {
    return held.kind == &kind && held.size == size && std::equal(bytes, bytes + size, bytes_.data() + held.begin);
  };
  if (std::any_of(kinds_.begin(), kinds_.end(), repeats)) {
    return;
  }
  kinds_.push_back({&kind, bytes_.size(), size});
  bytes_.insert(bytes_.end(), bytes, bytes + size);
}

std::string entry_builder::add_named_code(std::string_view name, std::string_view text) {
  const hash_description *kind = kind_of_name(name);
  if (kind == nullptr) {
    leave_out(name);
    return {};
  }
  return add_code(*kind, text);
}

void entry_builder::leave_out(std::string_view name) {
  // A hostile list could give every item a name of its own.
  constexpr std::size_t names_max = 100;
  const std::string shown = printable(name);
  const auto found = summary_.left_out.find(shown);
  if (found != summary_.left_out.end()) {
    ++found->second;
  } else {
    ++summary_.left_out[summary_.left_out.size() < names_max ? shown : "others"];
  }
}

void entry_builder::end() {
  list_record record;
  record.list_id = list_id_;
  record.label = label_;
  record.time = time_;
  record.withdrawn = withdrawn_;
  for (const held_code &held : kinds_) {
    record.hash = held.kind->hash;
    record.bits = static_cast<std::uint32_t>(held.size * 8);
    record.code = bytes_.data() + held.begin;
    sink_.add(record);
  }
  const bool names_its_entry_only = withdrawn_ && kinds_.empty() && !list_id_.empty();
  if (names_its_entry_only) {
    sink_.add(record);
  }
  const std::uint64_t added = names_its_entry_only ? 1 : kinds_.size();
  summary_.records += added;
  summary_.withdrawals += withdrawn_ ? added : 0;
}

}  // namespace libmatch::detail
