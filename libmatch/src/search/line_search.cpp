// bucket_search where buckets are lines.
//
// One query lists no buckets: the lines of a table are its masks, in the numbers of lines, flipped by the query's own
// line, so that asking for them early costs an exclusive or each. Many queries go through a table block by block: a
// block of 512 lines is those buckets that have their first bits in common, and stays in the first-level cache while
// all queries meet it whose own first bits are near enough. That needs no list of who asks for which bucket, 1,900
// entries a query, but only the queries sorted by their first bits.
#include <algorithm>
#include <array>
#include <span>

#include "search/bucket_search.h"
#include "search/line_buckets.h"

namespace libmatch::detail {

namespace {

// Rows that are fetched side by side.
constexpr std::size_t candidates_at_once = 512;
// Visits of one call of the kernel.
constexpr std::size_t visits_at_once = 4096;
// A block has 2^block_width lines, 32 KiB.
constexpr std::uint32_t block_width = 9;
// Lines of the next block that are asked for with each call.
constexpr std::size_t lines_of_next_block = 8;

// Lines that are met by codes, each by one, and what of them was found: a call of the kernel, and further ones as
// long as lines go on in others.
class line_meeting {
 public:
  line_meeting(const bucket_layout &layout, const distance_kernels &kernels) : layout_(layout), kernels_(kernels) {}

  // The hits are valid until the next call.
  std::span<const bucket_hit> meet(const line_visits &visits) {
    const std::size_t most = visits.n * visits.n_flips;
    if (more_.size() < most) {
      more_.resize(most);
      hits_.resize(most * rows_of_line);
    }
    return {hits_.data(), kernels_.visit_lines(visits, hits_.data(), more_.data(), &n_more_)};
  }

  // The lines that those of the last call go on in, if the file tells the truth: then their numbers grow, so that
  // nobody follows them for ever.
  template <typename Take>
  void take_more(const Take &take) const {
    for (const bucket_hit &next : std::span(more_.data(), n_more_)) {
      if (next.position >= layout_.buckets() && next.position < layout_.lines) {
        take(next.source, next.position);
      }
    }
  }

 private:
  const bucket_layout &layout_;
  const distance_kernels &kernels_;
  std::vector<bucket_hit> hits_;
  std::vector<bucket_hit> more_;
  std::size_t n_more_ = 0;
};

// Lines that go on others, and who meets them.
struct further_lines {
  std::vector<std::uint32_t> lines;
  std::vector<line_code> codes;
  std::vector<std::uint32_t> sources;

  void clear() {
    lines.clear();
    codes.clear();
    sources.clear();
  }
  void add(std::uint32_t line, const line_code &code, std::uint32_t source) {
    lines.push_back(line);
    codes.push_back(code);
    sources.push_back(source);
  }
};

// Meets those lines, and those that follow them, until there are none; found(source, position).
template <typename Found>
void follow(line_meeting &meeting, const std::uint32_t *words, further_lines &further, std::uint32_t limit,
            const Found &found) {
  further_lines next;
  const std::uint32_t no_flip = 0;
  while (!further.lines.empty()) {
    next.clear();
    for (std::size_t first = 0; first < further.lines.size(); first += visits_at_once) {
      const std::size_t n = std::min(visits_at_once, further.lines.size() - first);
      const line_visits visits{
          words, further.lines.data() + first, further.codes.data() + first, 1, n, n, &no_flip, &limit, 1, {}};
      for (const bucket_hit &hit : meeting.meet(visits)) {
        found(further.sources[first + hit.source], hit.position);
      }
      meeting.take_more([&](std::uint32_t i, std::uint32_t line) {
        if (line > further.lines[first + i]) {
          next.add(line, further.codes[first + i], further.sources[first + i]);
        }
      });
    }
    std::swap(further, next);
  }
}

}  // namespace

void bucket_search::prepare_lines() {
  line_limits_ = limits_of_tables(layout_, radii_, max_distance_);
  line_masks_.reserve(masks_.masks.size());
  for (const std::uint32_t mask : masks_.masks) {
    line_masks_.push_back(line_of_bucket(mask));
  }
}

void bucket_search::probe_lines(std::size_t first, std::size_t last, std::vector<search_hit> &hits,
                                std::vector<std::uint32_t> &crowded) const {
  std::vector<candidate> candidates;
  further_lines further;
  std::uint64_t all_survivors = 0;
  line_meeting meeting(layout_, kernels_);
  const auto first_lines = [&](std::size_t q, std::uint32_t t) {
    const std::uint32_t line = line_of_bucket(layout_.bucket_of(query(q), t));
    return wanted_lines{words_[t], line_masks_.data(), line, std::min(lines_ahead, n_masks_[t])};
  };
  for (std::size_t q = first; q < last; ++q) {
    const std::size_t hits_before = hits.size();
    std::uint64_t survivors = 0;
    std::uint64_t lines = 0;
    const auto is_crowded = [&] {
      return all_survivors > limits_.mean_survivors * (last - first) || survivors > limits_.survivors ||
             lines * rows_of_line > limits_.candidates;
    };
    const wanted_lines wanted = first_lines(q, 0);
    for (std::size_t i = 0; i < wanted.n; ++i) {
      __builtin_prefetch(wanted.words + std::size_t{wanted.lines[i] ^ wanted.flip} * words_of_line);
    }
    candidates.clear();
    for (std::uint32_t t = 0; t < asked_tables_ && !is_crowded(); ++t) {
      const wanted_lines after = t + 1 < asked_tables_ ? first_lines(q, t + 1) : wanted_lines{};
      const auto found = [&](std::uint32_t, std::uint32_t position) {
        candidates.push_back({static_cast<std::uint32_t>(q), t, position});
      };
      const std::uint32_t line = line_of_bucket(layout_.bucket_of(query(q), t));
      const line_code code = inline_bits(layout_, t, query(q));
      const std::size_t before = candidates.size();
      further.clear();
      // Masks of one weight leave the same limit.
      for (std::size_t i = 0; i < n_masks_[t] && static_cast<int>(masks_.weights[i]) <= line_limits_[t];) {
        const std::uint32_t weight = masks_.weights[i];
        const std::uint32_t limit = static_cast<std::uint32_t>(line_limits_[t]) - weight;
        std::size_t n = 1;
        while (i + n < n_masks_[t] && masks_.weights[i + n] == weight && n < visits_at_once) {
          ++n;
        }
        const line_visits visits{words_[t], line_masks_.data() + i, &code, 0, n, n_masks_[t] - i, &line, &limit, 1,
                                 after};
        for (const bucket_hit &hit : meeting.meet(visits)) {
          found(hit.source, hit.position);
        }
        meeting.take_more([&](std::uint32_t, std::uint32_t next) { further.add(next, code, 0); });
        i += n;
        lines += n + further.lines.size();
      }
      follow(meeting, words_[t], further, static_cast<std::uint32_t>(line_limits_[t]), found);
      survivors += candidates.size() - before;
      all_survivors += candidates.size() - before;
      if (candidates.size() >= candidates_at_once) {
        settle(candidates, hits);
        candidates.clear();
      }
    }
    if (is_crowded()) {
      hits.resize(hits_before);
      crowded.push_back(static_cast<std::uint32_t>(q));
      continue;
    }
    settle(candidates, hits);
  }
}

namespace {

// The queries of a batch by the first bits of their bucket in a table, as its blocks are.
struct queries_by_block {
  std::vector<std::uint32_t> starts;  // of each block's queries
  std::vector<std::uint32_t> lines;   // within the block
  std::vector<line_code> codes;
  std::vector<std::uint32_t> queries;
};

queries_by_block sort_by_block(const bucket_layout &layout, std::uint32_t t, const query_batch &queries,
                               std::uint32_t width) {
  queries_by_block sorted;
  sorted.starts.resize((std::size_t{1} << (layout.width - width)) + 1);
  const auto bucket_of = [&](std::size_t q) { return layout.bucket_of(queries.rows + q * queries.words, t); };
  for (std::size_t q = 0; q < queries.size; ++q) {
    ++sorted.starts[(bucket_of(q) >> width) + 1];
  }
  for (std::size_t block = 1; block < sorted.starts.size(); ++block) {
    sorted.starts[block] += sorted.starts[block - 1];
  }
  sorted.lines.resize(queries.size);
  sorted.codes.resize(queries.size);
  sorted.queries.resize(queries.size);
  std::vector<std::uint32_t> next(sorted.starts.begin(), sorted.starts.end() - 1);
  for (std::size_t q = 0; q < queries.size; ++q) {
    const std::uint32_t bucket = bucket_of(q);
    const std::uint32_t place = next[bucket >> width]++;
    sorted.lines[place] = line_of_bucket(bucket) & ((1U << width) - 1U);
    sorted.codes[place] = inline_bits(layout, t, queries.rows + q * queries.words);
    sorted.queries[place] = static_cast<std::uint32_t>(q);
  }
  return sorted;
}

// The flips within a block, and their limits, for pairs whose blocks already differ by `weight` bits.
struct block_flips {
  std::vector<std::uint32_t> flips;
  std::vector<std::uint32_t> limits;
};

block_flips flips_within_block(const probe_masks &low, int radius, int limit) {
  block_flips made;
  for (std::size_t i = 0; i < low.masks.size(); ++i) {
    const auto weight = static_cast<int>(low.weights[i]);
    if (weight <= radius && weight <= limit) {
      made.flips.push_back(line_of_bucket(low.masks[i]));
      made.limits.push_back(static_cast<std::uint32_t>(limit - weight));
    }
  }
  return made;
}

}  // namespace

void bucket_search::visit_lines(std::uint32_t t, std::size_t first, std::size_t last,
                                std::vector<search_hit> &hits) const {
  const std::uint32_t width = std::min(block_width, layout_.width);
  const int radius = radii_[t];
  const queries_by_block asking = sort_by_block(layout_, t, {query(first), last - first, queries_.words}, width);
  const probe_masks high = make_masks(layout_.width - width, radius);
  const probe_masks low = make_masks(width, radius);
  std::vector<block_flips> within;  // by the weight of the high mask
  for (int weight = 0; weight <= radius; ++weight) {
    within.push_back(flips_within_block(low, radius - weight, line_limits_[t] - weight));
  }
  line_meeting meeting(layout_, kernels_);
  further_lines further;
  std::vector<candidate> candidates;
  std::vector<std::uint32_t> flips;
  const auto found = [&](std::uint32_t place, std::uint32_t position) {
    candidates.push_back({static_cast<std::uint32_t>(first) + asking.queries[place], t, position});
  };
  const std::size_t blocks = asking.starts.size() - 1;
  for (std::uint32_t block = 0; block < blocks; ++block) {
    std::size_t next_line = (std::size_t{block} + 1) << width;
    const std::size_t end_of_next = block + 1 < blocks ? next_line + (std::size_t{1} << width) : next_line;
    further.clear();
    for (std::size_t m = 0; m < high.masks.size(); ++m) {
      const std::uint32_t own = block ^ high.masks[m];
      const block_flips &of_weight = within[high.weights[m]];
      if (asking.starts[own] == asking.starts[own + 1] || of_weight.flips.empty()) {
        continue;
      }
      for (std::size_t i = 0; i < lines_of_next_block && next_line < end_of_next; ++i, ++next_line) {
        __builtin_prefetch(words_[t] + next_line * words_of_line, 0, 2);
      }
      // What the high bits add to the place within a block, and the block itself.
      const std::uint32_t base = line_of_bucket(high.masks[m] << width) ^ (own << width);
      flips.assign(of_weight.flips.begin(), of_weight.flips.end());
      for (std::uint32_t &flip : flips) {
        flip ^= base;
      }
      const std::size_t most = std::max<std::size_t>(1, visits_at_once / flips.size());
      for (std::size_t v = asking.starts[own]; v < asking.starts[own + 1]; v += most) {
        const std::size_t n = std::min<std::size_t>(most, asking.starts[own + 1] - v);
        const line_visits visits{words_[t],
                                 asking.lines.data() + v,
                                 asking.codes.data() + v,
                                 1,
                                 n,
                                 0,
                                 flips.data(),
                                 of_weight.limits.data(),
                                 flips.size(),
                                 {}};
        for (const bucket_hit &hit : meeting.meet(visits)) {
          found(static_cast<std::uint32_t>(v) + hit.source, hit.position);
        }
        meeting.take_more([&](std::uint32_t i, std::uint32_t line) {
          further.add(line, asking.codes[v + i], static_cast<std::uint32_t>(v) + i);
        });
      }
    }
    follow(meeting, words_[t], further, static_cast<std::uint32_t>(std::max(line_limits_[t], 0)), found);
    if (candidates.size() >= candidates_at_once) {
      settle(candidates, hits);
      candidates.clear();
    }
  }
  settle(candidates, hits);
}

}  // namespace libmatch::detail
