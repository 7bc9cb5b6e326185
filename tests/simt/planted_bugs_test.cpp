// Every mistake of planted_bugs.cuh is caught by the tools that README.md names, and no tool complains without it.
#include "planted_bugs.cuh"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "simt/executor.h"
#include "tools.h"

namespace libmatch::cuda {
namespace {

constexpr unsigned threads_of_block = 64;
constexpr unsigned n_rows = 150;
constexpr unsigned n_queries = 84;
constexpr std::uint64_t seeds = 10;

using kernel = void (*)(const std::uint32_t *, unsigned, const std::uint32_t *, unsigned, std::uint32_t *);
using answers = std::vector<std::uint32_t>;

struct problem {
  std::vector<std::uint32_t> rows;
  std::vector<std::uint32_t> queries;
};

problem made_problem() {
  problem made;
  std::uint32_t state = 1;
  const auto next = [&state] { return state = state * 1664525u + 1013904223u; };
  for (unsigned i = 0; i < n_rows; ++i) {
    made.rows.push_back(next() ^ next() >> 16);
  }
  for (unsigned i = 0; i < n_queries; ++i) {
    made.queries.push_back(next() ^ next() >> 16);
  }
  return made;
}

unsigned distance(std::uint32_t a, std::uint32_t b) { return static_cast<unsigned>(__popc(a ^ b)); }

answers sums_of(const problem &of) {
  answers sums(n_rows, 0);
  for (unsigned row = 0; row < n_rows; ++row) {
    for (const std::uint32_t query : of.queries) {
      sums[row] += distance(of.rows[row], query);
    }
  }
  return sums;
}

answers counts_of(const problem &of) {
  answers counts(n_queries, 0);
  for (unsigned query = 0; query < n_queries; ++query) {
    for (const std::uint32_t row : of.rows) {
      counts[query] += distance(row, of.queries[query]) <= 14 ? 1 : 0;
    }
  }
  return counts;
}

answers neighbours_of(const problem &of) {
  answers distances(n_rows);
  for (unsigned row = 0; row < n_rows; ++row) {
    distances[row] = distance(of.rows[row], (row ^ 1u) < n_rows ? of.rows[row ^ 1u] : 0);
  }
  return distances;
}

struct mistake {
  const char *name;
  kernel wrong;
  kernel right;
  answers (*expected)(const problem &);
};

const mistake mistakes[] = {
    {"no_barrier_before_fill", &distance_sums<planted::no_barrier_before_fill>, &distance_sums<planted::nothing>,
     &sums_of},
    {"no_barrier_after_fill", &distance_sums<planted::no_barrier_after_fill>, &distance_sums<planted::nothing>,
     &sums_of},
    {"divergent_barrier", &distance_sums<planted::divergent_barrier>, &distance_sums<planted::nothing>, &sums_of},
    {"early_return", &distance_sums<planted::early_return>, &distance_sums<planted::nothing>, &sums_of},
    {"shared_write_beyond", &distance_sums<planted::shared_write_beyond>, &distance_sums<planted::nothing>, &sums_of},
    {"shared_read_beyond", &distance_sums<planted::shared_read_beyond>, &distance_sums<planted::nothing>, &sums_of},
    {"no_copy_wait", &distance_sums_by_copies<planted::no_copy_wait>, &distance_sums_by_copies<planted::nothing>,
     &sums_of},
    {"divergent_collective", &matches_by_votes<planted::divergent_collective>, &matches_by_votes<planted::nothing>,
     &counts_of},
    {"racing_blocks", &matches_by_votes<planted::racing_blocks>, &matches_by_votes<planted::nothing>, &counts_of},
    {"no_syncwarp", &distances_of_neighbours<planted::no_syncwarp>, &distances_of_neighbours<planted::nothing>,
     &neighbours_of},
};

struct outcome {
  bool equal = false;
  std::string failure;
};

// One run of the kernel, its memory given back whatever it did.
outcome run(kernel which, const mistake &of) {
  const problem input = made_problem();
  const answers expected = of.expected(input);
  std::uint32_t *rows = nullptr;
  std::uint32_t *queries = nullptr;
  std::uint32_t *result = nullptr;
  cudaMalloc(&rows, 4 * n_rows);
  cudaMalloc(&queries, 4 * n_queries);
  cudaMalloc(&result, 4 * expected.size());
  cudaMemcpy(rows, input.rows.data(), 4 * n_rows, cudaMemcpyHostToDevice);
  cudaMemcpy(queries, input.queries.data(), 4 * n_queries, cudaMemcpyHostToDevice);
  cudaMemset(result, 0, 4 * expected.size());
  const unsigned blocks = (n_rows + threads_of_block - 1) / threads_of_block;
  launch({dim3(blocks), dim3(threads_of_block), 2 * 4 * tile_queries}, which, rows, n_rows, queries, n_queries,
         result);
  answers found(expected.size());
  cudaMemcpy(found.data(), result, 4 * found.size(), cudaMemcpyDeviceToHost);
  const std::string failure = simt::take_failure();
  cudaFree(rows);
  cudaFree(queries);
  cudaFree(result);
  return {failure.empty() && found == expected, failure};
}

// By row of the table of README.md, the tools that it says yes to.
std::map<std::string, std::set<std::string>> table_of_readme() {
  std::ifstream file(LIBMATCH_SIMT_README);
  std::map<std::string, std::set<std::string>> table;
  std::vector<std::string> tools;
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> cells;
    std::istringstream row(line);
    for (std::string cell; std::getline(row, cell, '|');) {
      cell.erase(0, cell.find_first_not_of(' '));
      cell.erase(cell.find_last_not_of(' ') + 1);
      cells.push_back(cell);
    }
    if (cells.size() < 3 || !cells[0].empty() || cells[1].find("---") == 0) {
      continue;
    }
    if (tools.empty()) {
      tools = cells;
      continue;
    }
    for (std::size_t i = 2; i < cells.size() && i < tools.size(); ++i) {
      if (cells[i] == "yes") {
        table[cells[1]].insert(tools[i]);
      }
    }
  }
  return table;
}

std::vector<mistake> caught_by(const std::string &tool) {
  const auto table = table_of_readme();
  std::vector<mistake> found;
  for (const mistake &of : mistakes) {
    const auto row = table.find(of.name);
    if (row != table.end() && row->second.count(tool) != 0) {
      found.push_back(of);
    }
  }
  return found;
}

TEST(planted_bugs, each_has_a_row_that_names_a_tool) {
  auto table = table_of_readme();
  for (const mistake &of : mistakes) {
    EXPECT_FALSE(table[of.name].empty()) << of.name;
    table.erase(of.name);
  }
  // That one is in assembly.
  EXPECT_EQ(table, (std::map<std::string, std::set<std::string>>{{"swapped_mma_operands", {"ptx"}}}));
}

TEST(planted_bugs, without_them_every_order_is_right) {
  std::set<kernel> seen;
  for (const mistake &of : mistakes) {
    for (std::uint64_t seed = 0; seed < seeds && (seed != 0 || seen.insert(of.right).second); ++seed) {
      simt::set_schedule_seed(seed);
      const outcome result = run(of.right, of);
      EXPECT_TRUE(result.equal) << of.name << " without its mistake, seed " << seed << ": " << result.failure;
    }
  }
}

TEST(planted_bugs, the_executor_names_them) {
  ASSERT_FALSE(caught_by("executor").empty());
  for (const mistake &of : caught_by("executor")) {
    if (simt::address_sanitizer && of.name == std::string("shared_write_beyond")) {
      continue;
    }
    // ThreadSanitizer takes long to forget the threads of a grid that failed.
    for (std::uint64_t seed = 0; seed < (simt::thread_sanitizer ? 2 : seeds); ++seed) {
      simt::set_schedule_seed(seed);
      EXPECT_NE(run(of.wrong, of).failure, "") << of.name << ", seed " << seed;
    }
  }
}

// The sanitizers end the program before an answer is wrong.
#if !defined(LIBMATCH_SIMT_TSAN) && !defined(LIBMATCH_SIMT_ASAN)
TEST(planted_bugs, an_order_shows_them) {
  ASSERT_FALSE(caught_by("seeds").empty());
  for (const mistake &of : caught_by("seeds")) {
    unsigned wrong = 0;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
      simt::set_schedule_seed(seed);
      const outcome result = run(of.wrong, of);
      EXPECT_EQ(result.failure, "") << of.name << ", seed " << seed;
      wrong += result.equal ? 0 : 1;
    }
    EXPECT_GT(wrong, 0u) << of.name;
    RecordProperty(of.name, static_cast<int>(wrong));
  }
}
#endif

#if defined(LIBMATCH_SIMT_ASAN)
TEST(planted_bugs_death, address_sanitizer_reports_them) {
  ASSERT_FALSE(caught_by("asan").empty());
  for (const mistake &of : caught_by("asan")) {
    simt::set_schedule_seed(0);
    EXPECT_DEATH(run(of.wrong, of), "AddressSanitizer: (heap-buffer-overflow|use-after-poison)") << of.name;
  }
}
#endif

#if defined(LIBMATCH_SIMT_TSAN)
TEST(planted_bugs_death, thread_sanitizer_reports_them) {
  ASSERT_FALSE(caught_by("tsan").empty());
  for (const mistake &of : caught_by("tsan")) {
    for (const std::uint64_t seed : {0, 2}) {
      simt::set_schedule_seed(seed);
      EXPECT_DEATH(run(of.wrong, of), "data race") << of.name << ", seed " << seed;
    }
  }
}
#endif

}  // namespace
}  // namespace libmatch::cuda
