// Small structures as bytes: numbers little-endian, as they lie in memory, and texts after their lengths.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/utf8.h"

namespace libmatch::detail {

class byte_writer {
 public:
  template <typename Integer>
  void put(Integer value) {
    const auto *source = reinterpret_cast<const std::uint8_t *>(&value);
    bytes_.insert(bytes_.end(), source, source + sizeof value);
  }
  void put_text(std::string_view text) {
    put(static_cast<std::uint32_t>(text.size()));
    bytes_.insert(bytes_.end(), text.begin(), text.end());
  }
  std::vector<std::uint8_t> &bytes() noexcept { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
};

// Refuses what is not there: LM_ERROR_FORMAT with `name` and the place.
class byte_reader {
 public:
  byte_reader(std::span<const std::uint8_t> bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {}

  [[noreturn]] void refuse(const char *what) const { fail(LM_ERROR_FORMAT, name_, ": offset ", at_, ": ", what); }
  std::span<const std::uint8_t> take(std::size_t size) {
    if (size > bytes_.size() - at_) {
      refuse("cut short");
    }
    at_ += size;
    return bytes_.subspan(at_ - size, size);
  }
  template <typename Integer>
  Integer take() {
    Integer value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  // A number of things that take at least `least` bytes each: no more than there is room for.
  std::uint32_t take_count(std::size_t least) {
    const auto count = take<std::uint32_t>();
    if (count > (bytes_.size() - at_) / least) {
      refuse("a count is too large for what follows");
    }
    return count;
  }
  std::string_view take_text(std::size_t most) {
    const auto size = take<std::uint32_t>();
    if (size > most) {
      refuse("a text is too long");
    }
    const std::span<const std::uint8_t> bytes = take(size);
    const std::string_view text(reinterpret_cast<const char *>(bytes.data()), bytes.size());
    if (text.find('\0') != std::string_view::npos || !is_utf8(text)) {
      refuse("a text is not UTF-8 without a zero byte");
    }
    return text;
  }
  bool at_end() const noexcept { return at_ == bytes_.size(); }

 private:
  std::span<const std::uint8_t> bytes_;
  std::string name_;
  std::size_t at_ = 0;
};

}  // namespace libmatch::detail
