#include "hash/directions.h"

namespace libmatch::detail {

namespace {

constexpr double quarter_turn = 1.5707963267948966;

// Summed by the compiler, in an order that is fixed; the terms beyond the last are below 1e-17 up to a quarter turn.
constexpr double sine(double angle) {
  double sum = 0;
  double term = angle;
  for (int k = 1; k < 26; k += 2) {
    sum += term;
    term *= -angle * angle / ((k + 1.0) * (k + 2.0));
  }
  return sum;
}

// To the nearest integer; nothing here is negative.
constexpr std::int32_t nearest(double value) {
  const auto below = static_cast<std::int32_t>(value);
  return value - below < 0.5 ? below : below + 1;
}

// Sines of 0 to a quarter turn in so many steps, times 2^14 or 2^20.
template <std::size_t Steps>
constexpr std::array<std::int32_t, Steps + 1> quarter_of_sines(double unit) {
  std::array<std::int32_t, Steps + 1> result{};
  for (std::size_t i = 0; i <= Steps; ++i) {
    result[i] = nearest(sine(quarter_turn * static_cast<double>(i) / Steps) * unit);
  }
  return result;
}

constexpr auto sines = quarter_of_sines<64>(16384.0);
constexpr auto half_step_sines = quarter_of_sines<128>(1048576.0);  // the odd ones lie between two directions

}  // namespace

direction direction_of(std::uint8_t angle) {
  const std::size_t within = angle % 64;
  const std::int32_t along = sines[64 - within];
  const std::int32_t across = sines[within];
  switch (angle / 64) {
    case 0:
      return {along, across};
    case 1:
      return {-across, along};
    case 2:
      return {-along, -across};
    default:
      return {across, -along};
  }
}

std::uint8_t angle_of(std::int64_t x, std::int64_t y) {
  if (x == 0 && y == 0) {
    return 0;
  }
  // Turned into the quarter where x > 0 and y >= 0.
  std::uint32_t quarters = 0;
  while (!(x > 0 && y >= 0)) {
    const std::int64_t turned = -x;
    x = y;
    y = turned;
    ++quarters;
  }
  // How many of the 64 boundaries between neighbouring directions lie below (x, y).
  std::uint32_t below = 0;
  for (std::uint32_t step = 64; step > 0; step /= 2) {
    const std::uint32_t next = below + step;
    if (next <= 64) {
      const std::size_t boundary = 2 * next - 1;  // in 512ths of a turn
      if (y * half_step_sines[128 - boundary] > x * half_step_sines[boundary]) {
        below = next;
      }
    }
  }
  return static_cast<std::uint8_t>(quarters * 64 + below);
}

}  // namespace libmatch::detail
