// Sets of codes of 256 bits, for tests and benchmarks: the same bytes for a seed on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace libmatch::test {

inline constexpr std::size_t set_code_bytes = 32;

// The sets:
//   random    every bit by itself
//   planted   random ones, every other of them a code before it with 0 to 40 bits flipped
//   pictures  PDQ codes of drawn pictures, spread as those of real images (tests/support/drawn_picture.h)
//   hot       what a list of a platform is like: pictures in clusters of near copies and of equal codes, of sizes
//             1, 2, 4, ... 1024 with as many codes of each, and one code in 32 of a plain image
//   plain     PDQ codes of images that hardly have content, which lie close together
//   repeated  random ones, every hundredth of them the same
std::span<const std::string_view> code_set_names();

// `count` codes, packed. `threads` of them draw, which changes nothing. Throws std::invalid_argument on another name.
std::vector<std::uint8_t> make_codes(std::string_view set, std::size_t count, std::uint64_t seed,
                                     unsigned threads = 1);

}  // namespace libmatch::test
