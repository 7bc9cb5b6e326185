// Sums for borders on every instruction set against luma() pixel by pixel; rows in groups of any size.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "hash/border_statistics.h"
#include "hash/pdq_steps.h"
#include "support/pdq_versions.h"
#include "support/pixels.h"

namespace libmatch::test {

namespace {

// The library's luma, which is compiled without fused multiply-add.
std::uint64_t whole_luma(const detail::luma_plane &plane, std::size_t x, std::size_t y) {
  return static_cast<std::uint64_t>(plane.values[y * plane.width + x]);
}

void add(std::uint64_t value, detail::luma_sums &sums) {
  ++sums.count;
  sums.sum += value;
  sums.squares += value * value;
}

// The eighths of a side that lie wholly between `begin` and `end`; in a row, the first half of each.
bool is_counted(std::size_t i, std::size_t length, std::size_t begin, std::size_t end, bool in_row) {
  for (std::size_t part = 0; part < 8; ++part) {
    const std::size_t first = part * length / 8;
    const std::size_t last = (part + 1) * length / 8;
    if (first <= i && i < last) {
      const bool is_summed = !in_row || (i - first) / 16 * 16 < (last - first) / 2;
      return is_summed && begin <= first && last <= end;
    }
  }
  return false;
}

void expect_equal(const detail::luma_sums &result, const detail::luma_sums &expected) {
  EXPECT_EQ(result.count, expected.count);
  EXPECT_EQ(result.sum, expected.sum);
  EXPECT_EQ(result.squares, expected.squares);
}

class BorderConformance : public testing::TestWithParam<pdq_version> {
 protected:
  void SetUp() override { LIBMATCH_SKIP_IF_IT_CANNOT_RUN(GetParam()); }
};

TEST_P(BorderConformance, SumsAreThoseOfThePixels) {
  number_sequence numbers(3);
  const std::pair<std::uint32_t, std::uint32_t> sizes[] = {{32, 33}, {47, 300}, {333, 64}, {1000, 1100}, {530, 35}};
  for (const auto &[width, height] : sizes) {
    for (const lm_pixel_format format : {LM_PIXEL_GRAY8, LM_PIXEL_RGB8, LM_PIXEL_RGBA8}) {
      const pixels image = noise(width, width, height, format, 3);
      const detail::luma_plane plane = detail::luma_of(image.view());
      detail::border_statistics statistics({width, height, format}, GetParam().set);
      for (std::size_t y = 0; y < height;) {
        const std::size_t count = std::min<std::size_t>(1 + numbers.next() % 40, height - y);
        statistics.rows(image.at(0, y), count, image.stride_bytes());
        y += count;
      }
      for (const auto &[from, to] : {std::pair{0.0, 1.0}, {0.1, 0.97}, {0.5, 0.9}}) {
        const auto left = static_cast<std::size_t>(from * width);
        const auto right = static_cast<std::size_t>(to * width);
        const auto top = static_cast<std::size_t>(from * height);
        const auto bottom = static_cast<std::size_t>(to * height);
        for (const std::size_t y : {std::size_t{0}, height / 2UL, height - 1UL}) {
          detail::luma_sums expected;
          for (std::size_t x = 0; x < width; ++x) {
            if (is_counted(x, width, left, right, true)) {
              add(whole_luma(plane, x, y), expected);
            }
          }
          expect_equal(statistics.of_row(y, left, right), expected);
        }
        for (const std::size_t x : {std::size_t{0}, width / 3UL, width - 1UL}) {
          detail::luma_sums expected;
          for (std::size_t y = 0; y < height; y += std::max(height / 128UL, 1UL)) {
            if (is_counted(y, height, top, bottom, false)) {
              add(whole_luma(plane, x, y), expected);
            }
          }
          expect_equal(statistics.of_column(x, top, bottom), expected);
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Fast, BorderConformance, testing::ValuesIn(pdq_fast_versions),
                         testing::PrintToStringParamName());

}  // namespace

}  // namespace libmatch::test
