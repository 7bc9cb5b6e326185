// References with keypoints for tests: the same for a seed on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include "hash/keypoints.h"
#include "index/index.h"
#include "support/random_codes.h"

namespace libmatch::test {

inline detail::keypoint_set random_keypoint_set(std::size_t points, std::size_t signature_bytes,
                                                random_source &random) {
  detail::keypoint_set set;
  set.width = static_cast<std::uint16_t>(1 + random.below(512));
  set.height = static_cast<std::uint16_t>(1 + random.below(512));
  for (std::size_t i = 0; i < points; ++i) {
    const std::uint64_t bits = random.next();
    set.points.push_back({static_cast<std::uint16_t>(bits), static_cast<std::uint16_t>(bits >> 16),
                          static_cast<std::uint8_t>(bits >> 32), static_cast<std::uint8_t>(bits >> 40)});
    for (std::uint32_t w = 0; w < detail::keypoint_code_words; ++w) {
      set.codes.push_back(random.next());
    }
  }
  for (std::size_t i = 0; i < signature_bytes; ++i) {
    set.signature.push_back(static_cast<std::uint8_t>(random.next()));
  }
  return set;
}

// Up to most_points of each.
inline std::vector<detail::keypoint_set> random_keypoint_sets(std::size_t n, std::size_t most_points,
                                                              std::size_t signature_bytes, std::uint64_t seed) {
  random_source random(seed);
  std::vector<detail::keypoint_set> sets;
  for (std::size_t i = 0; i < n; ++i) {
    sets.push_back(random_keypoint_set(1 + random.below(most_points), signature_bytes, random));
  }
  return sets;
}

// What an index holds of a reference, as plain values.
struct held_keypoints {
  std::int64_t id = 0;
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  std::vector<std::uint64_t> points;  // its fields in one number
  std::vector<std::uint64_t> codes;
  std::vector<std::uint8_t> signature;

  friend bool operator==(const held_keypoints &a, const held_keypoints &b) {
    return std::tie(a.id, a.width, a.height, a.points, a.codes, a.signature) ==
           std::tie(b.id, b.width, b.height, b.points, b.codes, b.signature);
  }
};

template <typename Points>
std::vector<std::uint64_t> numbers_of(const Points &points) {
  std::vector<std::uint64_t> numbers;
  for (const detail::keypoint &p : points) {
    numbers.push_back(p.x | std::uint64_t{p.y} << 16 | std::uint64_t{p.scale} << 32 | std::uint64_t{p.angle} << 40);
  }
  return numbers;
}

inline held_keypoints held(std::int64_t id, const detail::keypoint_set &set) {
  return {id, set.width, set.height, numbers_of(set.points), set.codes, set.signature};
}

// The live references, in their order.
inline std::vector<held_keypoints> keypoints_of(const detail::index_snapshot &snapshot) {
  std::vector<held_keypoints> all;
  for (const detail::keypoint_entry &entry : snapshot.keypoints.segments) {
    for (std::size_t r = 0; r < entry.references->size(); ++r) {
      if (!entry.is_removed(r)) {
        const detail::keypoint_reference reference = entry.references->reference(r);
        all.push_back({reference.id,
                       reference.plane.width,
                       reference.plane.height,
                       numbers_of(reference.points),
                       {reference.codes.begin(), reference.codes.end()},
                       {reference.signature.begin(), reference.signature.end()}});
      }
    }
  }
  return all;
}

}  // namespace libmatch::test
