// Changes as bytes: what a transaction gathers, what the log holds, and what is applied to a state.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/changes.h"

namespace libmatch::detail {

// Appends changes to bytes, after checking them. LM_ERROR_INVALID_ARGUMENT.
class change_encoder {
 public:
  void add(const new_entry &entry);
  // change.time is set.
  void withdraw(const withdrawal &change);
  void set_attribute(std::string_view list, std::string_view name, std::string_view value);

  const std::vector<std::uint8_t> &bytes() const noexcept { return bytes_; }
  std::uint64_t changes() const noexcept { return changes_; }
  void clear();

 private:
  void put(const void *source, std::size_t size);
  template <typename Integer>
  void put_integer(Integer value) {
    put(&value, sizeof value);
  }
  void put_text(std::string_view text);
  // The list that the next change is of.
  void put_list(std::string_view name);

  std::vector<std::uint8_t> bytes_;
  std::string list_;  // of the change before; "" for none yet
  std::uint64_t changes_ = 0;
};

struct attribute_change {
  std::string_view list;
  std::string_view name;
  std::string_view value;
};

// Takes changes apart again. Texts and codes are borrowed from the bytes. LM_ERROR_FORMAT for whatever change_encoder
// does not write; `name` and `offset`, of the bytes in a file, stand in the message.
class change_decoder {
 public:
  enum class kind : std::uint8_t { end, add, withdraw, attribute };

  change_decoder(std::span<const std::uint8_t> bytes, std::string name, std::uint64_t offset)
      : bytes_(bytes), name_(std::move(name)), offset_(offset) {}

  kind next();
  // Of the change that next() has found.
  const new_entry &entry() const noexcept { return entry_; }
  const withdrawal &taken_back() const noexcept { return withdrawal_; }
  const attribute_change &attribute() const noexcept { return attribute_; }

 private:
  [[noreturn]] void refuse(const char *what) const;
  const std::uint8_t *take(std::size_t size);
  template <typename Integer>
  Integer take_integer();
  std::string_view take_text();
  void take_kind(lm_hash &hash, std::uint32_t &bits);
  void read_entry();
  void read_withdrawal();

  std::span<const std::uint8_t> bytes_;
  std::string name_;
  std::uint64_t offset_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;  // of the change at hand
  std::string_view list_;
  new_entry entry_;
  withdrawal withdrawal_;
  attribute_change attribute_;
};

}  // namespace libmatch::detail
