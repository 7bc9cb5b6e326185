// 128 bits that tell damaged bytes from whole ones: XXH3-128. Whoever can change the bytes can recompute them: this
// finds accidents, not forgeries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace libmatch::detail {

struct checksum {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  friend bool operator==(const checksum &a, const checksum &b) noexcept { return a.low == b.low && a.high == b.high; }
};

// The checksum of bytes that lie in one piece.
checksum checksum_of(const void *data, std::size_t size) noexcept;

// XXH3-64: for tables in which equal hashes are compared in full, and as a file's means of finding damage.
std::uint64_t hash_of_bytes(const void *data, std::size_t size, std::uint64_t seed) noexcept;

// The checksum of bytes that come in pieces; how they are cut makes no difference.
class checksum_stream {
 public:
  checksum_stream();
  ~checksum_stream();
  checksum_stream(const checksum_stream &) = delete;
  checksum_stream &operator=(const checksum_stream &) = delete;

  void update(const void *data, std::size_t size);
  checksum value() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace libmatch::detail
