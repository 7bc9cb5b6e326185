// bucket_search where buckets are lines.
//
// One query lists no buckets: the lines of a table are its masks, in the numbers of lines, flipped by the query's own
// line, so that asking for them early costs an exclusive or each. Many queries go through a table block by block: a
// block of 1,024 lines is those buckets that have their first bits in common, and stays in the caches while all
// queries meet it whose own first bits are near enough. That needs no list of who asks for which bucket, 1,900
// entries a query, but only the queries sorted by their first bits.
#include <algorithm>
#include <array>
#include <memory>
#include <span>

#include "search/bucket_search.h"
#include "search/line_buckets.h"

namespace libmatch::detail {

namespace {

// Rows that are fetched side by side.
constexpr std::size_t candidates_at_once = 512;
// Visits of one call of a kernel.
constexpr std::size_t visits_at_once = 16384;
// A block has 2^block_width lines, 64 KiB.
constexpr std::uint32_t block_width = 10;

// Where the kernels put what they find.
class line_meeting {
 public:
  explicit line_meeting(std::size_t most_visits)
      : hits_(std::make_unique_for_overwrite<bucket_hit[]>(most_visits * rows_of_line)),
        more_(std::make_unique_for_overwrite<bucket_hit[]>(most_visits)) {}

  // One call of a kernel, and further ones as long as lines go on in others; found(source, position).
  template <typename Visits, typename Found>
  void meet(std::size_t (*kernel)(const Visits &, bucket_hit *, bucket_hit *, std::size_t *), const Visits &visits,
            const distance_kernels &kernels, const further_lines &further, const Found &found) {
    const auto take = [&](std::size_t n_hits) {
      for (const bucket_hit &hit : std::span(hits_.get(), n_hits)) {
        found(hit.source, hit.position);
      }
    };
    std::size_t n_more = 0;
    take(kernel(visits, hits_.get(), more_.get(), &n_more));
    n_lines_ += n_more;
    while (n_more != 0) {
      take(kernels.follow_lines(further, hits_.get(), more_.get(), &n_more));
      n_lines_ += n_more;
    }
  }

  // Further lines that were met so far.
  std::uint64_t n_further_lines() const noexcept { return n_lines_; }

 private:
  std::unique_ptr<bucket_hit[]> hits_;
  std::unique_ptr<bucket_hit[]> more_;
  std::uint64_t n_lines_ = 0;
};

void ask_for_first(line_cursor &cursor) noexcept {
  for (std::size_t i = 0; i < lines_ahead && cursor.table != cursor.end; ++i) {
    const std::uint32_t line = cursor.masks[cursor.mask] ^ cursor.table->flip;
    __builtin_prefetch(cursor.table->words + std::size_t{line} * words_of_line);
    if (++cursor.mask == cursor.table->n) {
      ++cursor.table;
      cursor.mask = 0;
    }
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
  // Of all queries, so that the first lines of the next one are asked for, too.
  std::vector<wanted_lines> wanted;
  wanted.reserve((last - first) * asked_tables_);
  for (std::size_t q = first; q < last; ++q) {
    for (std::uint32_t t = 0; t < asked_tables_; ++t) {
      wanted.push_back(
          {words_[t], line_of_bucket(layout_.bucket_of(query(q), t)), static_cast<std::uint32_t>(n_masks_[t])});
    }
  }
  line_cursor ahead{line_masks_.data(), wanted.data(), wanted.data() + wanted.size(), 0};
  ask_for_first(ahead);
  line_meeting meeting(std::min(visits_at_once, n_masks_[0]));
  std::vector<candidate> candidates;
  std::uint64_t all_survivors = 0;
  for (std::size_t q = first; q < last; ++q) {
    const wanted_lines *const own = wanted.data() + (q - first) * asked_tables_;
    const std::size_t hits_before = hits.size();
    const std::uint64_t further_before = meeting.n_further_lines();
    std::uint64_t survivors = 0;
    std::uint64_t lines = 0;
    const auto is_crowded = [&] {
      return all_survivors > limits_.mean_survivors * (last - first) || survivors > limits_.survivors ||
             (lines + meeting.n_further_lines() - further_before) * rows_of_line > limits_.candidates;
    };
    candidates.clear();
    for (std::uint32_t t = 0; t < asked_tables_ && !is_crowded(); ++t) {
      const auto found = [&](std::uint32_t, std::uint32_t position) {
        __builtin_prefetch(layout_.table_rows(t) + position);
        candidates.push_back({static_cast<std::uint32_t>(q), t, position});
      };
      const line_code code = inline_bits(layout_, t, query(q));
      const line_codes codes{&code.low, &code.high};
      const std::size_t before = candidates.size();
      // Masks of one weight leave the same limit.
      for (std::size_t i = 0; i < n_masks_[t] && static_cast<int>(masks_.weights[i]) <= line_limits_[t];) {
        const std::uint32_t weight = masks_.weights[i];
        const std::uint32_t limit = static_cast<std::uint32_t>(line_limits_[t]) - weight;
        std::size_t n = 1;
        while (i + n < n_masks_[t] && masks_.weights[i + n] == weight && n < visits_at_once) {
          ++n;
        }
        const line_probes probes{words_[t], line_masks_.data() + i, n, own[t].flip, limit, codes, &ahead};
        meeting.meet(kernels_.probe_lines, probes, kernels_, {words_[t], layout_.lines, codes, limit}, found);
        i += n;
        lines += n;
      }
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
      ahead = {line_masks_.data(), own + asked_tables_, wanted.data() + wanted.size(), 0};
      ask_for_first(ahead);
      continue;
    }
    settle(candidates, hits);
  }
}

namespace {

// The queries of a batch by the first bits of their bucket in a table, as its blocks are.
struct queries_by_block {
  std::vector<std::uint32_t> starts;  // of each block's queries
  std::vector<std::uint64_t> low;
  std::vector<std::uint32_t> high;  // and the place within the block
  std::vector<std::uint32_t> queries;
};

queries_by_block sort_by_block(const bucket_layout &layout, std::uint32_t t, const query_batch &queries,
                               std::uint32_t width) {
  queries_by_block sorted;
  sorted.starts.resize((std::size_t{1} << (layout.width - width)) + 1);
  std::vector<std::uint32_t> lines(queries.size);
  for (std::size_t q = 0; q < queries.size; ++q) {
    lines[q] = line_of_bucket(layout.bucket_of(queries.rows + q * queries.words, t));
    ++sorted.starts[(lines[q] >> width) + 1];
  }
  for (std::size_t block = 1; block < sorted.starts.size(); ++block) {
    sorted.starts[block] += sorted.starts[block - 1];
  }
  sorted.low.resize(queries.size);
  sorted.high.resize(queries.size);
  sorted.queries.resize(queries.size);
  std::vector<std::uint32_t> next(sorted.starts.begin(), sorted.starts.end() - 1);
  for (std::size_t q = 0; q < queries.size; ++q) {
    const std::uint32_t place = next[lines[q] >> width]++;
    const line_code code = inline_bits(layout, t, queries.rows + q * queries.words);
    sorted.low[place] = code.low;
    sorted.high[place] = code.high | (lines[q] & ((1U << width) - 1U)) << 16;
    sorted.queries[place] = static_cast<std::uint32_t>(q);
  }
  return sorted;
}

// Who visits the lines of a block: the queries of the blocks whose numbers differ from its own by `mask`.
struct visiting_block {
  std::uint32_t mask;
  std::uint32_t flip;  // what the mask adds to places within a block
  std::uint32_t weight;
  std::uint32_t n_flips;  // so many of the flips within a block are left for them
};

struct block_plan {
  std::vector<visiting_block> visiting;
  std::vector<std::uint32_t> flips;  // by their bits
  std::vector<std::uint32_t> limits;
};

block_plan plan_blocks(const bucket_layout &layout, std::uint32_t width, int radius, int limit) {
  block_plan plan;
  const probe_masks low = make_masks(width, radius);
  for (std::size_t i = 0; i < low.masks.size() && static_cast<int>(low.weights[i]) <= limit; ++i) {
    plan.flips.push_back(line_of_bucket(low.masks[i]));
    plan.limits.push_back(static_cast<std::uint32_t>(limit) - low.weights[i]);
  }
  const probe_masks high = make_masks(layout.width - width, radius);
  for (std::size_t i = 0; i < high.masks.size() && static_cast<int>(high.weights[i]) <= limit; ++i) {
    const auto left = static_cast<std::uint32_t>(std::min(radius, limit)) - high.weights[i];
    const auto n_flips = std::count_if(low.weights.begin(), low.weights.end(),
                                       [left](std::uint32_t weight) { return weight <= left; });
    const std::uint32_t flip = line_of_bucket(high.masks[i] << width) & ((1U << width) - 1U);
    plan.visiting.push_back({high.masks[i], flip, high.weights[i], static_cast<std::uint32_t>(n_flips)});
  }
  return plan;
}

}  // namespace

void bucket_search::visit_lines(std::uint32_t t, std::size_t first, std::size_t last,
                                std::vector<search_hit> &hits) const {
  const std::uint32_t width = std::min(block_width, layout_.width);
  const queries_by_block asking = sort_by_block(layout_, t, {query(first), last - first, queries_.words}, width);
  const block_plan plan = plan_blocks(layout_, width, radii_[t], line_limits_[t]);
  const line_codes codes{asking.low.data(), asking.high.data()};
  line_meeting meeting(visits_at_once);
  std::vector<candidate> candidates;
  const auto found = [&](std::uint32_t place, std::uint32_t position) {
    candidates.push_back({static_cast<std::uint32_t>(first) + asking.queries[place], t, position});
  };
  std::vector<line_visitors> visitors;
  std::size_t n_visits = 0;
  const auto blocks = static_cast<std::uint32_t>(asking.starts.size() - 1);
  for (std::uint32_t block = 0; block < blocks; ++block) {
    const std::uint32_t first_line = block << width;
    const std::uint32_t end = first_line + (1U << width);
    const auto meet = [&] {
      const line_visits visits{words_[t],
                               first_line,
                               codes,
                               plan.flips.data(),
                               plan.limits.data(),
                               visitors.data(),
                               visitors.size(),
                               words_[t] + std::size_t{end} * words_of_line,
                               block + 1 < blocks ? 1U << width : 0};
      meeting.meet(kernels_.visit_lines, visits, kernels_,
                   {words_[t], layout_.lines, codes, static_cast<std::uint32_t>(line_limits_[t])}, found);
      visitors.clear();
      n_visits = 0;
    };
    for (const visiting_block &other : plan.visiting) {
      const std::uint32_t end_of_other = asking.starts[(block ^ other.mask) + 1];
      for (std::uint32_t v = asking.starts[block ^ other.mask]; v < end_of_other;) {
        const auto most = static_cast<std::uint32_t>(visits_at_once / other.n_flips);
        const std::uint32_t n = std::min(end_of_other - v, most);
        if (n_visits + std::size_t{n} * other.n_flips > visits_at_once) {
          meet();
        }
        visitors.push_back({v, n, other.flip, other.n_flips, other.weight});
        n_visits += std::size_t{n} * other.n_flips;
        v += n;
      }
    }
    if (!visitors.empty()) {
      meet();
    }
    if (candidates.size() >= candidates_at_once) {
      settle(candidates, hits);
      candidates.clear();
    }
  }
  settle(candidates, hits);
}

}  // namespace libmatch::detail
