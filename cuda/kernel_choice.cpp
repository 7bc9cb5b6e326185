#include "kernel_choice.h"

#include <array>

#include "search/prefix.h"

namespace libmatch::cuda {

namespace {

// Of an architecture from `capability` on, with at least so many queries.
struct choice {
  std::int32_t capability;
  std::uint64_t n_queries;
  range_kernel kernel;
};

// The first line that fits is taken. Those of 9.0 are measured (docs/performance.md): there products are faster from
// 21 queries on, and from 9 on where the adders cannot run. Elsewhere computed: a warp multiplies 32 queries at once,
// so a half of that must be there before it beats the adders where it is 8 times as fast (8.0), all where it is 4
// times (7.5). From 10.0 on the products are emulated and slower than the adders.
constexpr std::array choices{
    choice{100, stream_queries_most + 1, range_kernel::prefix},
    choice{90, 21, range_kernel::multiply_and},
    choice{80, 17, range_kernel::multiply_xor},
    choice{75, 33, range_kernel::multiply_128},
    choice{75, stream_queries_most + 1, range_kernel::prefix},
    choice{90, stream_queries_most + 1, range_kernel::multiply_and},
    choice{75, 0, range_kernel::stream},
};

// Words that there are kernels for, three of them in the plane; 64-bit codes have no more than 2 words.
constexpr std::uint32_t plane_words_most = 3;
constexpr std::array<std::uint32_t, 5> prefix_widths{2, 3, 4, 6, 8};

bool can_run(range_kernel kernel, const range_shape &shape) noexcept {
  switch (kernel) {
    case range_kernel::stream:
    case range_kernel::prefix:
      return shape.prefix_words == plane_words_most;
    case range_kernel::words:
      return true;
    case range_kernel::multiply_xor:
      return shape.width_words == multiplied_words && shape.compute_capability < 90;
    case range_kernel::multiply_and:
      return shape.width_words == multiplied_words && shape.compute_capability < 100;
    case range_kernel::multiply_128:
      return shape.width_words == multiplied_words && shape.compute_capability < 80;
  }
  return false;
}

}  // namespace

const char *range_kernel_name(range_kernel kernel) noexcept {
  switch (kernel) {
    case range_kernel::stream:
      return "stream";
    case range_kernel::prefix:
      return "prefix";
    case range_kernel::words:
      return "words";
    case range_kernel::multiply_xor:
      return "multiply_xor";
    case range_kernel::multiply_and:
      return "multiply_and";
    case range_kernel::multiply_128:
      return "multiply_128";
  }
  return "unknown";
}

range_kernel choose_range_kernel(const range_shape &shape) noexcept {
  for (const choice &line : choices) {
    if (shape.compute_capability >= line.capability && shape.n_queries >= line.n_queries &&
        can_run(line.kernel, shape)) {
      return line.kernel;
    }
  }
  return range_kernel::words;
}

std::uint32_t prefix_words_for(std::uint32_t max_distance, std::uint32_t width_words) noexcept {
  const std::uint32_t bits = detail::selective_planes(max_distance, width_words / 2);
  for (const std::uint32_t width : prefix_widths) {
    if (width * 32 >= bits || width >= width_words) {
      return width;
    }
  }
  return prefix_widths.back();
}

}  // namespace libmatch::cuda
