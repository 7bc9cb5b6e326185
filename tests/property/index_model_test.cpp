// An index under random changes against a plain list of entries, searched by backends of all kinds; and many readers
// beside a writer.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "backend/backend.h"
#include "distance/definition.h"
#include "index/index.h"
#include "index/index_file.h"
#include "index/segment_builder.h"
#include "simt/executor.h"
#include "support/backends.h"
#include "support/files.h"
#include "support/random_codes.h"

namespace libmatch::detail {
namespace {

using test::random_source;

constexpr std::uint32_t words = 2;

struct model_entry {
  std::int64_t id;
  std::vector<std::uint64_t> code;
  std::string label;
};

using answer = std::vector<std::tuple<std::uint32_t, std::int64_t, std::string>>;  // distance, id, label

answer by_model(const std::vector<model_entry> &model, const std::uint64_t *query, std::uint32_t max_distance) {
  answer found;
  for (const model_entry &entry : model) {
    const std::uint32_t distance = hamming_distance(query, entry.code.data(), words);
    if (distance <= max_distance) {
      found.emplace_back(distance, entry.id, entry.label);
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

answer by_index(const index_snapshot &snapshot, const std::uint64_t *query, std::uint32_t max_distance,
                const backend &device = *open_backend("auto")) {
  thread_pool threads(1);
  progress_meter silent(nullptr, 0);
  const index_table &table = snapshot.tables[0];
  const std::vector<segment_view> views = table.views();
  const search_result result = device.search_range(views, {query, 1, words}, max_distance, threads, silent);
  answer found;
  for (std::size_t i = 0; i < result.ids.size(); ++i) {
    const row_location &place = result.locations[i];
    found.emplace_back(result.distances[i], result.ids[i], table.segments[place.segment].rows->label(place.row));
  }
  std::sort(found.begin(), found.end());
  return found;
}

void add_some(code_index &index, std::vector<model_entry> &model, random_source &random) {
  const std::size_t n = 1 + random.below(30);
  const std::vector<std::uint64_t> rows = test::random_rows(n, words, random.next());
  std::vector<std::int64_t> ids;
  std::vector<std::string> labels;
  std::vector<const char *> texts;
  for (std::size_t i = 0; i < n; ++i) {
    ids.push_back(static_cast<std::int64_t>(random.below(200)));
    labels.push_back(random.below(3) == 0 ? "" : "label " + std::to_string(random.below(1000)));
  }
  for (std::size_t i = 0; i < n; ++i) {
    texts.push_back(labels[i].c_str());
    model.push_back({ids[i],
                     {rows.begin() + static_cast<std::ptrdiff_t>(i * words),
                      rows.begin() + static_cast<std::ptrdiff_t>((i + 1) * words)},
                     labels[i]});
  }
  const new_entries entries{0, n, reinterpret_cast<const std::uint8_t *>(rows.data()), ids.data(), texts.data()};
  index.add({&entries, 1});
}

void remove_some(code_index &index, std::vector<model_entry> &model, random_source &random) {
  const std::vector<std::int64_t> ids{static_cast<std::int64_t>(random.below(200)),
                                      static_cast<std::int64_t>(random.below(200))};
  const std::size_t before = model.size();
  std::erase_if(model, [&](const model_entry &entry) { return entry.id == ids[0] || entry.id == ids[1]; });
  EXPECT_EQ(index.remove(ids), static_cast<std::int64_t>(before - model.size()));
}

// The nearest of some queries, and the near pairs, are those that the processor finds.
void expect_same_searches(const index_snapshot &snapshot, const std::vector<std::uint64_t> &queries,
                          const backend &device) {
  const auto processor = open_backend("auto");
  const std::vector<segment_view> views = snapshot.tables[0].views();
  thread_pool threads(1);
  progress_meter silent(nullptr, 0);
  const query_batch batch{queries.data(), queries.size() / words, words};
  const search_result nearest = device.search_knn(views, batch, 7, threads, silent);
  const search_result expected = processor->search_knn(views, batch, 7, threads, silent);
  EXPECT_EQ(nearest.offsets, expected.offsets);
  EXPECT_EQ(nearest.ids, expected.ids);
  EXPECT_EQ(nearest.distances, expected.distances);
  const pair_result pairs = device.search_pairs(views, 45, threads, nullptr);
  const pair_result expected_pairs = processor->search_pairs(views, 45, threads, nullptr);
  EXPECT_EQ(pairs.first_ids, expected_pairs.first_ids);
  EXPECT_EQ(pairs.second_ids, expected_pairs.second_ids);
  EXPECT_EQ(pairs.distances, expected_pairs.distances);
}

struct searched_by {
  std::string backend_name;
  std::size_t devices;  // simulated ones
};

class IndexModel : public testing::TestWithParam<searched_by> {
 protected:
  IndexModel() { simt::set_devices(std::vector<simt::simulated_device>(GetParam().devices)); }
  ~IndexModel() override {
    device.reset();
    simt::set_devices(std::vector<simt::simulated_device>(1));
  }

  std::shared_ptr<const backend> device;
};

TEST_P(IndexModel, EqualsAListUnderRandomChanges) {
  device = test::open_any_backend(GetParam().backend_name);
  const bool simulated = test::is_simulated(GetParam().backend_name);
  random_source random(1);
  for (int run = 0; run < (simulated ? 3 : 20); ++run) {
    code_index index({LM_HASH_CODE, 64 * words, "", LM_VERSION});
    std::vector<model_entry> model;
    for (int step = 0; step < 60; ++step) {
      random.below(3) == 0 ? remove_some(index, model, random) : add_some(index, model, random);
      const std::vector<std::uint64_t> query =
          model.empty() ? test::random_rows(1, words, 9) : model[random.below(model.size())].code;
      const auto max_distance = static_cast<std::uint32_t>(random.below(80));
      ASSERT_EQ(index.snapshot()->tables[0].live(), model.size());
      ASSERT_EQ(by_index(*index.snapshot(), query.data(), max_distance, *device),
                by_model(model, query.data(), max_distance));
    }
    expect_same_searches(*index.snapshot(), test::random_rows(5, words, random.next()), *device);
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, IndexModel,
                         testing::Values(searched_by{"auto", 1}, searched_by{"simt", 1}, searched_by{"simt", 3},
                                         searched_by{"simt_tables", 1}),
                         [](const auto &instance) {
                           return instance.param.backend_name +
                                  (instance.param.devices == 1 ? "" : "_on_several_devices");
                         });

TEST(SavedIndexModel, EqualsLoadedAndMapped) {
  const libmatch::test::temporary_folder folder;
  const std::string path = folder.path() + "/index";
  random_source random(2);
  for (int run = 0; run < 10; ++run) {
    code_index index({LM_HASH_CODE, 64 * words, "", LM_VERSION});
    std::vector<model_entry> model;
    for (int step = 0; step < 20; ++step) {
      random.below(4) == 0 ? remove_some(index, model, random) : add_some(index, model, random);
    }
    write_index_file(path, index.description(), *index.snapshot(), nullptr);
    const stored_index loaded = load_index_file(path, nullptr);
    const stored_index mapped = map_index_file(path);
    for (int q = 0; q < 20; ++q) {
      const std::vector<std::uint64_t> query = test::random_rows(1, words, random.next());
      const answer expected = by_model(model, query.data(), 60);
      EXPECT_EQ(by_index(loaded.snapshot, query.data(), 60), expected);
      EXPECT_EQ(by_index(mapped.snapshot, query.data(), 60), expected);
    }
  }
}

// A writer adds and removes in batches of ten equal ids; whatever a reader sees, it sees whole batches.
TEST(IndexConcurrent, ReadersSeeWholeChanges) {
  code_index index({LM_HASH_CODE, 64 * words, "", LM_VERSION});
  std::atomic<bool> done{false};
  std::atomic<std::size_t> searches{0};
  std::vector<std::thread> readers;
  for (int t = 0; t < 3; ++t) {
    readers.emplace_back([&] {
      const std::vector<std::uint64_t> query(words, 0);
      while (!done) {
        const answer found = by_index(*index.snapshot(), query.data(), 64 * words);
        EXPECT_EQ(found.size() % 10, 0U);
        ++searches;
      }
    });
  }
  random_source random(3);
  for (std::int64_t id = 0; id < 300 || searches < 30; ++id) {
    const std::vector<std::uint64_t> rows = test::random_rows(10, words, random.next());
    const std::vector<std::int64_t> ids(10, id);
    const new_entries entries{0, 10, reinterpret_cast<const std::uint8_t *>(rows.data()), ids.data(), nullptr};
    index.add({&entries, 1});
    if (id % 3 == 2) {
      index.remove(std::vector<std::int64_t>{id - 2});
    }
  }
  done = true;
  for (std::thread &reader : readers) {
    reader.join();
  }
}

}  // namespace
}  // namespace libmatch::detail
