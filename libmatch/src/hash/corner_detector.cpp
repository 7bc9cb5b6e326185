#include "hash/corner_detector.h"

#include <algorithm>
#include <cstring>

namespace libmatch::detail {

namespace {

// Of 16 differences on the circle, those of the first 9 repeated: the largest of the smallest of every 9 neighbours,
// and at least 0. Two runs that share 8 of their 9 are looked at together.
int best_run(const std::array<int, 25> &differences) {
  int best = 0;
  for (std::size_t first = 0; first < 16; first += 2) {
    const int *run = differences.data() + first;
    int shared = std::min({run[1], run[2], run[3]});
    if (shared > best) {
      shared = std::min({shared, run[4], run[5], run[6], run[7], run[8]});
      best = std::max({best, std::min(shared, run[0]), std::min(shared, run[9])});
    }
  }
  return best;
}

// Marks the pixels of a row that may be corners: a run of 9 covers two neighbours of the four that are a quarter
// apart. Byte by byte without branches, so that compilers take many at once.
void mark_candidates(const std::uint8_t *pixel, std::ptrdiff_t stride, std::size_t n, std::uint8_t *marks) {
  const std::uint8_t *top = pixel - 3 * stride;
  const std::uint8_t *right = pixel + 3;
  const std::uint8_t *bottom = pixel + 3 * stride;
  const std::uint8_t *left = pixel - 3;
  constexpr auto most = static_cast<std::uint8_t>(255 - corner_threshold);
  for (std::size_t x = 0; x < n; ++x) {
    // How far each lies beyond the threshold; both of two do where the smaller is not 0.
    const auto upper = static_cast<std::uint8_t>(std::min(pixel[x], most) + corner_threshold);
    const auto lower =
        static_cast<std::uint8_t>(std::max(pixel[x], static_cast<std::uint8_t>(corner_threshold)) - corner_threshold);
    const auto above = [upper](std::uint8_t value) {
      return static_cast<std::uint8_t>(std::max(value, upper) - upper);
    };
    const auto below = [lower](std::uint8_t value) {
      return static_cast<std::uint8_t>(lower - std::min(value, lower));
    };
    const auto up_down_bright = static_cast<std::uint8_t>(above(top[x]) | above(bottom[x]));
    const auto sides_bright = static_cast<std::uint8_t>(above(right[x]) | above(left[x]));
    const auto up_down_dark = static_cast<std::uint8_t>(below(top[x]) | below(bottom[x]));
    const auto sides_dark = static_cast<std::uint8_t>(below(right[x]) | below(left[x]));
    marks[x] = static_cast<std::uint8_t>(std::min(up_down_bright, sides_bright) | std::min(up_down_dark, sides_dark));
  }
}

bool none_of_8(const std::uint8_t *marks) {
  std::uint64_t eight = 0;
  std::memcpy(&eight, marks, sizeof(eight));
  return eight == 0;
}

// Whether 9 neighbours on the circle are marked, the lowest 16 bits being the circle.
constexpr bool has_run_of_9(std::uint32_t circle) {
  const std::uint32_t twice = circle | circle << 16;
  const std::uint32_t two = twice & twice >> 1;
  const std::uint32_t four = two & two >> 2;
  const std::uint32_t nine = four & four >> 4 & twice >> 8;
  return (nine & 0xFFFF) != 0;
}

// Differences between the circle and the middle, darker ones negated: sign 1 for the brighter run, -1 for the darker.
int score_of_sign(const std::array<int, 16> &circle, int middle, int sign) {
  std::array<int, 25> differences{};
  for (std::size_t i = 0; i < differences.size(); ++i) {
    differences[i] = sign * (circle[i % 16] - middle);
  }
  return best_run(differences);
}

std::array<int, 16> circle_around(const std::uint8_t *pixel, std::ptrdiff_t stride) {
  std::array<int, 16> circle{};
  for (std::size_t i = 0; i < circle.size(); ++i) {
    circle[i] = pixel[corner_circle[i].x + corner_circle[i].y * stride];
  }
  return circle;
}

// corner_score where it is above the threshold, else 0: bits tell which of the two runs there can be, if any.
std::uint8_t score_above_threshold(const std::uint8_t *pixel, std::ptrdiff_t stride) {
  const std::array<int, 16> circle = circle_around(pixel, stride);
  const int middle = *pixel;
  std::uint32_t bright = 0;
  std::uint32_t dark = 0;
  for (std::size_t i = 0; i < circle.size(); ++i) {
    bright |= (circle[i] > middle + static_cast<int>(corner_threshold) ? 1U : 0U) << i;
    dark |= (circle[i] < middle - static_cast<int>(corner_threshold) ? 1U : 0U) << i;
  }
  int score = 0;
  if (has_run_of_9(bright)) {  // 9 of 16 leave no room for another 9
    score = score_of_sign(circle, middle, 1);
  } else if (has_run_of_9(dark)) {
    score = score_of_sign(circle, middle, -1);
  }
  return static_cast<std::uint8_t>(score);
}

}  // namespace

std::uint8_t corner_score(const std::uint8_t *pixel, std::ptrdiff_t stride) {
  const std::array<int, 16> circle = circle_around(pixel, stride);
  return static_cast<std::uint8_t>(std::max(score_of_sign(circle, *pixel, 1), score_of_sign(circle, *pixel, -1)));
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
      if (x + 8 <= width && none_of_8(marks.data() + x)) {
        x += 7;
      } else if (marks[x] != 0) {
        row[x] = score_above_threshold(pixel + x, plane.width);
        if (row[x] != 0) {
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
