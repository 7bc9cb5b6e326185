// Keypoints: corners of an image at several scales, each with a code of its surroundings. Two images that show the
// same thing share some, wherever it is in them and however large, turned or mirrored.
//
// Integer arithmetic alone: the same plane gives the same bytes on every machine. What was chosen and why is in
// docs/decisions/005-keypoints.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "hash/gray_plane.h"

namespace libmatch::detail {

inline constexpr std::uint32_t reference_plane_side = 512;
inline constexpr std::uint32_t query_plane_side = 1024;
inline constexpr std::uint32_t reference_points_default = 200;
inline constexpr std::uint32_t query_points_default = 1000;
inline constexpr std::size_t keypoint_code_words = 4;
// What made the points and codes: another number, and they do not compare.
inline constexpr std::uint32_t keypoint_extraction = 1;

struct keypoint {
  std::uint16_t x;  // 1/16 pixels of the plane, from its left and upper side
  std::uint16_t y;
  std::uint8_t scale;  // 1/16 octaves: of one pixel of the level over one of the plane
  std::uint8_t angle;  // 1/256 of a turn, from x towards y
};

// References carry a signature for the verification of a match, queries the plane that is held against it.
enum class keypoint_role : std::uint8_t { reference, query };

struct keypoint_options {
  std::uint32_t max_points = reference_points_default;
  keypoint_role role = keypoint_role::reference;
};

struct keypoint_set {
  std::uint16_t width = 0;  // of the plane
  std::uint16_t height = 0;
  std::vector<keypoint> points;         // the first n are the ones that n alone would be, best first
  std::vector<std::uint64_t> codes;     // four words a point; byte 0 of a code is the lowest byte of its first word
  std::vector<std::uint8_t> signature;  // of a reference (hash/frame_signature.h)
  gray_plane view;                      // of a query: the plane again, 256 pixels at most
};

// Sides of at most 4,095 pixels. Throws std::bad_alloc.
keypoint_set extract_keypoints(const gray_plane &plane, const keypoint_options &options);

// The code of the same place in the mirror image: its halves exchanged.
constexpr std::array<std::uint64_t, keypoint_code_words> mirrored_code(const std::uint64_t *code) {
  return {code[2], code[3], code[0], code[1]};
}

}  // namespace libmatch::detail
