#include "search/bucket_search.h"

#include <algorithm>
#include <numeric>
#include <span>

namespace libmatch::detail {

namespace {

// Candidates that are settled together, so that their rows are fetched side by side.
constexpr std::size_t candidates_at_once = 512;
// Probes by which the place of a bucket is asked for ahead.
constexpr std::size_t starts_ahead = 16;
// Queries that visit a bucket in one call of the kernel.
constexpr std::size_t visitors_at_once = 256;

}  // namespace

bucket_search::bucket_search(const segment_view &segment, std::uint32_t place, const query_batch &queries,
                             std::uint32_t max_distance, const crowd_limits &limits, const distance_kernels &kernels)
    : segment_(segment),
      layout_(*segment.buckets),
      place_(place),
      queries_(queries),
      max_distance_(max_distance),
      limits_(limits),
      kernels_(kernels),
      radii_(choose_radii(layout_, max_distance)),
      masks_(make_masks(layout_.width, radii_[0])) {
  std::uint64_t most = 0;
  for (std::uint32_t t = 0; t < layout_.tables; ++t) {
    words_[t] = layout_.table_words(t);
    choices_[t] = layout_.lines != 0 ? inline_choice{} : choose_inline(layout_, t, segment.words);
    n_masks_[t] = static_cast<std::size_t>(
        std::upper_bound(masks_.weights.begin(), masks_.weights.end(), radii_[t],
                         [](int radius, std::uint32_t weight) { return radius < static_cast<int>(weight); }) -
        masks_.weights.begin());
    asked_tables_ += radii_[t] >= 0 ? 1U : 0U;
    most += std::uint64_t{n_masks_[t]} * layout_.largest[t];
  }
  may_crowd_ = most > limits.candidates;
  if (layout_.lines != 0) {
    prepare_lines();
  }
}

void bucket_search::inline_words_of(std::size_t q, std::uint32_t t, std::uint32_t *words) const noexcept {
  for (std::uint32_t w = 0; w < layout_.n_inline; ++w) {
    const std::uint32_t word = choices_[t].words[w];
    words[w] = static_cast<std::uint32_t>(query(q)[word / 2] >> (32 * (word % 2)));
  }
}

// Lists the buckets that are not empty, and returns how many candidates they hold. A mapped file's places are not
// trusted.
std::uint64_t bucket_search::list_probes(std::size_t q, std::vector<bucket_probe> &probes) const {
  std::uint64_t candidates = 0;
  std::size_t count = 0;
  probes.resize(std::accumulate(n_masks_.begin(), n_masks_.begin() + asked_tables_, std::size_t{0}));
  for (std::uint32_t t = 0; t < asked_tables_; ++t) {
    const std::uint32_t *starts = layout_.table_starts(t);
    const std::uint32_t bucket = layout_.bucket_of(query(q), t);
    for (std::size_t i = 0; i < n_masks_[t]; ++i) {
      if (i + starts_ahead < n_masks_[t]) {
        __builtin_prefetch(starts + (bucket ^ masks_.masks[i + starts_ahead]));
      }
      const std::uint32_t *place = starts + (bucket ^ masks_.masks[i]);
      const std::uint32_t limit = max_distance_ - (choices_[t].whole_code ? 0 : masks_.weights[i]);
      probes[count] = {place[0], place[1], t, limit};
      const bool filled = place[0] < place[1] && place[1] <= layout_.size;
      candidates += filled ? place[1] - place[0] : 0;
      count += filled ? 1 : 0;
    }
  }
  probes.resize(count);
  return candidates;
}

// Rows are asked for all at once, and then compared a run of candidates of one query at a time.
void bucket_search::settle(const std::vector<candidate> &candidates, std::vector<search_hit> &hits) const {
  std::array<std::uint32_t, candidates_at_once> rows;
  std::array<std::uint32_t, candidates_at_once> distances;
  for (std::size_t first = 0; first < candidates.size(); first += candidates_at_once) {
    const auto block = std::span(candidates).subspan(first, std::min(candidates_at_once, candidates.size() - first));
    for (const candidate &pair : block) {
      __builtin_prefetch(layout_.table_rows(pair.table) + pair.position);
    }
    for (std::size_t i = 0; i < block.size(); ++i) {
      rows[i] = layout_.table_rows(block[i].table)[block[i].position];
      if (rows[i] < segment_.size) {  // a mapped file's are not trusted
        __builtin_prefetch(segment_.rows + std::size_t{rows[i]} * segment_.words);
      }
    }
    for (std::size_t begin = 0, end = 0; begin < block.size(); begin = std::max(end, begin + 1)) {
      const std::uint64_t *const code = query(block[begin].query);
      end = begin;
      while (end < block.size() && block[end].query == block[begin].query && rows[end] < segment_.size) {
        ++end;
      }
      kernels_.distances_at(code, segment_.rows, rows.data() + begin, end - begin, segment_.words,
                            distances.data() + begin);
      for (std::size_t i = begin; i < end; ++i) {
        if (distances[i] <= max_distance_ && !segment_.is_removed(rows[i]) &&
            !found_earlier(layout_, radii_, segment_.rows + std::size_t{rows[i]} * segment_.words, code,
                           block[i].table)) {
          hits.push_back({segment_.ids[rows[i]], block[i].query, distances[i], {place_, rows[i]}});
        }
      }
    }
  }
}

void bucket_search::probe(std::size_t first, std::size_t last, std::vector<search_hit> &hits,
                          std::vector<std::uint32_t> &crowded) const {
  if (layout_.lines != 0) {
    probe_lines(first, last, hits, crowded);
    return;
  }
  std::vector<bucket_probe> probes;
  std::vector<candidate> candidates;
  std::vector<std::uint32_t> words(std::size_t{layout_.tables} * layout_.n_inline);
  std::array<bucket_hit, candidates_at_once> found;
  std::uint64_t all_survivors = 0;
  for (std::size_t q = first; q < last; ++q) {
    if (all_survivors > limits_.mean_survivors * (last - first) || list_probes(q, probes) > limits_.candidates) {
      crowded.push_back(static_cast<std::uint32_t>(q));
      continue;
    }
    for (std::uint32_t t = 0; t < asked_tables_; ++t) {
      inline_words_of(q, t, words.data() + std::size_t{t} * layout_.n_inline);
    }
    const bucket_probes all{words_.data(), words.data(), layout_.n_inline, probes.data(), probes.size()};
    const std::size_t hits_before = hits.size();
    std::uint64_t survivors = 0;
    probe_cursor cursor;
    while (cursor.probe < probes.size()) {
      const std::size_t count = kernels_.probe(all, &cursor, found.data(), found.size());
      survivors += count;
      if (survivors > limits_.survivors) {
        hits.resize(hits_before);
        crowded.push_back(static_cast<std::uint32_t>(q));
        break;
      }
      all_survivors += count;
      candidates.clear();
      for (const bucket_hit &hit : std::span(found.data(), count)) {
        candidates.push_back({static_cast<std::uint32_t>(q), probes[hit.source].table, hit.position});
      }
      settle(candidates, hits);
    }
  }
}

std::vector<bool> bucket_search::find_crowded(std::size_t first, std::size_t last) const {
  std::vector<bool> crowded(last - first);
  std::vector<bucket_probe> probes;
  for (std::size_t q = first; q < last; ++q) {
    crowded[q - first] = list_probes(q, probes) > limits_.candidates;
  }
  return crowded;
}

void bucket_search::visit(std::uint32_t t, std::size_t first, std::size_t last, const std::vector<bool> &crowded,
                          std::vector<search_hit> &hits) const {
  if (layout_.lines != 0) {
    visit_lines(t, first, last, hits);
    return;
  }
  const std::uint32_t n_inline = layout_.n_inline;
  const query_batch batch{query(first), last - first, queries_.words};
  const queries_by_bucket asking =
      sort_queries(layout_, t, batch, std::span(masks_.masks).first(n_masks_[t]), crowded);
  std::vector<std::uint32_t> words((last - first) * n_inline);
  for (std::size_t q = first; q < last; ++q) {
    inline_words_of(q, t, words.data() + (q - first) * n_inline);
  }

  std::vector<std::uint32_t> gathered(visitors_at_once * n_inline);
  std::vector<bucket_hit> found(visitors_at_once * 2 * bucket_lanes);
  std::vector<candidate> candidates;
  const std::uint32_t *starts = layout_.table_starts(t);
  for (std::size_t bucket = 0; bucket < layout_.buckets(); ++bucket) {
    if (starts[bucket] >= starts[bucket + 1] || starts[bucket + 1] > layout_.size) {
      continue;
    }
    for (std::size_t v = asking.starts[bucket]; v < asking.starts[bucket + 1]; v += visitors_at_once) {
      const std::uint32_t *part = asking.queries.data() + v;
      const std::size_t n = std::min<std::size_t>(visitors_at_once, asking.starts[bucket + 1] - v);
      for (std::size_t i = 0; i < n; ++i) {
        std::copy_n(words.data() + std::size_t{part[i]} * n_inline, n_inline, gathered.data() + i * n_inline);
      }
      const bucket_visitors all{words_[t], n_inline, starts[bucket + 1], gathered.data(), n, max_distance_};
      std::uint32_t position = starts[bucket];
      while (position < starts[bucket + 1]) {
        const std::size_t count = kernels_.visit(all, &position, found.data(), found.size());
        for (const bucket_hit &hit : std::span(found.data(), count)) {
          candidates.push_back({static_cast<std::uint32_t>(first + part[hit.source]), t, hit.position});
        }
      }
    }
    if (candidates.size() >= candidates_at_once) {
      settle(candidates, hits);
      candidates.clear();
    }
  }
  settle(candidates, hits);
}

}  // namespace libmatch::detail
