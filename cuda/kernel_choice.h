// Which kernel answers a range search: one table of architectures and numbers of queries.
#pragma once

#include <cstdint>

namespace libmatch::cuda {

enum class range_kernel : std::uint8_t {
  stream,        // the plane read once for a few queries: bandwidth decides
  prefix,        // the first 96 bits of rows and queries by carry-save adders, survivors compared whole
  words,         // the same on other numbers of bits, for large distances and short codes
  multiply_xor,  // tensor cores, one m16n8k256 a product
  multiply_and,  // tensor cores, by popcount(a) + popcount(b) - 2 popcount(a & b)
  multiply_128   // tensor cores, m8n8k128 twice
};
const char *range_kernel_name(range_kernel kernel) noexcept;

// What a choice depends on.
struct range_shape {
  std::int32_t compute_capability = 0;  // 80 stands for 8.0
  std::uint32_t width_words = 0;        // 32-bit words of a code
  std::uint32_t prefix_words = 0;       // those that the largest limit needs to be selective
  std::uint64_t n_queries = 0;
};

range_kernel choose_range_kernel(const range_shape &shape) noexcept;

// How many leading 32-bit words of a code decide about nearly all random pairs at this distance: one of those that
// the prefix kernel is made for, or the whole of a shorter code.
std::uint32_t prefix_words_for(std::uint32_t max_distance, std::uint32_t width_words) noexcept;

// Queries that the stream takes at once.
inline constexpr std::uint32_t stream_queries_most = 8;
// Words of a code that tensor cores multiply.
inline constexpr std::uint32_t multiplied_words = 8;

}  // namespace libmatch::cuda
