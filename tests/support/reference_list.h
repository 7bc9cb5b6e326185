// A list of references of keypoint codes, with tables, for tests of searches.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/keypoint_codes.h"
#include "core/parallel.h"
#include "search/keypoint_tables.h"
#include "support/random_codes.h"

namespace libmatch::test {

// References with 1 to 7 points, every third code a near copy of an earlier one; some references are removed.
struct reference_list {
  static constexpr std::uint32_t words = detail::keypoint_codes::words;

  std::vector<std::uint64_t> codes;
  std::vector<std::uint32_t> starts{0};
  std::vector<std::uint64_t> removed;  // a bit a code
  detail::owned_keypoint_tables tables;

  reference_list(std::size_t references, std::uint64_t seed) : removed(references) {
    random_source random(seed);
    for (std::size_t r = 0; r < references; ++r) {
      starts.push_back(starts.back() + 1 + static_cast<std::uint32_t>(random.below(7)));
      const bool is_removed = random.below(5) == 0;
      for (std::uint32_t row = starts[r]; is_removed && row < starts[r + 1]; ++row) {
        removed[row / 64] |= std::uint64_t{1} << (row % 64);
      }
    }
    codes = random_rows(starts.back(), words, seed + 1);
    for (std::size_t row = 3; row < starts.back(); row += 3) {
      const std::size_t original = random.below(row);
      std::copy_n(&codes[original * words], words, &codes[row * words]);
      flip_bits(&codes[row * words], words, random.below(45), random);
    }
    make_tables();
  }

  void make_tables() {
    detail::thread_pool threads(2);
    tables = detail::build_keypoint_tables(codes.data(), starts.back(), threads);
  }

  detail::keypoint_codes view(bool with_tables) const {
    detail::keypoint_codes all;
    all.rows = codes.data();
    all.size = starts.back();
    all.starts = starts;
    all.removed = removed.data();
    all.tables = with_tables ? &tables.layout : nullptr;
    return all;
  }
};

}  // namespace libmatch::test
