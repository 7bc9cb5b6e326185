#include "hash/corner_detector.h"

#include <algorithm>

namespace libmatch::detail {

namespace {

// The longest run of 9: the smallest difference of each run, of which the largest counts. `differences` are repeated
// after 16 so that runs need not wrap.
std::uint8_t best_run(const std::array<std::uint8_t, 32> &differences) {
  std::array<std::uint8_t, 32> two{};
  std::array<std::uint8_t, 32> four{};
  std::array<std::uint8_t, 16> nine{};
  for (std::size_t i = 0; i < 24; ++i) {
    two[i] = std::min(differences[i], differences[i + 1]);
  }
  for (std::size_t i = 0; i < 22; ++i) {
    four[i] = std::min(two[i], two[i + 2]);
  }
  for (std::size_t i = 0; i < 16; ++i) {
    nine[i] = std::min(std::min(four[i], four[i + 4]), differences[i + 8]);
  }
  return *std::max_element(nine.begin(), nine.end());
}

// Marks the pixels of a row that may be corners: a run of 9 covers two neighbours of the four that are a quarter
// apart. Byte by byte without branches, so that compilers take many at once.
void mark_candidates(const std::uint8_t *pixel, std::ptrdiff_t stride, std::size_t n, std::uint8_t *marks) {
  const std::uint8_t *top = pixel - 3 * stride;
  const std::uint8_t *right = pixel + 3;
  const std::uint8_t *bottom = pixel + 3 * stride;
  const std::uint8_t *left = pixel - 3;
  const auto differs = [](std::uint8_t a, std::uint8_t b) {
    return static_cast<std::uint8_t>(std::max(a, b) - b > static_cast<int>(corner_threshold) ? 255 : 0);
  };
  for (std::size_t x = 0; x < n; ++x) {
    const std::uint8_t middle = pixel[x];
    const auto up_down_bright = static_cast<std::uint8_t>(differs(top[x], middle) | differs(bottom[x], middle));
    const auto sides_bright = static_cast<std::uint8_t>(differs(right[x], middle) | differs(left[x], middle));
    const auto up_down_dark = static_cast<std::uint8_t>(differs(middle, top[x]) | differs(middle, bottom[x]));
    const auto sides_dark = static_cast<std::uint8_t>(differs(middle, right[x]) | differs(middle, left[x]));
    marks[x] = static_cast<std::uint8_t>((up_down_bright & sides_bright) | (up_down_dark & sides_dark));
  }
}

}  // namespace

std::uint8_t corner_score(const std::uint8_t *pixel, std::ptrdiff_t stride) {
  std::array<std::uint8_t, 32> brighter{};
  std::array<std::uint8_t, 32> darker{};
  const std::uint8_t middle = *pixel;
  for (std::size_t i = 0; i < 16; ++i) {
    const std::uint8_t value = pixel[corner_circle[i].x + corner_circle[i].y * stride];
    brighter[i] = brighter[i + 16] = static_cast<std::uint8_t>(std::max(value, middle) - middle);
    darker[i] = darker[i + 16] = static_cast<std::uint8_t>(std::max(value, middle) - value);
  }
  return std::max(best_run(brighter), best_run(darker));
}

std::vector<corner> corners_of(const gray_plane &plane, std::uint32_t margin) {
  std::vector<corner> result;
  if (plane.width <= 2 * margin || plane.height <= 2 * margin) {
    return result;
  }
  // Scores of three rows, one pixel further out than corners may lie.
  const std::size_t width = plane.width - 2 * margin + 2;
  const std::size_t height = plane.height - 2 * margin + 2;
  std::array<std::vector<std::uint8_t>, 3> scores;
  std::array<std::vector<std::uint32_t>, 3> places;
  std::vector<std::uint8_t> marks(width);
  for (std::vector<std::uint8_t> &row : scores) {
    row.resize(width);
  }
  for (std::size_t y = 0; y < height; ++y) {
    std::vector<std::uint8_t> &row = scores[y % 3];
    std::vector<std::uint32_t> &here = places[y % 3];
    std::fill(row.begin(), row.end(), 0);
    here.clear();
    const std::uint8_t *pixel = plane.row(y + margin - 1) + margin - 1;
    mark_candidates(pixel, plane.width, width, marks.data());
    for (std::uint32_t x = 0; x < width; ++x) {
      if (marks[x] != 0) {
        const std::uint8_t score = corner_score(pixel + x, plane.width);
        if (score > corner_threshold) {
          row[x] = score;
          here.push_back(x);
        }
      }
    }
    if (y < 2) {
      continue;
    }
    const std::uint8_t *above = scores[(y - 2) % 3].data();
    const std::uint8_t *middle = scores[(y - 1) % 3].data();
    for (const std::uint32_t x : places[(y - 1) % 3]) {
      if (x == 0 || x + 1 == width) {
        continue;
      }
      const std::uint8_t score = middle[x];
      const bool before = score > std::max({above[x - 1], above[x], above[x + 1], middle[x - 1]});
      const bool after = score >= std::max({row[x - 1], row[x], row[x + 1], middle[x + 1]});
      if (before && after) {
        result.push_back(
            {static_cast<std::uint16_t>(x + margin - 1), static_cast<std::uint16_t>(y - 1 + margin - 1), score});
      }
    }
  }
  return result;
}

}  // namespace libmatch::detail
