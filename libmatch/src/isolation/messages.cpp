#include "isolation/messages.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <type_traits>

namespace libmatch::detail {

namespace {

constexpr std::size_t max_reason_size_bytes = 500;
constexpr std::uint8_t max_quality = 100;

class byte_writer {
 public:
  template <typename Value>
  void put(const Value &value) {
    static_assert(std::is_trivially_copyable_v<Value>);
    const auto *begin = reinterpret_cast<const std::uint8_t *>(&value);
    bytes_.insert(bytes_.end(), begin, begin + sizeof(value));
  }
  void put_text(const std::string &text) {
    put(static_cast<std::uint32_t>(text.size()));
    bytes_.insert(bytes_.end(), text.begin(), text.end());
  }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

// Once more is asked for than there is, everything that it gives is zero and complete() is false.
class byte_reader {
 public:
  explicit byte_reader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  template <typename Value>
  Value get() {
    static_assert(std::is_trivially_copyable_v<Value>);
    Value value{};
    if (const std::span<const std::uint8_t> from = next(sizeof(value)); !from.empty()) {
      std::memcpy(&value, from.data(), sizeof(value));
    }
    return value;
  }
  std::string get_text(std::size_t max_size_bytes) {
    const auto size = get<std::uint32_t>();
    if (size > max_size_bytes) {
      failed_ = true;
      return {};
    }
    const std::span<const std::uint8_t> from = next(size);
    return {from.begin(), from.end()};
  }
  // All was there, and nothing is left over.
  bool complete() const noexcept { return !failed_ && bytes_.empty(); }

 private:
  std::span<const std::uint8_t> next(std::size_t size) {
    failed_ = failed_ || size > bytes_.size();
    if (failed_) {
      return {};
    }
    const std::span<const std::uint8_t> from = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return from;
  }

  std::span<const std::uint8_t> bytes_;
  bool failed_ = false;
};

bool is_printable(char letter) { return letter >= ' ' && letter <= '~'; }

// What a worker may say of a file: it reads none by its path, and does not judge itself.
bool can_come_from_worker(lm_scan scan) { return scan >= LM_SCAN_OK && scan <= LM_SCAN_LIMIT; }

}  // namespace

std::vector<std::uint8_t> write_reply(const scan_result &result) {
  std::string reason = result.reason.substr(0, max_reason_size_bytes);
  std::replace_if(
      reason.begin(), reason.end(), [](char letter) { return !is_printable(letter); }, '?');
  byte_writer writer;
  writer.put(result.scan);
  writer.put_text(reason);
  writer.put(result.pdq.quality);
  writer.put(result.pdq.codes);
  return writer.take();
}

bool read_reply(std::span<const std::uint8_t> bytes, scan_result &result) {
  byte_reader reader(bytes);
  result.scan = reader.get<lm_scan>();
  result.reason = reader.get_text(max_reason_size_bytes);
  result.pdq.quality = reader.get<std::uint8_t>();
  result.pdq.codes = reader.get<decltype(result.pdq.codes)>();
  return reader.complete() && can_come_from_worker(result.scan) && result.pdq.quality <= max_quality &&
         (result.scan == LM_SCAN_OK) == result.reason.empty() &&
         std::all_of(result.reason.begin(), result.reason.end(), is_printable);
}

}  // namespace libmatch::detail
