// look_up_keypoints: a search of the tables. Nearly every step of it waits for memory, so queries go through it in
// stages, one behind the other, and each stage asks for what the next one will read.
#include <algorithm>
#include <array>
#include <tuple>
#include <vector>

#include "search/keypoint_tables.h"

namespace libmatch::detail {

namespace {

constexpr std::uint32_t words = keypoint_codes::words;

class lookup {
 public:
  lookup(const keypoint_codes &codes, const keypoint_search_options &options, const distance_kernels &kernels)
      : codes_(codes), tables_(*codes.tables), options_(options), kernels_(kernels) {}

  void run(const std::uint64_t *queries, std::size_t first, std::size_t last, std::vector<keypoint_hit> &hits) {
    for (std::size_t q = first; q < last + stages - 1; ++q) {
      // The oldest first, so that its memory has been asked for the longest.
      if (q >= first + 3) {
        compare(state_of(q - 3), queries + (q - 3) * words, static_cast<std::uint32_t>(q - 3), hits);
      }
      if (q >= first + 2 && q - 2 < last) {
        gather(state_of(q - 2));
      }
      if (q >= first + 1 && q - 1 < last) {
        measure(state_of(q - 1));
      }
      if (q < last) {
        ask(state_of(q), queries + q * words);
      }
    }
  }

 private:
  static constexpr std::size_t stages = 4;

  struct bucket {
    std::uint32_t table;
    std::uint32_t name;
  };
  struct rows_of_bucket {
    const std::uint32_t *rows;
    std::uint32_t size;
  };
  // A query on its way.
  struct state {
    std::vector<bucket> buckets;
    std::vector<rows_of_bucket> parts;
    std::vector<std::uint32_t> candidates;
  };
  state &state_of(std::size_t q) noexcept { return states_[q % stages]; }

  // Its buckets by name, then those with one bit changed.
  void ask(state &s, const std::uint64_t *code) {
    s.buckets.clear();
    for (std::uint32_t t = 0; t < tables_.tables; ++t) {
      s.buckets.push_back({t, keypoint_bucket_of(tables_, code, t)});
    }
    for (std::uint32_t t = 0; t < tables_.tables; ++t) {
      const std::uint32_t name = s.buckets[t].name;
      for (std::uint32_t bit = 0; bit < tables_.width; ++bit) {
        s.buckets.push_back({t, name ^ (1U << bit)});
      }
    }
    for (const bucket &asked : s.buckets) {
      __builtin_prefetch(tables_.table_starts(asked.table) + asked.name);
    }
  }

  void measure(state &s) {
    s.parts.clear();
    std::uint32_t candidates = 0;
    for (const bucket &asked : s.buckets) {
      const std::uint32_t *starts = tables_.table_starts(asked.table) + asked.name;
      const std::uint32_t size = std::min(starts[1] - starts[0], max_rows_of_bucket);
      if (size == 0) {
        continue;
      }
      if (candidates + size > max_candidates_of_code) {
        break;
      }
      candidates += size;
      const std::uint32_t *rows = tables_.table_rows(asked.table) + starts[0];
      s.parts.push_back({rows, size});
      __builtin_prefetch(rows);
      __builtin_prefetch(rows + size - 1);
    }
  }

  void gather(state &s) {
    s.candidates.clear();
    for (const rows_of_bucket &part : s.parts) {
      s.candidates.insert(s.candidates.end(), part.rows, part.rows + part.size);
    }
    for (const std::uint32_t row : s.candidates) {
      __builtin_prefetch(codes_.rows + std::size_t{row} * words);
    }
  }

  void compare(const state &s, const std::uint64_t *code, std::uint32_t query, std::vector<keypoint_hit> &hits) {
    distances_.resize(s.candidates.size());
    kernels_.distances_at(code, codes_.rows, s.candidates.data(), s.candidates.size(), words, distances_.data());
    const std::size_t before = hits.size();
    for (std::size_t i = 0; i < distances_.size(); ++i) {
      if (distances_[i] <= options_.max_distance && !codes_.is_removed(s.candidates[i])) {
        hits.push_back({query, distances_[i], s.candidates[i]});
      }
    }
    keep_nearest(hits, before, options_.max_pairs_of_code);
  }

  const keypoint_codes &codes_;
  const keypoint_table_layout &tables_;
  const keypoint_search_options &options_;
  const distance_kernels &kernels_;
  std::array<state, stages> states_;
  std::vector<std::uint32_t> distances_;
};

}  // namespace

void keep_nearest(std::vector<keypoint_hit> &hits, std::size_t first, std::size_t most) {
  const auto begin = hits.begin() + static_cast<std::ptrdiff_t>(first);
  std::sort(begin, hits.end(), [](const keypoint_hit &a, const keypoint_hit &b) {
    return std::tie(a.distance, a.row) < std::tie(b.distance, b.row);
  });
  // Several tables find a near row.
  hits.erase(
      std::unique(begin, hits.end(), [](const keypoint_hit &a, const keypoint_hit &b) { return a.row == b.row; }),
      hits.end());
  hits.resize(std::min(hits.size(), first + most));
}

void look_up_keypoints(const keypoint_codes &codes, const std::uint64_t *queries, std::size_t first, std::size_t last,
                       const keypoint_search_options &options, const distance_kernels &kernels,
                       std::vector<keypoint_hit> &hits) {
  lookup(codes, options, kernels).run(queries, first, last, hits);
}

}  // namespace libmatch::detail
