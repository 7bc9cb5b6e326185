#include "search/buckets.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "distance/kernels.h"
#include "search/line_buckets.h"

namespace libmatch::detail {

namespace {

// Below it a scan is over before a search of tables has begun.
constexpr std::size_t min_rows = 65536;
// Above it longer substrings have fewer candidates a query than 16-bit ones, and buckets are still well filled.
constexpr std::size_t min_rows_for_long_substrings = 24'000'000;
// Lists with larger buckets than this share of their rows are not put into lines, whose chains are slow to follow.
constexpr std::size_t rows_of_largest_in_lines = 256;

std::uint32_t word32(const std::uint64_t *code, std::uint32_t w) noexcept {
  return static_cast<std::uint32_t>(code[w / 2] >> (32 * (w % 2)));
}

// Counting sort of the rows by bucket, which keeps their order within each.
void build_table(const std::uint64_t *rows, std::uint32_t words, const bucket_layout &layout, std::uint32_t t,
                 std::uint32_t *starts, std::uint32_t *table_rows, std::uint32_t *inline_words) {
  const std::size_t buckets = layout.buckets();
  std::fill_n(starts, buckets + 1, 0U);
  for (std::size_t r = 0; r < layout.size; ++r) {
    ++starts[layout.bucket_of(rows + r * words, t) + 1];
  }
  for (std::size_t b = 0; b < buckets; ++b) {
    starts[b + 1] += starts[b];
  }
  std::vector<std::uint32_t> next(starts, starts + buckets);
  const inline_choice choice = choose_inline(layout, t, words);
  for (std::size_t r = 0; r < layout.size; ++r) {
    const std::uint64_t *code = rows + r * words;
    const std::size_t position = next[layout.bucket_of(code, t)]++;
    table_rows[position] = static_cast<std::uint32_t>(r);
    std::uint32_t *lane =
        inline_words + position / bucket_lanes * bucket_lanes * layout.n_inline + position % bucket_lanes;
    for (std::uint32_t w = 0; w < layout.n_inline; ++w) {
      lane[std::size_t{w} * bucket_lanes] = word32(code, choice.words[w]);
    }
  }
  // Lanes behind the last position: zero, so that the same rows always give the same bytes.
  for (std::size_t position = layout.size; position % bucket_lanes != 0; ++position) {
    for (std::uint32_t w = 0; w < layout.n_inline; ++w) {
      inline_words[(position / bucket_lanes * layout.n_inline + w) * bucket_lanes + position % bucket_lanes] = 0;
    }
  }
}

}  // namespace

bucket_layout plan_buckets(std::size_t n_rows, std::uint32_t words) noexcept {
  const bucket_layout lines = plan_lines(n_rows, words);
  return lines.lines != 0 ? lines : plan_runs(n_rows, words);
}

bucket_layout plan_runs(std::size_t n_rows, std::uint32_t words) noexcept {
  bucket_layout layout;
  layout.size = static_cast<std::uint32_t>(n_rows);
  layout.width = n_rows < min_rows_for_long_substrings || words < 4 ? 16 : 21;
  layout.tables = std::min(bucket_layout::max_tables, words * 64 / layout.width);
  layout.n_inline = bucket_layout::inline_words_of(words);
  return layout;
}

bool buckets_pay(std::size_t n_rows) noexcept { return n_rows >= min_rows; }

std::size_t bucket_bytes(const bucket_layout &layout) noexcept {
  return layout.tables * (layout.starts_of_table() + layout.rows_of_table() + layout.words_of_table()) *
         sizeof(std::uint32_t);
}

owned_buckets build_buckets(const std::uint64_t *rows, std::size_t n_rows, std::uint32_t words, thread_pool &threads,
                            progress_meter *progress) {
  if (const bucket_layout planned = plan_lines(n_rows, words); planned.lines != 0) {
    owned_buckets made;
    if (build_lines(rows, planned, static_cast<std::uint32_t>(n_rows / rows_of_largest_in_lines), threads, progress,
                    made)) {
      return made;
    }
  }
  owned_buckets made;
  made.layout = plan_runs(n_rows, words);
  const std::size_t tables = made.layout.tables;
  made.starts.resize(tables * (made.layout.buckets() + 1));
  made.rows.resize(tables * n_rows);
  made.words.resize(tables * made.layout.words_of_table());
  made.layout.starts = made.starts.data();
  made.layout.rows = made.rows.data();
  made.layout.words = made.words.data();
  threads.for_each(tables, [&](std::size_t t) {
    build_table(rows, words, made.layout, static_cast<std::uint32_t>(t),
                made.starts.data() + t * (made.layout.buckets() + 1), made.rows.data() + t * n_rows,
                made.words.data() + t * made.layout.words_of_table());
    if (progress != nullptr) {
      progress->add(n_rows * (t + 1) / tables - n_rows * t / tables);
    }
  });
  find_largest(made.layout);
  return made;
}

bool is_possible(const bucket_shape &shape, std::uint32_t bits) noexcept {
  const std::uint32_t n_inline = shape.lines != 0 ? 0 : bucket_layout::inline_words_of(bits / 64);
  return shape.tables >= 1 && shape.tables <= bucket_layout::max_tables && shape.width >= 1 &&
         shape.width <= bucket_layout::max_width && shape.tables * shape.width <= bits &&
         shape.n_inline == n_inline && (shape.lines == 0 || can_be_lines(shape.width, shape.lines, bits));
}

bucket_layout layout_of(const bucket_shape &shape, std::size_t n_rows) noexcept {
  bucket_layout layout;
  layout.tables = shape.tables;
  layout.width = shape.width;
  layout.n_inline = shape.n_inline;
  layout.lines = shape.lines;
  layout.size = static_cast<std::uint32_t>(n_rows);
  return layout;
}

std::vector<std::uint32_t> rows_of_bucket(const bucket_layout &layout, std::uint32_t t, std::uint32_t bucket) {
  if (layout.lines != 0) {
    return rows_of_lines(layout, t, bucket);
  }
  const std::uint32_t *starts = layout.table_starts(t);
  const std::uint32_t *rows = layout.table_rows(t);
  const std::uint32_t end = std::min(starts[bucket + 1], layout.size);
  return starts[bucket] < end ? std::vector<std::uint32_t>(rows + starts[bucket], rows + end)
                              : std::vector<std::uint32_t>{};
}

void find_largest(bucket_layout &layout) noexcept {
  for (std::uint32_t t = 0; t < layout.tables; ++t) {
    const std::uint32_t *starts = layout.table_starts(t);
    if (layout.lines != 0) {
      layout.largest[t] = starts[0];
      continue;
    }
    layout.largest[t] = 0;
    for (std::size_t b = 0; b < layout.buckets(); ++b) {
      const std::uint32_t rows = starts[b + 1] > starts[b] ? starts[b + 1] - starts[b] : 0;
      layout.largest[t] = std::max(layout.largest[t], rows);
    }
  }
}

namespace {

// Positions by which a row is asked for ahead: rows lie anywhere, and waiting for each would take most of the time.
constexpr std::size_t rows_ahead = 32;

// One table, beside the rows that it is said to hold.
class table_check {
 public:
  table_check(const bucket_layout &layout, const std::uint64_t *rows, std::uint32_t words, std::uint32_t t)
      : layout_(layout),
        rows_(rows),
        words_(words),
        t_(t),
        starts_(layout.table_starts(t)),
        held_(layout.table_rows(t)),
        inline_words_(layout.table_words(t)),
        choice_(choose_inline(layout, t, words)) {}

  bucket_fault find_fault() const {
    const std::size_t buckets = layout_.buckets();
    for (std::size_t b = 0; b < buckets; ++b) {
      if (starts_[b] > starts_[b + 1]) {
        return at_start(b + 1, "smaller than the one before it");
      }
    }
    if (starts_[0] != 0 || starts_[buckets] != layout_.size) {
      return at_start(starts_[0] != 0 ? 0 : buckets, "not where the rows begin or end");
    }
    // Each row has one bucket and is there at most once, and there are as many positions as rows: so each is there.
    for (std::uint32_t b = 0; b < buckets; ++b) {
      for (std::uint32_t position = starts_[b]; position < starts_[b + 1]; ++position) {
        ask_for_row(std::size_t{position} + rows_ahead);
        const std::uint32_t row = held_[position];
        const bool in_order = position == starts_[b] || held_[position - 1] < row;
        if (!in_order || row >= layout_.size || layout_.bucket_of(code(row), t_) != b) {
          return {bucket_fault::array::rows, std::size_t{t_} * layout_.size + position,
                  "not a row of its bucket, in order"};
        }
        if (const std::uint32_t w = find_wrong_word(position, code(row)); w != layout_.n_inline) {
          return at_word(position, w);
        }
      }
    }
    for (std::size_t position = layout_.size; position % bucket_lanes != 0; ++position) {
      if (const std::uint32_t w = find_wrong_word(position, nullptr); w != layout_.n_inline) {
        return at_word(position, w);
      }
    }
    return {};
  }

 private:
  const std::uint64_t *code(std::uint32_t row) const noexcept { return rows_ + std::size_t{row} * words_; }

  void ask_for_row(std::size_t position) const noexcept {
    if (position < layout_.size && held_[position] < layout_.size) {
      __builtin_prefetch(code(held_[position]));
    }
  }

  std::size_t place_of_word(std::size_t position, std::uint32_t w) const noexcept {
    return (position / bucket_lanes * layout_.n_inline + w) * bucket_lanes + position % bucket_lanes;
  }

  // Null stands for no row: zeros.
  std::uint32_t find_wrong_word(std::size_t position, const std::uint64_t *code) const noexcept {
    std::uint32_t w = 0;
    while (w < layout_.n_inline &&
           inline_words_[place_of_word(position, w)] == (code != nullptr ? word32(code, choice_.words[w]) : 0)) {
      ++w;
    }
    return w;
  }

  bucket_fault at_start(std::size_t b, const char *what) const noexcept {
    return {bucket_fault::array::starts, t_ * (layout_.buckets() + 1) + b, what};
  }
  bucket_fault at_word(std::size_t position, std::uint32_t w) const noexcept {
    return {bucket_fault::array::words, t_ * layout_.words_of_table() + place_of_word(position, w),
            "not the word of its row"};
  }

  const bucket_layout &layout_;
  const std::uint64_t *rows_;
  const std::uint32_t words_;
  const std::uint32_t t_;
  const std::uint32_t *starts_;
  const std::uint32_t *held_;
  const std::uint32_t *inline_words_;
  const inline_choice choice_;
};

}  // namespace

bucket_fault find_bucket_fault(const bucket_layout &layout, const std::uint64_t *rows, std::uint32_t words,
                               std::uint32_t t) {
  return layout.lines != 0 ? find_line_fault(layout, rows, t) : table_check(layout, rows, words, t).find_fault();
}

inline_choice choose_inline(const bucket_layout &layout, std::uint32_t t, std::uint32_t words) noexcept {
  inline_choice choice;
  const std::uint32_t words32 = words * 2;
  choice.whole_code = words32 <= max_inline_words;
  const std::uint32_t substring = t * layout.width / 32;
  for (std::uint32_t w = 0; w < layout.n_inline; ++w) {
    choice.words[w] = choice.whole_code ? w : (substring + words32 - 1 - w) % words32;
  }
  return choice;
}

std::array<int, bucket_layout::max_tables> choose_radii(const bucket_layout &layout, std::uint32_t max_distance) {
  std::array<int, bucket_layout::max_tables> radii;
  const std::uint32_t base = (max_distance + 1) / layout.tables;
  const std::uint32_t larger = (max_distance + 1) % layout.tables;
  for (std::uint32_t t = 0; t < layout.tables; ++t) {
    radii[t] = static_cast<int>(t < larger ? base : base - 1);
  }
  return radii;
}

probe_masks make_masks(std::uint32_t width, int radius) {
  probe_masks made;
  for (int weight = 0; weight <= std::min(radius, static_cast<int>(width)); ++weight) {
    if (weight == 0) {
      made.masks.push_back(0);
      made.weights.push_back(0);
      continue;
    }
    // The next larger word with as many bits set (Warren, Hacker's Delight, 2-1).
    for (std::uint64_t mask = (std::uint64_t{1} << weight) - 1; mask < std::uint64_t{1} << width;) {
      made.masks.push_back(static_cast<std::uint32_t>(mask));
      made.weights.push_back(static_cast<std::uint32_t>(weight));
      const std::uint64_t smallest = mask & (~mask + 1);
      const std::uint64_t ripple = mask + smallest;
      mask = ripple | (((mask ^ ripple) / smallest) >> 2);
    }
  }
  return made;
}

double count_masks(std::uint32_t width, int radius) noexcept {
  double count = 0;
  double choose = 1;
  for (int weight = 0; weight <= std::min(radius, static_cast<int>(width)); ++weight) {
    count += choose;
    choose = choose * (width - static_cast<double>(weight)) / (weight + 1.0);
  }
  return count;
}

bool found_earlier(const bucket_layout &layout, const std::array<int, bucket_layout::max_tables> &radii,
                   const std::uint64_t *row, const std::uint64_t *code, std::uint32_t t) noexcept {
  for (std::uint32_t earlier = 0; earlier < t; ++earlier) {
    if (std::popcount(layout.bucket_of(row, earlier) ^ layout.bucket_of(code, earlier)) <= radii[earlier]) {
      return true;
    }
  }
  return false;
}

// A counting sort.
queries_by_bucket sort_queries(const bucket_layout &layout, std::uint32_t t, const query_batch &queries,
                               std::span<const std::uint32_t> masks, const std::vector<bool> &left_out) {
  const auto for_each_entry = [&](const auto &body) {
    for (std::size_t q = 0; q < queries.size; ++q) {
      if (!left_out.empty() && left_out[q]) {
        continue;
      }
      const std::uint32_t bucket = layout.bucket_of(queries.rows + q * queries.words, t);
      for (const std::uint32_t mask : masks) {
        body(bucket ^ mask, static_cast<std::uint32_t>(q));
      }
    }
  };
  queries_by_bucket sorted;
  sorted.starts.resize(layout.buckets() + 1);
  for_each_entry([&](std::uint32_t bucket, std::uint32_t /*q*/) { ++sorted.starts[bucket + 1]; });
  std::partial_sum(sorted.starts.begin(), sorted.starts.end(), sorted.starts.begin());
  sorted.queries.resize(sorted.starts.back());
  std::vector<std::uint32_t> next(sorted.starts.begin(), sorted.starts.end() - 1);
  for_each_entry([&](std::uint32_t bucket, std::uint32_t q) { sorted.queries[next[bucket]++] = q; });
  return sorted;
}

}  // namespace libmatch::detail
