// Chooses which pixels the codes of keypoints compare and writes libmatch/src/hash/keypoint_comparisons.cpp to the
// standard output:
//
//     learn_keypoint_pattern IMAGE…       photographs; which ones is in docs/decisions/005-keypoints.md
//
// Every image is altered several times: turned, scaled, made brighter, blurred, noisy. Where a keypoint is found
// again in the altered image, both patches are kept. Of random comparisons those are taken, one after the other, that
// differ seldom between the two patches and depend little on those already taken: unlike patches then differ in about
// half of the bits, and seldom in few.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "hash/directions.h"
#include "hash/keypoint_pattern.h"
#include "hash/keypoint_pyramid.h"
#include "hash/keypoints.h"
#include "image/decode.h"

namespace {

using namespace libmatch::detail;

constexpr int copies_of_image = 6;
constexpr std::size_t candidates_n = 6000;
constexpr std::size_t patch_side = 2 * (keypoint_patch_radius + 1) + 1;
constexpr std::uint32_t points_of_reference = 400;
constexpr std::uint32_t points_of_copy = 1500;

// What a comparison pays for depending on the others, in flips: the sum of the squared correlations over their
// number.
constexpr double dependence_price = 1.0;

using patch = std::array<std::uint8_t, patch_side * patch_side>;
struct seen_patch {
  patch pixels;
  std::uint8_t angle;
};
struct seen_twice {
  seen_patch original;
  seen_patch altered;
};

gray_plane plane_of(const char *path, std::uint32_t side) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const decoded_image image = decode({reinterpret_cast<const std::uint8_t *>(bytes.data()), bytes.size()},
                                     {std::uint64_t{1} << 30, std::uint64_t{1} << 28, 1, true});
  plane_builder builder(image.width, image.height, side);
  builder.rows(image.height, image.rgb.get(), std::size_t{image.width} * 3);
  return builder.finish();
}

// From the original's plane to the copy's: turned about the middle, scaled.
struct similarity {
  double along, across, x, y;
};

double at(const gray_plane &plane, double x, double y) {
  x = std::clamp(x - 0.5, 0.0, plane.width - 1.001);
  y = std::clamp(y - 0.5, 0.0, plane.height - 1.001);
  const auto left = static_cast<std::size_t>(x);
  const auto top = static_cast<std::size_t>(y);
  const double right = x - static_cast<double>(left);
  const double lower = y - static_cast<double>(top);
  const std::uint8_t *row = plane.row(top) + left;
  const std::uint8_t *next = row + plane.width;
  return (1 - lower) * ((1 - right) * row[0] + right * row[1]) + lower * ((1 - right) * next[0] + right * next[1]);
}

gray_plane altered(const gray_plane &fine, double fine_scale, std::mt19937 &random, similarity &map) {
  std::uniform_real_distribution<double> unit(0, 1);
  const double scale = std::exp(std::log(0.45) + unit(random) * std::log(1.5 / 0.45));
  const double turn = unit(random) < 0.5 ? (unit(random) - 0.5) * 0.3 : unit(random) * 6.283185307;
  const double width = fine.width / fine_scale;
  const double height = fine.height / fine_scale;
  map = {scale * std::cos(turn), scale * std::sin(turn), 0, 0};
  const double new_width = std::abs(map.along) * width + std::abs(map.across) * height;
  const double new_height = std::abs(map.across) * width + std::abs(map.along) * height;
  map.x = new_width / 2 - (map.along * width - map.across * height) / 2;
  map.y = new_height / 2 - (map.across * width + map.along * height) / 2;
  gray_plane copy;
  copy.width = static_cast<std::uint32_t>(new_width);
  copy.height = static_cast<std::uint32_t>(new_height);
  copy.pixels.resize(std::size_t{copy.width} * copy.height);
  const double gamma = std::exp((unit(random) - 0.5) * 1.0);
  const double gain = 0.7 + 0.7 * unit(random);
  const double grain = unit(random) < 0.5 ? 2.0 : 2.0 + 10.0 * unit(random);
  std::normal_distribution<double> noise(0, grain);
  const int samples = scale < 1 ? 3 : 2;  // against aliasing, along each axis
  for (std::size_t y = 0; y < copy.height; ++y) {
    for (std::size_t x = 0; x < copy.width; ++x) {
      double sum = 0;
      for (int i = 0; i < samples * samples; ++i) {
        const int row = i / samples;
        const int column = i % samples;
        const double to_x = static_cast<double>(x) + (column + 0.5) / samples - map.x;
        const double to_y = static_cast<double>(y) + (row + 0.5) / samples - map.y;
        const double from_x = (map.along * to_x + map.across * to_y) / (scale * scale);
        const double from_y = (map.along * to_y - map.across * to_x) / (scale * scale);
        sum += from_x < 0 || from_y < 0 || from_x > width || from_y > height
                   ? 0
                   : at(fine, from_x * fine_scale, from_y * fine_scale);
      }
      const double value = (std::pow(sum / (samples * samples) / 255, gamma) - 0.5) * gain + 0.5;
      copy.pixels[y * copy.width + x] =
          static_cast<std::uint8_t>(std::clamp(value * 255 + noise(random), 0.0, 255.0));
    }
  }
  if (unit(random) < 0.4) {
    copy = smoothed(copy);
  }
  return copy;
}

std::size_t level_of(const keypoint &point) { return static_cast<std::size_t>(std::lround(point.scale / 4.2085)); }

std::vector<gray_plane> smooth_levels(const gray_plane &plane) {
  std::vector<gray_plane> levels = pyramid_of(plane, 1);
  for (gray_plane &level : levels) {
    level = smoothed(level);
  }
  return levels;
}

seen_patch patch_at(const std::vector<gray_plane> &levels, const keypoint &point) {
  const std::size_t level = level_of(point);
  const double scale = level_scale(level) / 65536.0;
  const auto x = static_cast<std::size_t>(std::lround(point.x / 16.0 / scale - 0.5));
  const auto y = static_cast<std::size_t>(std::lround(point.y / 16.0 / scale - 0.5));
  seen_patch result{};
  result.angle = point.angle;
  for (std::size_t row = 0; row < patch_side; ++row) {
    std::copy_n(levels[level].row(y + row - patch_side / 2) + x - patch_side / 2, patch_side,
                result.pixels.data() + row * patch_side);
  }
  return result;
}

// Keypoints of the original that a keypoint of the copy covers: the nearest in place, of nearly the same size.
void collect(const keypoint_set &original, const std::vector<gray_plane> &original_levels, const gray_plane &copy,
             const similarity &map, std::vector<seen_twice> &pairs) {
  const keypoint_set found = extract_keypoints(copy, {points_of_copy, keypoint_role::query});
  const std::vector<gray_plane> levels = smooth_levels(copy);
  const double map_scale = std::hypot(map.along, map.across);
  const double map_turn = std::atan2(map.across, map.along) * 256 / 6.283185307;
  for (const keypoint &point : original.points) {
    const double x = map.along * point.x / 16.0 - map.across * point.y / 16.0 + map.x;
    const double y = map.across * point.x / 16.0 + map.along * point.y / 16.0 + map.y;
    const double size = std::exp2(point.scale / 16.0) * map_scale;
    const keypoint *best = nullptr;
    double best_error = 1;
    for (const keypoint &other : found.points) {
      const double octaves = std::abs(std::log2(std::exp2(other.scale / 16.0) / size));
      const double place = std::hypot(other.x / 16.0 - x, other.y / 16.0 - y) / size;
      const double turned = std::remainder(other.angle - point.angle - map_turn, 256.0);
      const double error = place / 2.5 + octaves / 0.4;
      if (octaves < 0.2 && place < 2 && std::abs(turned) < 14 && error < best_error) {
        best_error = error;
        best = &other;
      }
    }
    if (best != nullptr) {
      pairs.push_back({patch_at(original_levels, point), patch_at(levels, *best)});
    }
  }
}

// Bits of a comparison over all patches, and the flips between original and altered.
struct candidate {
  pixel_comparison places;
  std::vector<std::uint64_t> bits, mirrored_bits;  // of the originals
  double flips = 0;
  double set = 0;
  double dependence = 0;
  bool taken = false;
};

std::size_t place_in_patch(std::int32_t x, std::int32_t y, const direction &to) {
  const auto rounded = [](std::int32_t value) {
    return value >= 0 ? (value + 8192) / 16384 : -((8192 - value) / 16384);
  };
  const std::int32_t middle = static_cast<std::int32_t>(patch_side / 2);
  const std::int32_t row = rounded(x * to.y + y * to.x) + middle;
  const std::int32_t column = rounded(x * to.x - y * to.y) + middle;
  return static_cast<std::size_t>(row) * patch_side + static_cast<std::size_t>(column);
}

bool darker(const seen_patch &seen, const pixel_comparison &places, int sign) {
  const direction to = direction_of(seen.angle);
  return seen.pixels[place_in_patch(places.first_x, sign * places.first_y, to)] <
         seen.pixels[place_in_patch(places.second_x, sign * places.second_y, to)];
}

void measure(candidate &each, const std::vector<seen_twice> &pairs) {
  const std::size_t words = (pairs.size() + 63) / 64;
  each.bits.assign(words, 0);
  each.mirrored_bits.assign(words, 0);
  std::size_t flips = 0;
  std::size_t set = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    for (const int sign : {1, -1}) {
      const bool bit = darker(pairs[i].original, each.places, sign);
      flips += bit != darker(pairs[i].altered, each.places, sign) ? 1U : 0U;
      set += bit ? 1U : 0U;
      (sign == 1 ? each.bits : each.mirrored_bits)[i / 64] |= std::uint64_t{bit} << (i % 64);
    }
  }
  each.flips = static_cast<double>(flips) / (2.0 * static_cast<double>(pairs.size()));
  each.set = static_cast<double>(set) / (2.0 * static_cast<double>(pairs.size()));
}

double squared_correlation(const std::vector<std::uint64_t> &a, const std::vector<std::uint64_t> &b, double set_a,
                           double set_b, std::size_t n) {
  std::size_t both = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    both += static_cast<std::size_t>(std::popcount(a[i] & b[i]));
  }
  const double covariance = static_cast<double>(both) / static_cast<double>(n) - set_a * set_b;
  const double variance = set_a * (1 - set_a) * set_b * (1 - set_b);
  return variance > 0 ? covariance * covariance / variance : 1;
}

std::vector<candidate> random_candidates(const std::vector<seen_twice> &pairs, std::mt19937 &random) {
  std::normal_distribution<double> wide(0, 7);
  const auto coordinate = [&] { return static_cast<std::int8_t>(std::clamp(std::lround(wide(random)), -15L, 15L)); };
  const auto inside = [](int x, int y) { return x * x + y * y <= keypoint_patch_radius * keypoint_patch_radius; };
  std::vector<candidate> result;
  while (result.size() < candidates_n) {
    candidate each{};
    each.places = {coordinate(), coordinate(), coordinate(), coordinate()};
    const pixel_comparison &p = each.places;
    // One that is its own mirror image would be two equal bits.
    const bool own_mirror = p.first_x == p.second_x && p.first_y == -p.second_y;
    if (!inside(p.first_x, p.first_y) || !inside(p.second_x, p.second_y) || own_mirror ||
        (p.first_y == 0 && p.second_y == 0) || (p.first_x == p.second_x && p.first_y == p.second_y)) {
      continue;
    }
    measure(each, pairs);
    if (each.set > 0.35 && each.set < 0.65) {
      result.push_back(std::move(each));
    }
  }
  return result;
}

void choose(std::vector<candidate> &candidates, std::size_t n_pairs) {
  for (std::size_t taken = 0; taken < keypoint_bits / 2; ++taken) {
    candidate *best = nullptr;
    double best_cost = std::numeric_limits<double>::infinity();
    for (candidate &each : candidates) {
      const double bias = each.set - 0.5;
      const double own = squared_correlation(each.bits, each.mirrored_bits, each.set, each.set, n_pairs);
      const double cost = each.flips +
                          dependence_price * (each.dependence + own) / (2.0 * static_cast<double>(taken) + 1) +
                          bias * bias;
      if (!each.taken && cost < best_cost) {
        best_cost = cost;
        best = &each;
      }
    }
    if (best == nullptr) {
      throw std::runtime_error("fewer candidates than a code has bits");
    }
    best->taken = true;
    std::cout << "    {" << int{best->places.first_x} << ", " << int{best->places.first_y} << ", "
              << int{best->places.second_x} << ", " << int{best->places.second_y} << "},\n";
    for (candidate &each : candidates) {
      each.dependence += squared_correlation(each.bits, best->bits, each.set, best->set, n_pairs) +
                         squared_correlation(each.bits, best->mirrored_bits, each.set, best->set, n_pairs);
    }
  }
}

}  // namespace

int main(int argc, char **argv) {
  if (argc < 2) {
    std::cerr << "usage: learn_keypoint_pattern IMAGE...\n";
    return 2;
  }
  try {
    std::mt19937 random(1);
    std::vector<seen_twice> pairs;
    for (int i = 1; i < argc; ++i) {
      const gray_plane fine = plane_of(argv[i], query_plane_side);
      const gray_plane plane = reduced(fine, reference_plane_side);
      const keypoint_set original = extract_keypoints(plane, {points_of_reference, keypoint_role::reference});
      const std::vector<gray_plane> levels = smooth_levels(plane);
      for (int copy = 0; copy < copies_of_image; ++copy) {
        similarity map{};
        const gray_plane changed = altered(fine, static_cast<double>(fine.width) / plane.width, random, map);
        collect(original, levels, changed, map, pairs);
      }
    }
    std::cerr << pairs.size() << " pairs of patches\n";
    std::shuffle(pairs.begin(), pairs.end(), random);
    pairs.resize(std::min<std::size_t>(pairs.size(), 12000));
    std::vector<candidate> candidates = random_candidates(pairs, random);
    std::cout << "// Written by bench/learn_keypoint_pattern; not by hand.\n#include \"hash/keypoint_pattern.h\"\n\n"
                 "namespace libmatch::detail {\n\n// clang-format off\n"
                 "extern const std::array<pixel_comparison, keypoint_bits / 2> keypoint_comparisons{{\n";
    choose(candidates, pairs.size());
    std::cout << "}};\n// clang-format on\n\n}  // namespace libmatch::detail\n";
  } catch (const std::exception &failure) {
    std::cerr << failure.what() << '\n';
    return 1;
  }
  return 0;
}
