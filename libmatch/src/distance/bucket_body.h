// Buckets of multi-index hashing: distance_kernels::probe and ::visit.
//
// A bucket holds the rows that share a substring; up to 96 other bits of each lie inline, 16 rows a block. Of random
// rows 3.4e-4 are within 31 on 96 bits, so nearly all work is streaming blocks: 192 bytes for 16 rows. One query
// over a large list waits for memory (12 bytes a candidate; blocks are asked for some probes ahead); many queries
// that visit one bucket find it in the first-level cache and cost N xor, N counts and N additions for 16 pairs.
// Measured on Zen 5 with 96 bits inline and 152 rows in a bucket, picoseconds a position: 73 for a probe and 38 for a
// visitor by AVX-512, 130 and 115 without its bit counts, 230 and 216 by AVX2. From memory a probe of one query in 10
// million rows takes 1 ns a position: 12 bytes at 12 GB/s.
#pragma once

#include "distance/kernels.h"

namespace libmatch::detail {
namespace {

// The including file defines, for 16 lanes of 32 bits: `lanes` with load_lanes (aligned) and same_lanes (one word in
// every lane); `lane_counts` with differing (bits of two lanes that differ), plus, and at_most (a bit a lane).

// Lanes of the block at `position` that belong to positions first .. last - 1.
inline std::uint32_t lanes_of(std::uint32_t position, std::uint32_t first, std::uint32_t last) {
  const std::uint32_t skipped = first > position ? first - position : 0;
  const std::uint32_t end = last - position;
  return (0xffffU << skipped) & (end >= bucket_lanes ? 0xffffU : (1U << end) - 1U);
}

template <std::uint32_t Words>
struct block {
  lanes word[Words];
};

template <std::uint32_t Words>
inline block<Words> load_block(const std::uint32_t *words, std::uint32_t position) {
  block<Words> loaded;
  for (std::uint32_t w = 0; w < Words; ++w) {
    loaded.word[w] = load_lanes(words + std::size_t{position} * Words + std::size_t{w} * bucket_lanes);
  }
  return loaded;
}

template <std::uint32_t Words>
inline block<Words> same_block(const std::uint32_t *query) {
  block<Words> same;
  for (std::uint32_t w = 0; w < Words; ++w) {
    same.word[w] = same_lanes(query[w]);
  }
  return same;
}

template <std::uint32_t Words>
inline std::uint32_t within(const block<Words> &rows, const block<Words> &query, std::uint32_t limit) {
  lane_counts counts = differing(rows.word[0], query.word[0]);
  for (std::uint32_t w = 1; w < Words; ++w) {
    counts = plus(counts, differing(rows.word[w], query.word[w]));
  }
  return at_most(counts, limit);
}

// Probes by which blocks are asked for ahead of their use, and how many lines of each: the processor's own
// prefetching follows a longer bucket by itself.
constexpr std::size_t probes_ahead = 6;
constexpr std::size_t max_lines_ahead = 12;

// Inlined by force: g++ 12 takes a function that only asks for memory for one without effect, and drops its calls.
template <std::uint32_t Words>
__attribute__((always_inline)) inline void prefetch_bucket(const bucket_probes &probes, const bucket_probe &probe) {
  constexpr std::size_t words_of_line = 16;
  const std::size_t first = std::size_t{probe.first} / bucket_lanes * bucket_lanes * Words;
  const std::size_t last = (std::size_t{probe.last} + bucket_lanes - 1) / bucket_lanes * bucket_lanes * Words;
  const std::size_t end =
      last - first > max_lines_ahead * words_of_line ? first + max_lines_ahead * words_of_line : last;
  for (std::size_t word = first; word < end; word += words_of_line) {
    __builtin_prefetch(probes.words[probe.table] + word);
  }
}

template <std::uint32_t Words>
std::size_t probe_words(const bucket_probes &probes, probe_cursor *cursor, bucket_hit *hits, std::size_t capacity) {
  std::size_t count = 0;
  std::uint32_t resume = cursor->position;
  for (std::size_t i = cursor->probe; i < probes.n_probes; ++i, resume = 0) {
    if (i + probes_ahead < probes.n_probes) {
      prefetch_bucket<Words>(probes, probes.probes[i + probes_ahead]);
    }
    const bucket_probe probe = probes.probes[i];
    const std::uint32_t *words = probes.words[probe.table];
    const block<Words> query = same_block<Words>(probes.query + std::size_t{probe.table} * Words);
    const std::uint32_t from = resume > probe.first ? resume : probe.first;
    for (std::uint32_t position = from / bucket_lanes * bucket_lanes; position < probe.last;
         position += bucket_lanes) {
      if (__builtin_expect(count + bucket_lanes > capacity, 0)) {
        *cursor = {i, position};
        return count;
      }
      std::uint32_t found = within<Words>(load_block<Words>(words, position), query, probe.limit);
      if (__builtin_expect(found != 0, 0)) {
        for (found &= lanes_of(position, probe.first, probe.last); found != 0; found &= found - 1) {
          hits[count++] = {static_cast<std::uint32_t>(i),
                           position + static_cast<std::uint32_t>(__builtin_ctz(found))};
        }
      }
    }
  }
  *cursor = {probes.n_probes, 0};
  return count;
}

// Two blocks at a time, so that a visitor's words are spread over the lanes half as often.
template <std::uint32_t Words>
std::size_t visit_words(const bucket_visitors &visitors, std::uint32_t *first, bucket_hit *hits,
                        std::size_t capacity) {
  std::size_t count = 0;
  const std::uint32_t begin = *first;
  std::uint32_t position = begin / bucket_lanes * bucket_lanes;
  for (; position < visitors.last && count + 2 * visitors.n_visitors * bucket_lanes <= capacity;
       position += 2 * bucket_lanes) {
    const std::uint32_t next = position + bucket_lanes;
    const bool pair = next < visitors.last;
    const block<Words> low = load_block<Words>(visitors.words, position);
    const block<Words> high = pair ? load_block<Words>(visitors.words, next) : low;
    const std::uint32_t present =
        lanes_of(position, begin, visitors.last) | (pair ? lanes_of(next, begin, visitors.last) << bucket_lanes : 0);
    for (std::size_t v = 0; v < visitors.n_visitors; ++v) {
      const block<Words> query = same_block<Words>(visitors.queries + v * Words);
      std::uint32_t found =
          (within<Words>(low, query, visitors.limit) | within<Words>(high, query, visitors.limit) << bucket_lanes) &
          present;
      for (; __builtin_expect(found != 0, 0); found &= found - 1) {
        hits[count++] = {static_cast<std::uint32_t>(v), position + static_cast<std::uint32_t>(__builtin_ctz(found))};
      }
    }
  }
  *first = position > begin ? position : begin;
  return count;
}

std::size_t probe(const bucket_probes &probes, probe_cursor *cursor, bucket_hit *hits, std::size_t capacity) {
  switch (probes.n_words) {
    case 1:
      return probe_words<1>(probes, cursor, hits, capacity);
    case 2:
      return probe_words<2>(probes, cursor, hits, capacity);
    default:
      return probe_words<3>(probes, cursor, hits, capacity);
  }
}

std::size_t visit(const bucket_visitors &visitors, std::uint32_t *first, bucket_hit *hits, std::size_t capacity) {
  switch (visitors.n_words) {
    case 1:
      return visit_words<1>(visitors, first, hits, capacity);
    case 2:
      return visit_words<2>(visitors, first, hits, capacity);
    default:
      return visit_words<3>(visitors, first, hits, capacity);
  }
}

}  // namespace
}  // namespace libmatch::detail
