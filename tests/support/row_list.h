// Lists for tests of searches, and what the definition answers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <tuple>
#include <vector>

#include "core/search_result.h"
#include "core/segment.h"
#include "support/random_codes.h"

namespace libmatch::test {

// Segments with removed rows, with ids that repeat and are in no order, and with equal rows: ties in distance.
struct row_list {
  using row_maker = std::vector<std::uint64_t> (*)(std::size_t n, std::uint32_t words, std::uint64_t seed);

  row_list(const std::vector<std::size_t> &sizes, std::uint32_t width, std::uint64_t seed,
           row_maker make_rows = &random_rows)
      : words(width) {
    random_source random(seed);
    for (const std::size_t size : sizes) {
      rows.push_back(make_rows(size, words, random.next()));
      ids.emplace_back();
      removed.emplace_back((size + 63) / 64);
      for (std::size_t r = 0; r < size; ++r) {
        ids.back().push_back(static_cast<std::int64_t>(random.below(size)));
        if (random.below(10) == 0) {
          removed.back()[r / 64] |= std::uint64_t{1} << (r % 64);
        }
      }
      for (std::size_t r = 1; r < size; r += 7) {
        std::copy_n(&rows.back()[(r - 1) * words], words, &rows.back()[r * words]);
      }
    }
  }

  // Without identity: a device is sent them for each call.
  std::vector<detail::segment_view> views() const {
    std::vector<detail::segment_view> all;
    for (std::size_t s = 0; s < rows.size(); ++s) {
      all.push_back({rows[s].data(), ids[s].data(), removed[s].data(), ids[s].size(), words});
    }
    return all;
  }

  // Those that queries are made of.
  std::vector<std::uint64_t> first_rows() const { return rows.empty() ? std::vector<std::uint64_t>{} : rows[0]; }

  std::uint32_t words;
  std::vector<std::vector<std::uint64_t>> rows;
  std::vector<std::vector<std::int64_t>> ids;
  std::vector<std::vector<std::uint64_t>> removed;
};

// An answer to a query, in the order of the contract.
struct found_row {
  std::uint32_t distance;
  std::int64_t id;
  bool operator==(const found_row &other) const { return distance == other.distance && id == other.id; }
  bool operator<(const found_row &other) const { return std::tie(distance, id) < std::tie(other.distance, other.id); }
};

inline std::ostream &operator<<(std::ostream &out, const found_row &row) {
  return out << row.id << " at " << row.distance;
}

// Every row that is not removed; distance: that of two rows of so many words.
template <typename Distance>
std::vector<found_row> by_definition(const row_list &list, const std::uint64_t *query, const Distance &distance) {
  std::vector<found_row> all;
  for (const detail::segment_view &view : list.views()) {
    for (std::size_t r = 0; r < view.size; ++r) {
      if (!view.is_removed(r)) {
        all.push_back({distance(query, view.rows + r * list.words, list.words), view.ids[r]});
      }
    }
  }
  std::sort(all.begin(), all.end());
  return all;
}

inline std::vector<found_row> answer_of(const detail::search_result &result, std::size_t query) {
  std::vector<found_row> answer;
  for (auto i = static_cast<std::size_t>(result.offsets[query]);
       i < static_cast<std::size_t>(result.offsets[query + 1]); ++i) {
    answer.push_back({result.distances[i], result.ids[i]});
  }
  return answer;
}

}  // namespace libmatch::test
