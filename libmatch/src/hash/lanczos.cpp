#include "hash/lanczos.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "core/error.h"
#include "hash/luma.h"

namespace libmatch::detail {

namespace {

constexpr int weight_bits = 22;  // Pillow's fixed point: 32 bits less the 8 of a pixel and 2 to spare
constexpr double support = 3;    // zero crossings on each side

double sinc(double x) noexcept {
  if (x == 0) {
    return 1;
  }
  const double angle = x * std::numbers::pi;
  return sine(angle) / angle;
}

double lanczos(double x) noexcept { return x >= -support && x < support ? sinc(x) * sinc(x / support) : 0; }

std::int32_t fixed_point(double weight) noexcept {
  const double scaled = weight * (1 << weight_bits);
  return static_cast<std::int32_t>(weight < 0 ? scaled - 0.5 : scaled + 0.5);
}

// The sum of the window's samples, which stand `stride` apart. Weights may be negative: sums are cut to 0 .. 255.
std::uint8_t weighed(const std::uint8_t *samples, std::size_t stride, const lanczos_window &window) noexcept {
  const std::uint8_t *sample = samples + window.first * stride;
  std::int32_t sum = 1 << (weight_bits - 1);
  for (std::size_t i = 0; i < window.weights.size(); ++i) {
    sum += sample[i * stride] * window.weights[i];
  }
  return static_cast<std::uint8_t>(std::clamp(sum >> weight_bits, 0, 255));
}

void luma_row(const lm_image &image, std::size_t y, std::uint8_t *row) noexcept {
  const std::uint8_t *pixel = image.pixels + y * image.stride_bytes;
  const std::size_t size = pixel_size_bytes(image.format);
  for (std::size_t x = 0; x < image.width; ++x, pixel += size) {
    if (image.format == LM_PIXEL_GRAY8) {
      row[x] = pixel[0];
    } else if (image.format == LM_PIXEL_RGB8) {
      row[x] = pillow_luma(pixel[0], pixel[1], pixel[2]);
    } else {
      const std::uint8_t alpha = pixel[3];
      row[x] = pillow_luma(over_white(pixel[0], alpha), over_white(pixel[1], alpha), over_white(pixel[2], alpha));
    }
  }
}

// Every row of the image, in grey and of the new width.
small_plane narrowed(const lm_image &image, std::size_t width) {
  small_plane plane{width, image.height, std::vector<std::uint8_t>(width * image.height)};
  if (width == image.width) {  // Pillow then leaves this direction out
    for (std::size_t y = 0; y < plane.height; ++y) {
      luma_row(image, y, plane.pixels.data() + y * width);
    }
    return plane;
  }
  const std::vector<lanczos_window> windows = lanczos_windows(image.width, width);
  std::vector<std::uint8_t> row(image.width);
  for (std::size_t y = 0; y < plane.height; ++y) {
    luma_row(image, y, row.data());
    for (std::size_t x = 0; x < width; ++x) {
      plane.pixels[y * width + x] = weighed(row.data(), 1, windows[x]);
    }
  }
  return plane;
}

}  // namespace

std::uint8_t pillow_luma(std::uint8_t red, std::uint8_t green, std::uint8_t blue) noexcept {
  return static_cast<std::uint8_t>((red * 19595U + green * 38470U + blue * 7471U + 0x8000U) >> 16U);
}

double sine(double x) noexcept {
  // Pi in two parts, of which the first has few enough bits for its small multiples to be exact.
  constexpr double pi_high = 0x1.921fb544p+1;
  constexpr double pi_low = 0x1.0b4611a626331p-33;
  const int turns = static_cast<int>(x / std::numbers::pi + (x < 0 ? -0.5 : 0.5));
  const double rest = (x - turns * pi_high) - turns * pi_low;
  // The series, from its smallest term: sin(x) = x (1 - x²/(2·3) (1 - x²/(4·5) (1 - ...))).
  constexpr std::array<double, 11> divisors{1.0 / (22 * 23), 1.0 / (20 * 21), 1.0 / (18 * 19), 1.0 / (16 * 17),
                                            1.0 / (14 * 15), 1.0 / (12 * 13), 1.0 / (10 * 11), 1.0 / (8 * 9),
                                            1.0 / (6 * 7),   1.0 / (4 * 5),   1.0 / (2 * 3)};
  const double square = rest * rest;
  double sum = 1;
  for (const double divisor : divisors) {
    sum = 1 - square * divisor * sum;
  }
  return turns % 2 == 0 ? rest * sum : -(rest * sum);
}

std::vector<lanczos_window> lanczos_windows(std::size_t old_size, std::size_t new_size) {
  const double scale = static_cast<double>(old_size) / static_cast<double>(new_size);
  const double filter_scale = std::max(scale, 1.0);  // enlarging, the filter keeps its width
  const double reach = support * filter_scale;
  const double step = 1 / filter_scale;
  std::vector<lanczos_window> windows(new_size);
  std::vector<double> weights;
  for (std::size_t place = 0; place < new_size; ++place) {
    const double center = (static_cast<double>(place) + 0.5) * scale;
    // Both are rounded as Pillow rounds them: downwards, half a sample further.
    const double from = center - reach + 0.5;
    const double to = center + reach + 0.5;
    const auto first = static_cast<std::size_t>(std::max(from, 0.0));
    const std::size_t last = std::min(static_cast<std::size_t>(to), old_size);
    weights.clear();
    double sum = 0;
    for (std::size_t i = first; i < last; ++i) {
      // In Pillow's order of operations: the last bit of a weight is part of the hash.
      weights.push_back(lanczos((static_cast<double>(i) - center + 0.5) * step));
      sum += weights.back();
    }
    windows[place].first = first;
    windows[place].weights.reserve(weights.size());
    for (const double weight : weights) {
      windows[place].weights.push_back(fixed_point(sum != 0 ? weight / sum : weight));
    }
  }
  return windows;
}

small_plane lanczos_plane(const lm_image &image, std::size_t width, std::size_t height) {
  const std::uint32_t longest = std::max(image.width, image.height);
  if (longest > lanczos_longest_side) {
    fail(LM_ERROR_LIMIT, "a side of ", longest, " pixels is over the ", lanczos_longest_side,
         " that this hash takes");
  }
  small_plane wide = narrowed(image, width);
  if (height == wide.height) {
    return wide;
  }
  const std::vector<lanczos_window> windows = lanczos_windows(wide.height, height);
  small_plane result{width, height, std::vector<std::uint8_t>(width * height)};
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      result.pixels[y * width + x] = weighed(wide.pixels.data() + x, width, windows[y]);
    }
  }
  return result;
}

}  // namespace libmatch::detail
