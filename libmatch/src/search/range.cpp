#include <algorithm>
#include <deque>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <vector>

#include "search/bucket_search.h"
#include "search/ordering.h"
#include "search/query_tables.h"
#include "search/scan.h"
#include "search/tile_scan.h"

namespace libmatch::detail {

namespace {

// Queries of one task of probing: enough to outweigh a task's cost.
constexpr std::size_t queries_of_probing = 64;
// Queries that visit buckets together; their words stay in the second-level cache.
constexpr std::size_t queries_of_visiting = 65536;

// A part of the work that one thread does, with the hits it finds.
struct range_task {
  std::function<void(std::vector<search_hit> &)> run;
  std::vector<search_hit> hits;
};

// Hits of one range of rows, for all queries; numbers[q] is what query q is called in the result, null: q.
void scan_range(const segment_view &segment, const row_range &range, const query_batch &queries,
                const std::uint32_t *numbers, std::uint32_t max_distance, const search_environment &environment,
                std::vector<search_hit> &hits) {
  tile_scanner scanner(environment.kernels, environment.forced == search_method::rows);
  const std::vector<std::uint32_t> limits(std::min(query_block_size, queries.size), max_distance);
  for (std::size_t first = 0; first < queries.size; first += query_block_size) {
    const query_batch block{queries.rows + first * queries.words, std::min(query_block_size, queries.size - first),
                            queries.words};
    scanner.scan(segment, range, block, std::span(limits).first(block.size),
                 [&](std::uint32_t query, std::size_t row, std::uint32_t distance) {
                   const std::size_t q = first + query;
                   hits.push_back({segment.ids[row],
                                   numbers != nullptr ? numbers[q] : static_cast<std::uint32_t>(q),
                                   distance,
                                   {range.segment, static_cast<std::uint32_t>(row)}});
                 });
    environment.progress.add((range.last - range.first) * block.size);
  }
}

// Rows of one task of lookups. All of a set of tables passes through the caches for each task, so there are few.
std::size_t rows_of_lookups(std::size_t n_rows, unsigned threads) {
  constexpr std::size_t least = std::size_t{1} << 16;
  constexpr std::size_t most = std::size_t{1} << 20;
  const std::size_t parts = threads == 1 ? 1 : std::size_t{threads} * 4;
  const std::size_t rows = std::clamp(n_rows / parts + 1, least, most);
  return (rows + tile_rows - 1) / tile_rows * tile_rows;
}

// One range search: first what can be answered by buckets, then scans of the rest.
class range_search {
 public:
  range_search(std::span<const segment_view> segments, const query_batch &queries, std::uint32_t max_distance,
               const search_environment &environment)
      : segments_(segments), queries_(queries), max_distance_(max_distance), environment_(environment) {}

  search_result run() {
    for (std::uint32_t s = 0; s < segments_.size(); ++s) {
      plan_segment(s);
    }
    run_tasks();
    run_lookups();
    std::vector<scan_work> left;
    for (crowd &part : crowds_) {
      if (!part.queries.empty()) {
        left.push_back(gather(part));
      }
    }
    for (const scan_work &work : left) {
      add_scan(work.segment, {work.rows.data(), work.numbers.size(), queries_.words}, work.numbers.data());
    }
    run_tasks();
    std::vector<std::vector<search_hit>> hits;
    hits.reserve(done_.size());
    for (range_task &task : done_) {
      hits.push_back(std::move(task.hits));
    }
    return order_hits(hits, queries_.size, std::numeric_limits<std::size_t>::max(), environment_.threads);
  }

 private:
  // The queries that had too many candidates in some part of the work on a segment.
  struct crowd {
    std::uint32_t segment;
    std::vector<std::uint32_t> queries;
  };
  struct scan_work {
    std::uint32_t segment;
    std::vector<std::uint32_t> numbers;
    std::vector<std::uint64_t> rows;
  };

  search_shape shape_of(const segment_view &segment) const {
    return {segment.size,    segment.words, segment.planes.planes != nullptr,
            segment.buckets, queries_.size, max_distance_};
  }

  search_method method_of(const segment_view &segment) const {
    const search_shape shape = shape_of(segment);
    if (!environment_.forced) {
      return plan_range(shape, environment_.set).method;
    }
    return can_search(*environment_.forced, shape) ? *environment_.forced : search_method::planes;
  }

  void plan_segment(std::uint32_t s) {
    const segment_view &segment = segments_[s];
    if (segment.size == 0 || queries_.size == 0) {
      return;
    }
    switch (method_of(segment)) {
      case search_method::rows:
      case search_method::planes:
        add_scan(s, queries_, nullptr);
        break;
      case search_method::lookups:
        looked_up_.push_back(s);
        break;
      case search_method::probes:
        add_probes(make_search(s), s);
        break;
      case search_method::visits:
        add_visits(s);
        break;
    }
  }

  void add_scan(std::uint32_t s, const query_batch &queries, const std::uint32_t *numbers) {
    std::vector<row_range> ranges;
    cut_rows(segments_[s], s, ranges);
    for (const row_range &range : ranges) {
      tasks_.push_back({[this, range, queries, numbers](std::vector<search_hit> &hits) {
                          scan_range(segments_[range.segment], range, queries, numbers, max_distance_, environment_,
                                     hits);
                        },
                        {}});
    }
  }

  // Set by set of the queries, each with tables of its own.
  void run_lookups() {
    if (looked_up_.empty()) {
      return;
    }
    const std::size_t sets = sets_of_tables(queries_.size, queries_.words, max_distance_);
    for (std::size_t set = 0; set < sets; ++set) {
      const std::size_t first = queries_.size * set / sets;
      const query_batch block{queries_.rows + first * queries_.words, queries_.size * (set + 1) / sets - first,
                              queries_.words};
      const query_tables tables(block, max_distance_, environment_.kernels, environment_.threads);
      for (const std::uint32_t s : looked_up_) {
        std::vector<row_range> ranges;
        cut_rows(segments_[s], s, ranges, rows_of_lookups(segments_[s].size, environment_.threads.threads()));
        for (const row_range &range : ranges) {
          tasks_.push_back({[this, &tables, block, first, range](std::vector<search_hit> &hits) {
                              look_up(tables, block, static_cast<std::uint32_t>(first), range, hits);
                            },
                            {}});
        }
      }
      run_tasks();
    }
  }

  // Rows that crowd the buckets are compared with every query instead.
  void look_up(const query_tables &tables, const query_batch &block, std::uint32_t first_query,
               const row_range &range, std::vector<search_hit> &hits) const {
    const segment_view &segment = segments_[range.segment];
    const search_shape shape{range.last - range.first,
                             segment.words,
                             segment.planes.planes != nullptr,
                             nullptr,
                             block.size,
                             max_distance_};
    if (tables.search(segment, range, first_query, max_lookup_work(shape, environment_.set), hits)) {
      environment_.progress.add((range.last - range.first) * block.size);
      return;
    }
    std::vector<std::uint32_t> numbers(block.size);
    std::iota(numbers.begin(), numbers.end(), first_query);
    scan_range(segment, range, block, numbers.data(), max_distance_, environment_, hits);
  }

  bucket_search &make_search(std::uint32_t s) {
    return searches_.emplace_back(segments_[s], s, queries_, max_distance_,
                                  limits_of_crowds(shape_of(segments_[s]), environment_.set), environment_.kernels);
  }

  void add_probes(const bucket_search &search, std::uint32_t s) {
    for (std::size_t first = 0; first < queries_.size; first += queries_of_probing) {
      const std::size_t last = std::min(first + queries_of_probing, queries_.size);
      crowd &crowded = crowds_.emplace_back(crowd{s, {}});
      tasks_.push_back({[this, &search, &crowded, first, last](std::vector<search_hit> &hits) {
                          search.probe(first, last, hits, crowded.queries);
                          const std::size_t answered = last - first - crowded.queries.size();
                          environment_.progress.add(answered * segments_[crowded.segment].size);
                        },
                        {}});
    }
  }

  void add_visits(std::uint32_t s) {
    const bucket_search &search = make_search(s);
    if (!search.can_visit()) {
      add_probes(search, s);
      return;
    }
    for (std::size_t first = 0; first < queries_.size; first += queries_of_visiting) {
      const std::size_t last = std::min(first + queries_of_visiting, queries_.size);
      const std::vector<bool> &marks = mark_crowded(search, s, first, last);
      for (std::uint32_t t = 0; t < search.tables(); ++t) {
        tasks_.push_back({[this, &search, &marks, s, t, first, last](std::vector<search_hit> &hits) {
                            search.visit(t, first, last, marks, hits);
                            const std::size_t part =
                                (last - first) / search.tables() + (t == 0 ? (last - first) % search.tables() : 0);
                            environment_.progress.add(part * segments_[s].size);
                          },
                          {}});
      }
    }
  }

  // Which queries are crowded; found in parallel before the tables' tasks are made.
  const std::vector<bool> &mark_crowded(const bucket_search &search, std::uint32_t s, std::size_t first,
                                        std::size_t last) {
    std::vector<bool> &marks = marks_.emplace_back();
    if (!search.may_crowd()) {
      return marks;
    }
    const std::size_t parts = (last - first + queries_of_marking - 1) / queries_of_marking;
    std::vector<std::vector<bool>> found(parts);
    environment_.threads.for_each(parts, [&](std::size_t p) {
      const std::size_t begin = first + p * queries_of_marking;
      found[p] = search.find_crowded(begin, std::min(begin + queries_of_marking, last));
    });
    crowd &crowded = crowds_.emplace_back(crowd{s, {}});
    for (const std::vector<bool> &part : found) {
      for (const bool mark : part) {
        if (mark) {
          crowded.queries.push_back(static_cast<std::uint32_t>(first + marks.size()));
        }
        marks.push_back(mark);
      }
    }
    return marks;
  }
  static constexpr std::size_t queries_of_marking = 1024;

  scan_work gather(crowd &part) const {
    scan_work work{part.segment, std::move(part.queries), {}};
    for (const std::uint32_t q : work.numbers) {
      const std::uint64_t *code = queries_.rows + std::size_t{q} * queries_.words;
      work.rows.insert(work.rows.end(), code, code + queries_.words);
    }
    return work;
  }

  void run_tasks() {
    environment_.threads.for_each(tasks_.size(), [&](std::size_t i) { tasks_[i].run(tasks_[i].hits); });
    std::move(tasks_.begin(), tasks_.end(), std::back_inserter(done_));
    tasks_.clear();
  }

  std::span<const segment_view> segments_;
  query_batch queries_;
  std::uint32_t max_distance_;
  const search_environment &environment_;
  std::vector<std::uint32_t> looked_up_;  // segments
  std::deque<bucket_search> searches_;
  std::deque<crowd> crowds_;
  std::deque<std::vector<bool>> marks_;
  std::vector<range_task> tasks_;
  std::vector<range_task> done_;
};

}  // namespace

search_result search_range(std::span<const segment_view> segments, const query_batch &queries,
                           std::uint32_t max_distance, const search_environment &environment) {
  return range_search(segments, queries, max_distance, environment).run();
}

}  // namespace libmatch::detail
