#include "search/line_buckets.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "core/aligned_vector.h"
#include "search/line_writer.h"

namespace libmatch::detail {

namespace {

constexpr std::uint32_t code_bits = 256;
constexpr std::uint32_t code_words = code_bits / 64;

// Rows a bucket that lines are made for, at least, up to twice as many: with fewer the lines would take more memory
// than the other form, with more a bucket takes several of them.
constexpr double least_load = 4.6;
// Below it the other form is as fast; above, a longer substring would leave too few tables for radii of 2.
constexpr std::uint32_t least_width = 20;
constexpr std::uint32_t most_width = 23;

// Lines that are filled together, 256 KiB.
constexpr std::uint32_t group_width = 12;

std::uint32_t lines_for(std::uint32_t rows) noexcept { return (rows + rows_of_line - 1) / rows_of_line; }

// Lines beyond the first that evenly filled buckets take, a bucket: rows are spread as by chance (Poisson).
double expected_more_lines(double load) noexcept {
  double more = 0;
  double probability = std::exp(-load);
  // Beyond twice the load and a few lines hardly any bucket is.
  for (std::uint32_t rows = 1; rows < 2 * load + 40; ++rows) {
    probability *= load / rows;
    more += probability * (lines_for(rows) - 1);
  }
  return more;
}

std::uint64_t cyclic_bits(const std::uint64_t *code, std::uint32_t first) noexcept {
  const std::uint32_t word = first / 64 % code_words;
  const std::uint32_t shift = first % 64;
  return shift == 0 ? code[word] : code[word] >> shift | code[(word + 1) % code_words] << (64 - shift);
}

// How many rows the buckets of a table have.
struct row_counts {
  std::vector<std::uint32_t> groups;  // of each group of lines
  std::uint32_t largest = 0;          // of a bucket
  std::uint32_t lines = 0;            // that they take together
};

std::uint32_t group_width_of(const bucket_layout &layout) noexcept { return std::min(group_width, layout.width); }

row_counts count_rows(const bucket_layout &layout, const std::uint64_t *rows, std::uint32_t t) {
  aligned_vector<std::uint32_t> of_lines(layout.buckets());
  std::fill(of_lines.begin(), of_lines.end(), 0U);
  for (std::size_t r = 0; r < layout.size; ++r) {
    ++of_lines[line_of_bucket(layout.bucket_of(rows + r * code_words, t))];
  }
  row_counts counts;
  counts.groups.resize(layout.buckets() >> group_width_of(layout));
  for (std::size_t line = 0; line < of_lines.size(); ++line) {
    counts.groups[line >> group_width_of(layout)] += of_lines[line];
    counts.largest = std::max(counts.largest, of_lines[line]);
    counts.lines += std::max(1U, lines_for(of_lines[line]));
  }
  return counts;
}

// A row on its way to its line: all that the line will hold of it.
struct moved_row {
  std::uint64_t low;
  std::uint32_t row;
  std::uint16_t high;
  std::uint16_t line;  // within its group
};
static_assert(sizeof(moved_row) == 16);

// Fills the lines of one table, group by group: rows scattered over all of a table would wait for two lines of memory
// each.
class table_builder {
 public:
  table_builder(const bucket_layout &layout, std::uint32_t t, std::uint32_t *words, std::uint32_t *rows)
      : layout_(layout),
        t_(t),
        width_(group_width_of(layout)),
        words_(words),
        rows_(rows),
        next_free_(static_cast<std::uint32_t>(layout.buckets())),
        in_line_(std::size_t{1} << width_),
        further_(std::size_t{1} << width_) {}

  void build(const std::uint64_t *rows, const std::vector<std::uint32_t> &rows_of_groups) {
    std::vector<std::size_t> next(rows_of_groups.size());  // of each group, in `moved`
    for (std::size_t group = 1; group < next.size(); ++group) {
      next[group] = next[group - 1] + rows_of_groups[group - 1];
    }
    aligned_vector<moved_row> moved(layout_.size);
    for (std::size_t r = 0; r < layout_.size; ++r) {
      const std::uint64_t *code = rows + r * code_words;
      const std::uint32_t line = line_of_bucket(layout_.bucket_of(code, t_));
      const line_code held = inline_bits(layout_, t_, code);
      moved[next[line >> width_]++] = {held.low, static_cast<std::uint32_t>(r), static_cast<std::uint16_t>(held.high),
                                       static_cast<std::uint16_t>(line & ((1U << width_) - 1U))};
    }
    for (std::size_t group = 0; group < next.size(); ++group) {
      fill_group(static_cast<std::uint32_t>(group << width_),
                 std::span(moved).subspan(next[group] - rows_of_groups[group], rows_of_groups[group]));
    }
    clear(next_free_, layout_.lines);
  }

 private:
  void clear(std::uint32_t first, std::uint32_t last) {
    std::fill(words_ + std::size_t{first} * words_of_line, words_ + std::size_t{last} * words_of_line, 0U);
    std::fill(rows_ + std::size_t{first} * rows_of_line, rows_ + std::size_t{last} * rows_of_line, 0U);
  }

  void fill_group(std::uint32_t first_line, std::span<const moved_row> moved) {
    std::fill(in_line_.begin(), in_line_.end(), 0U);
    for (const moved_row &row : moved) {
      ++in_line_[row.line];
    }
    clear(first_line, first_line + static_cast<std::uint32_t>(in_line_.size()));
    for (std::uint32_t i = 0; i < in_line_.size(); ++i) {
      further_[i] = next_free_;
      link_lines(first_line + i, in_line_[i]);
      in_line_[i] = 0;
    }
    for (const moved_row &row : moved) {
      const std::uint32_t place = in_line_[row.line]++;
      const std::uint32_t number =
          place < rows_of_line ? first_line + row.line : further_[row.line] + place / rows_of_line - 1;
      line_writer(words_, rows_, number).set_row(place % rows_of_line, row.row, {row.low, row.high});
    }
  }

  // The headers of a bucket's lines.
  void link_lines(std::uint32_t number, std::uint32_t n_rows) {
    const std::uint32_t first = next_free_;
    next_free_ += std::max(1U, lines_for(n_rows)) - 1;
    clear(first, next_free_);
    for (std::uint32_t next = first; n_rows > rows_of_line; ++next) {
      line_writer(words_, rows_, number).set_header(rows_of_line, next);
      number = next;
      n_rows -= rows_of_line;
    }
    line_writer(words_, rows_, number).set_header(n_rows, 0);
  }

  const bucket_layout &layout_;
  const std::uint32_t t_;
  const std::uint32_t width_;
  std::uint32_t *words_;
  std::uint32_t *rows_;
  std::uint32_t next_free_;
  std::vector<std::uint32_t> in_line_;  // rows of each line of the group
  std::vector<std::uint32_t> further_;  // the second line of each bucket
};

}  // namespace

bucket_layout shape_of_lines(std::size_t n_rows, std::uint32_t width) noexcept {
  bucket_layout layout;
  layout.size = static_cast<std::uint32_t>(n_rows);
  layout.width = width;
  layout.tables = std::min(bucket_layout::max_tables, code_bits / width);
  const auto buckets = static_cast<double>(layout.buckets());
  layout.lines = static_cast<std::uint32_t>(
      std::ceil(buckets * (1 + expected_more_lines(static_cast<double>(n_rows) / buckets))));
  return layout;
}

bucket_layout plan_lines(std::size_t n_rows, std::uint32_t words) noexcept {
  std::uint32_t width = least_width;
  if (words != code_words || static_cast<double>(n_rows) < least_load * (1U << least_width)) {
    return {};
  }
  while (width < most_width && static_cast<double>(n_rows) >= least_load * (2U << width)) {
    ++width;
  }
  return shape_of_lines(n_rows, width);
}

bool build_lines(const std::uint64_t *rows, const bucket_layout &planned, std::uint32_t most_rows,
                 thread_pool &threads, progress_meter *progress, owned_buckets &made) {
  made.layout = planned;
  const std::size_t tables = planned.tables;
  std::vector<row_counts> counts(tables);
  threads.for_each(tables,
                   [&](std::size_t t) { counts[t] = count_rows(planned, rows, static_cast<std::uint32_t>(t)); });
  std::uint32_t lines = 0;
  std::uint32_t largest = 0;
  for (std::size_t t = 0; t < tables; ++t) {
    made.layout.largest[t] = counts[t].largest;
    largest = std::max(largest, counts[t].largest);
    lines = std::max(lines, counts[t].lines);
  }
  if (largest > most_rows || lines > planned.lines + planned.lines / 4) {
    return false;
  }
  made.layout.lines = lines;
  made.starts.resize(tables);
  made.rows.resize(tables * made.layout.rows_of_table());
  made.words.resize(tables * made.layout.words_of_table());
  threads.for_each(tables, [&](std::size_t t) {
    made.starts[t] = made.layout.largest[t];
    table_builder builder(made.layout, static_cast<std::uint32_t>(t),
                          made.words.data() + t * made.layout.words_of_table(),
                          made.rows.data() + t * made.layout.rows_of_table());
    builder.build(rows, counts[t].groups);
    if (progress != nullptr) {
      progress->add(planned.size * (t + 1) / tables - planned.size * t / tables);
    }
  });
  made.layout.starts = made.starts.data();
  made.layout.rows = made.rows.data();
  made.layout.words = made.words.data();
  return true;
}

bool can_be_lines(std::uint32_t width, std::uint32_t lines, std::uint32_t bits) noexcept {
  return bits == code_bits && width >= 7 && lines >= std::uint32_t{1} << width && lines < std::uint32_t{1} << 29;
}

std::vector<std::uint32_t> rows_of_lines(const bucket_layout &layout, std::uint32_t t, std::uint32_t bucket) {
  std::vector<std::uint32_t> rows;
  std::uint32_t number = line_of_bucket(bucket);
  for (bool goes_on = true; goes_on;) {
    const std::uint32_t header = layout.table_words(t)[std::size_t{number} * words_of_line + words_of_line - 1];
    const std::uint32_t *held = layout.table_rows(t) + std::size_t{number} * rows_of_line;
    rows.insert(rows.end(), held, held + std::min(header & 7U, rows_of_line));
    // Numbers that grow come to an end.
    goes_on = header >> 3 > number && header >> 3 < layout.lines;
    number = header >> 3;
  }
  return rows;
}

line_code inline_bits(const bucket_layout &layout, std::uint32_t t, const std::uint64_t *code) noexcept {
  const std::uint32_t first = (t + 1) * layout.width;
  return {cyclic_bits(code, first), static_cast<std::uint32_t>(cyclic_bits(code, first + 64)) & 0xffffU};
}

std::array<int, bucket_layout::max_tables> limits_of_tables(const bucket_layout &layout,
                                                            const std::array<int, bucket_layout::max_tables> &radii,
                                                            std::uint32_t max_distance) noexcept {
  std::array<int, bucket_layout::max_tables> limits{};
  limits.fill(-1);
  for (std::uint32_t t = 0; t < layout.tables; ++t) {
    int limit = static_cast<int>(max_distance);
    for (std::uint32_t earlier = 0; earlier < t; ++earlier) {
      // Inline bits begin at (t + 1) x width; a substring that reaches into them says nothing of the rest.
      const std::uint32_t end_of_inline = (t + 1) * layout.width + inline_line_bits;
      const bool overlaps = end_of_inline > code_bits + earlier * layout.width;
      limit -= overlaps ? 0 : radii[earlier] + 1;
    }
    limits[t] = std::max(limit, -1);
  }
  return limits;
}

}  // namespace libmatch::detail
