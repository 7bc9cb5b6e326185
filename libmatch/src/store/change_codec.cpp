#include "store/change_codec.h"

#include <cstring>

#include "core/error.h"
#include "core/hashes.h"
#include "core/utf8.h"

namespace libmatch::detail {

namespace {

// First byte of what follows. A list's name holds until the next.
enum class tag : std::uint8_t { list = 1, add = 2, withdraw = 3, attribute = 4 };

// What a withdrawal says.
constexpr unsigned says_list = 1;
constexpr unsigned says_list_id = 2;
constexpr unsigned says_code = 4;
constexpr unsigned says_id = 8;
constexpr unsigned says_whole_list = 16;
constexpr unsigned says_entries_until = 32;
constexpr unsigned says_only_outdated = 64;
constexpr unsigned says_lasting = 128;

const char *fault_of_text(std::string_view text, std::size_t most) {
  if (text.size() > most) {
    return "is too long";
  }
  if (text.find('\0') != std::string_view::npos) {
    return "has a zero byte";
  }
  return is_utf8(text) ? nullptr : "is not UTF-8";
}

const char *fault_of_kind(lm_hash hash, std::uint32_t bits) {
  const hash_description *description = describe(hash);
  if (description == nullptr) {
    return "hash: unknown";
  }
  return has_width(*description, bits) ? nullptr : "bits: the hash has no such width";
}

// LM_HASH_CODE for a number that no hash has.
lm_hash hash_of_number(std::uint8_t number) {
  for (const hash_description &description : all_hashes()) {
    if (static_cast<int>(description.hash) == int{number}) {
      return description.hash;
    }
  }
  return LM_HASH_CODE;
}

// Whether a withdrawal says what it is of that is to come: all that the list calls so, or one code.
bool can_last(const withdrawal &change) {
  return !change.list.empty() && change.time >= 0 && !change.only_outdated && !change.whole_list &&
         change.list_id.empty() == (change.code != nullptr);
}

bool is_time(std::int64_t time) { return time >= -1 && time <= max_entry_time; }

void check_text(const char *name, std::string_view text, std::size_t most = max_text_bytes) {
  if (const char *fault = fault_of_text(text, most)) {
    fail(LM_ERROR_INVALID_ARGUMENT, name, ' ', fault);
  }
}

void check_list(std::string_view name) {
  if (name.empty()) {
    fail(LM_ERROR_INVALID_ARGUMENT, "list has no name");
  }
  check_text("list", name, max_list_name_bytes);
}

void check_code(lm_hash hash, std::uint32_t bits, const std::uint8_t *code) {
  if (const char *fault = fault_of_kind(hash, bits)) {
    fail(LM_ERROR_INVALID_ARGUMENT, fault);
  }
  if (code == nullptr) {
    fail(LM_ERROR_INVALID_ARGUMENT, "code is null");
  }
}

void check_id_and_time(std::int64_t id, std::int64_t time) {
  if (id < -1) {
    fail(LM_ERROR_INVALID_ARGUMENT, "id ", id, " is negative");
  }
  if (!is_time(time)) {
    fail(LM_ERROR_INVALID_ARGUMENT, "time ", time, " is not within -1 to ", max_entry_time);
  }
}

}  // namespace

void change_encoder::put(const void *source, std::size_t size) {
  const auto *bytes = static_cast<const std::uint8_t *>(source);
  bytes_.insert(bytes_.end(), bytes, bytes + size);
}

void change_encoder::put_text(std::string_view text) {
  put_integer(static_cast<std::uint16_t>(text.size()));
  put(text.data(), text.size());
}

void change_encoder::put_list(std::string_view name) {
  if (name == list_) {
    return;
  }
  put_integer(tag::list);
  put_text(name);
  list_ = name;
}

void change_encoder::clear() {
  bytes_.clear();
  list_.clear();
  changes_ = 0;
}

void change_encoder::add(const new_entry &entry) {
  check_code(entry.hash, entry.bits, entry.code);
  check_list(entry.list);
  check_text("list_id", entry.list_id);
  check_text("label", entry.label);
  check_id_and_time(entry.id, entry.time);
  put_list(entry.list);
  put_integer(tag::add);
  put_integer(static_cast<std::uint8_t>(entry.hash));
  put_integer(static_cast<std::uint16_t>(entry.bits));
  put_integer(entry.id);
  put_integer(static_cast<std::uint32_t>(entry.time + 1));
  put_text(entry.list_id);
  put_text(entry.label);
  put(entry.code, entry.bits / 8);
  ++changes_;
}

void change_encoder::withdraw(const withdrawal &change) {
  const bool names_some = !change.list_id.empty() || change.code != nullptr || change.id != -1;
  if (change.list.empty() ? !names_some || change.whole_list : names_some == change.whole_list) {
    fail(LM_ERROR_INVALID_ARGUMENT, "a withdrawal names entries by list_id, code or id, or a whole list");
  }
  if (!change.list.empty()) {
    check_list(change.list);
  }
  check_text("list_id", change.list_id);
  check_text("by", change.by, max_list_name_bytes);
  check_text("reason", change.reason);
  check_id_and_time(change.id, change.time);
  check_id_and_time(change.id, change.entries_until);
  if (change.only_outdated && (change.list.empty() || change.list_id.empty())) {
    fail(LM_ERROR_INVALID_ARGUMENT, "a withdrawal of what is outdated names list and list_id");
  }
  if (change.lasting && !can_last(change)) {
    fail(LM_ERROR_INVALID_ARGUMENT, "a lasting withdrawal names list and time, and either list_id or code");
  }
  if (change.code != nullptr) {
    check_code(change.hash, change.bits, change.code);
  }
  if (!change.list.empty()) {
    put_list(change.list);
  }
  put_integer(tag::withdraw);
  put_integer(static_cast<std::uint8_t>(
      (change.list.empty() ? 0U : says_list) | (change.list_id.empty() ? 0U : says_list_id) |
      (change.code == nullptr ? 0U : says_code) | (change.id == -1 ? 0U : says_id) |
      (change.whole_list ? says_whole_list : 0U) |
      (change.entries_until != max_entry_time ? says_entries_until : 0U) |
      (change.only_outdated ? says_only_outdated : 0U) | (change.lasting ? says_lasting : 0U)));
  put_integer(static_cast<std::uint32_t>(change.time + 1));
  if (change.entries_until != max_entry_time) {
    put_integer(static_cast<std::uint32_t>(change.entries_until + 1));
  }
  put_text(change.list_id);
  put_text(change.by);
  put_text(change.reason);
  put_integer(change.id);
  if (change.code != nullptr) {
    put_integer(static_cast<std::uint8_t>(change.hash));
    put_integer(static_cast<std::uint16_t>(change.bits));
    put(change.code, change.bits / 8);
  }
  ++changes_;
}

void change_encoder::set_attribute(std::string_view list, std::string_view name, std::string_view value) {
  check_text("list", list, max_list_name_bytes);
  if (name.empty()) {
    fail(LM_ERROR_INVALID_ARGUMENT, "the attribute has no name");
  }
  check_text("name", name);
  check_text("value", value);
  put_integer(tag::attribute);
  put_text(list);
  put_text(name);
  put_text(value);
  ++changes_;
}

void change_decoder::refuse(const char *what) const {
  fail(LM_ERROR_FORMAT, name_, ": offset ", offset_ + begin_, ": ", what);
}

const std::uint8_t *change_decoder::take(std::size_t size) {
  if (size > bytes_.size() - at_) {
    refuse("a change is cut short");
  }
  const std::uint8_t *taken = bytes_.data() + at_;
  at_ += size;
  return taken;
}

template <typename Integer>
Integer change_decoder::take_integer() {
  Integer value;
  std::memcpy(&value, take(sizeof value), sizeof value);
  return value;
}

std::string_view change_decoder::take_text() {
  const std::size_t size = take_integer<std::uint16_t>();
  const std::string_view text(reinterpret_cast<const char *>(take(size)), size);
  if (fault_of_text(text, max_text_bytes) != nullptr) {
    refuse("a text is not UTF-8 without a zero byte");
  }
  return text;
}

void change_decoder::take_kind(lm_hash &hash, std::uint32_t &bits) {
  const auto number = take_integer<std::uint8_t>();
  hash = hash_of_number(number);
  bits = take_integer<std::uint16_t>();
  if (static_cast<int>(hash) != int{number} || fault_of_kind(hash, bits) != nullptr) {
    refuse("a code is of no possible kind");
  }
}

void change_decoder::read_entry() {
  entry_ = {};
  entry_.list = list_;
  take_kind(entry_.hash, entry_.bits);
  entry_.id = take_integer<std::int64_t>();
  entry_.time = std::int64_t{take_integer<std::uint32_t>()} - 1;
  entry_.list_id = take_text();
  entry_.label = take_text();
  if (list_.empty() || entry_.id < -1) {
    refuse("an entry has no list or no possible id");
  }
  entry_.code = take(entry_.bits / 8);
}

void change_decoder::read_withdrawal() {
  withdrawal_ = {};
  const auto said = take_integer<std::uint8_t>();
  withdrawal_.time = std::int64_t{take_integer<std::uint32_t>()} - 1;
  if ((said & says_entries_until) != 0) {
    withdrawal_.entries_until = std::int64_t{take_integer<std::uint32_t>()} - 1;
  }
  withdrawal_.only_outdated = (said & says_only_outdated) != 0;
  withdrawal_.lasting = (said & says_lasting) != 0;
  withdrawal_.list_id = take_text();
  withdrawal_.by = take_text();
  withdrawal_.reason = take_text();
  withdrawal_.id = take_integer<std::int64_t>();
  withdrawal_.whole_list = (said & says_whole_list) != 0;
  if ((said & says_list) != 0) {
    withdrawal_.list = list_;
  }
  if ((said & says_code) != 0) {
    take_kind(withdrawal_.hash, withdrawal_.bits);
    withdrawal_.code = take(withdrawal_.bits / 8);
  }
  const bool names_some = (said & (says_list_id | says_code | says_id)) != 0;
  const bool holds = ((said & says_list) != 0) == !withdrawal_.list.empty() &&
                     ((said & says_list_id) != 0) == !withdrawal_.list_id.empty() &&
                     ((said & says_id) != 0) == (withdrawal_.id >= 0) && withdrawal_.id >= -1 &&
                     names_some != withdrawal_.whole_list && (!withdrawal_.whole_list || !withdrawal_.list.empty()) &&
                     (!withdrawal_.only_outdated || (!withdrawal_.list.empty() && !withdrawal_.list_id.empty())) &&
                     (!withdrawal_.lasting || can_last(withdrawal_));
  if (!holds) {
    refuse("a withdrawal does not say what it is of");
  }
}

change_decoder::kind change_decoder::next() {
  for (;;) {
    begin_ = at_;
    if (at_ == bytes_.size()) {
      return kind::end;
    }
    switch (take_integer<tag>()) {
      case tag::list:
        list_ = take_text();
        if (list_.empty() || list_.size() > max_list_name_bytes) {
          refuse("a list has no possible name");
        }
        break;
      case tag::add:
        read_entry();
        return kind::add;
      case tag::withdraw:
        read_withdrawal();
        return kind::withdraw;
      case tag::attribute:
        attribute_.list = take_text();
        attribute_.name = take_text();
        attribute_.value = take_text();
        if (attribute_.list.size() > max_list_name_bytes || attribute_.name.empty()) {
          refuse("an attribute has no possible name");
        }
        return kind::attribute;
      default:
        refuse("an unknown change");
    }
  }
}

}  // namespace libmatch::detail
