// Readers, searches and a writer at once, with flushes and merges in between: every snapshot is the state of its
// version, whole, and no version is ever older than the one before.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <map>
#include <mutex>
#include <thread>

#include "backend/backend.h"
#include "store/store.h"
#include "support/files.h"
#include "support/store_effort.h"
#include "support/store_model.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

// What each of the last versions must hold.
class expected_states {
 public:
  void put(std::uint64_t version, std::vector<std::string> lines) {
    const std::lock_guard lock(mutex_);
    states_[version] = std::move(lines);
    if (states_.size() > 1000) {
      states_.erase(states_.begin());
    }
  }
  // False when it is known and another.
  bool allows(std::uint64_t version, const std::vector<std::string> &lines) {
    const std::lock_guard lock(mutex_);
    const auto found = states_.find(version);
    return found == states_.end() || found->second == lines;
  }

 private:
  std::mutex mutex_;
  std::map<std::uint64_t, std::vector<std::string>> states_;
};

// The ids of a search for the first live row, by the backend and by comparing.
bool search_equals_comparing(const store_snapshot &snapshot, const backend &device, thread_pool &threads) {
  const store_table *table = snapshot.find(LM_HASH_PDQ256, 256);
  if (table == nullptr || table->rows.live() == 0) {
    return true;
  }
  const std::vector<segment_view> views = table->rows.views();
  const std::uint64_t *query = nullptr;
  std::vector<std::int64_t> expected;
  for (const segment_view &view : views) {
    for (std::size_t r = 0; r < view.size; ++r) {
      if (!view.is_removed(r)) {
        query = query == nullptr ? view.rows + r * 4 : query;
        if (std::equal(query, query + 4, view.rows + r * 4)) {
          expected.push_back(view.ids[r]);
        }
      }
    }
  }
  std::sort(expected.begin(), expected.end());
  progress_meter meter(nullptr, 0);
  return device.search_range(views, {query, 1, 4, metric::hamming}, 0, threads, meter).ids == expected;
}

}  // namespace

TEST(StoreConcurrentUse, ReadersSeeWholeStatesWhileAWriterWrites) {
  const temporary_folder folder;
  const std::string path = folder / "store";
  create_store(path, {});
  store_options options;
  options.log_bytes = 4096 + 20000;
  options.transaction_bytes = 8000;
  options.sync = durability::deferred;
  options.sync_interval = std::chrono::milliseconds(5);
  const auto writer = store_writer::open(path, options);
  expected_states expected;
  expected.put(0, store_model().lines());
  std::atomic<bool> ending{false};
  std::atomic<std::uint64_t> looks{0};
  std::atomic<std::uint64_t> wrong{0};

  const auto read = [&](residence segments) {
    reader_options reading;
    reading.segments = segments;
    reading.poll_interval = std::chrono::milliseconds(1);
    const auto reader = store_reader::open(path, reading);
    const std::shared_ptr<const backend> device = open_backend("auto");
    thread_pool threads(1);
    std::uint64_t last = 0;
    while (!ending) {
      const auto snapshot = reader->snapshot();
      const bool good = snapshot->version >= last && expected.allows(snapshot->version, lines_of(*snapshot)) &&
                        search_equals_comparing(*snapshot, *device, threads);
      wrong += good ? 0U : 1U;
      last = snapshot->version;
      ++looks;
    }
  };
  std::thread first(read, residence::mapped);
  std::thread second(read, residence::memory);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(soak_seconds());
  random_source random(1);
  store_model model;
  std::uint64_t version = 0;
  while (std::chrono::steady_clock::now() < end) {
    const std::size_t changes = random.below(30) == 0 ? 300 : 1 + random.below(10);
    const model_transaction transaction =
        random_transaction(random, changes, 1000 + static_cast<std::int64_t>(version / 8));
    model.apply(transaction);
    expected.put(++version, model.lines());
    commit(*writer, transaction);
    if (random.below(500) == 0) {
      writer->compact(nullptr);
    }
  }
  const auto reader = store_reader::open(path, {});
  EXPECT_EQ(lines_of(*reader->snapshot()), model.lines());
  ending = true;
  first.join();
  second.join();
  EXPECT_EQ(wrong, 0U);
  EXPECT_GT(looks, 0U);
  std::cout << version << " transactions, " << looks << " looks\n";
}

// Commits of several threads share a sync, and each is whole.
TEST(StoreConcurrentUse, ThreadsCommitTogether) {
  const temporary_folder folder;
  const std::string path = folder / "store";
  create_store(path, {});
  {
    const auto writer = store_writer::open(path, {});
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&writer, t] {
        for (int i = 0; i < 20; ++i) {
          const auto changes = writer->begin();
          std::vector<std::uint8_t> code(32, static_cast<std::uint8_t>(t));
          const std::string list_id = std::to_string(i);
          const std::string list = "list " + std::to_string(t);
          changes->add({LM_HASH_PDQ256, 256, code.data(), list, list_id, "", -1, -1});
          changes->add({LM_HASH_MD5, 128, code.data(), list, list_id, "", -1, -1});
          EXPECT_EQ(changes->commit().added, 2U);
        }
      });
    }
    for (std::thread &thread : threads) {
      thread.join();
    }
    EXPECT_EQ(writer->snapshot()->version, 80U);
  }
  const auto snapshot = store_reader::open(path, {})->snapshot();
  EXPECT_EQ(snapshot->version, 80U);
  EXPECT_EQ(snapshot->find(LM_HASH_PDQ256, 256)->rows.live(), 80U);
  EXPECT_EQ(snapshot->next_id, 160);
}
