// A store whose writer ends at any call to the file system, by a power cut or a kill, or whose calls fail: what was
// acknowledged is there, and nothing else but, at most, what was being committed.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <tuple>

#include "backend/backend.h"
#include "core/error.h"
#include "store/store.h"
#include "support/simulated_file_system.h"
#include "support/store_effort.h"
#include "support/store_model.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

constexpr const char *folder = "store";

store_options options_for(const std::shared_ptr<simulated_file_system> &files, bool encrypted, durability sync) {
  store_options options;
  options.files = files;
  options.merge_in_background = false;
  options.log_bytes = 4096 + 1500;
  options.transaction_bytes = 4000;
  options.sync = sync;
  options.sync_interval = std::chrono::hours(1);  // by flushes alone
  if (encrypted) {
    options.key = store_key{1, 2, 3};
  }
  return options;
}

reader_options reading(const store_options &options) {
  reader_options reader;
  reader.files = options.files;
  reader.key = options.key;
  reader.poll_interval = std::chrono::milliseconds(0);
  return reader;
}

// States that a store may be in: state n is that after n transactions.
using states = std::vector<std::vector<std::string>>;

// A workload, the same for a seed: small transactions, some large ones, flushes and merges.
class workload {
 public:
  explicit workload(std::uint64_t seed) : random_(seed) { states_.push_back(model_.lines()); }

  // Runs the next step; returns false at the end. A step that throws may or may not have happened.
  bool step(store_writer &writer) {
    if (steps_ == 40) {
      return false;
    }
    ++steps_;
    if (steps_ % 13 == 0) {
      writer.compact(nullptr);
      return true;
    }
    if (steps_ % 9 == 0) {
      writer.flush();
      return true;
    }
    const std::size_t changes = steps_ % 10 == 5 ? 100 : 1 + random_.below(6);
    const model_transaction transaction =
        random_transaction(random_, changes, 1000 + static_cast<std::int64_t>(steps_));
    store_model next = model_;
    next.apply(transaction);
    states_.push_back(next.lines());
    commit(writer, transaction);
    model_ = next;
    acknowledged_ = states_.size() - 1;
    return true;
  }

  const states &all() const { return states_; }
  std::size_t acknowledged() const { return acknowledged_; }

 private:
  random_source random_;
  store_model model_;
  states states_;
  std::size_t acknowledged_ = 0;
  std::size_t steps_ = 0;
};

// Which of the states a snapshot is in; their number for none.
std::size_t state_of(const store_snapshot &snapshot, const states &all) {
  const std::vector<std::string> lines = lines_of(snapshot);
  return snapshot.version < all.size() && all[snapshot.version] == lines ? snapshot.version : all.size();
}

// A search of the PDQ codes finds what comparing finds.
void expect_search_equals_comparing(const store_snapshot &snapshot) {
  const store_table *table = snapshot.find(LM_HASH_PDQ256, 256);
  if (table == nullptr) {
    return;
  }
  static const std::shared_ptr<const backend> device = open_backend("auto");
  thread_pool threads(1);
  progress_meter meter(nullptr, 0);
  const std::vector<segment_view> views = table->rows.views();
  std::vector<std::int64_t> expected;
  const std::uint64_t *query = nullptr;
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
  if (query == nullptr) {
    return;
  }
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(device->search_range(views, {query, 1, 4, metric::hamming}, 31, threads, meter).ids, expected);
}

struct crash_point {
  simulated_disk disk;
  std::size_t acknowledged;
  std::size_t attempted;  // states that there are
};

// The disk before every call of a workload that nothing goes wrong with.
std::vector<crash_point> record(bool encrypted, durability sync, workload &work) {
  const auto files = std::make_shared<simulated_file_system>();
  const store_options options = options_for(files, encrypted, sync);
  create_store(folder, options);
  std::vector<crash_point> points;
  files->before_call = [&](std::uint64_t) {
    points.push_back({files->disk.copy(), work.acknowledged(), work.all().size()});
    return fault::none;
  };
  const auto writer = store_writer::open(folder, options);
  while (work.step(*writer)) {
  }
  points.push_back({files->disk.copy(), work.acknowledged(), work.all().size()});
  return points;
}

// Opens what a crash has left, for reading, then for writing, and writes.
std::size_t recovered_state(const simulated_disk &disk, bool encrypted, const states &all) {
  const auto files = std::make_shared<simulated_file_system>();
  files->disk = disk;
  const store_options options = options_for(files, encrypted, durability::synced);
  const std::size_t read = state_of(*store_reader::open(folder, reading(options))->snapshot(), all);
  const auto writer = store_writer::open(folder, options);
  EXPECT_EQ(state_of(*writer->snapshot(), all), read);
  expect_search_equals_comparing(*writer->snapshot());
  return read;
}

}  // namespace

class StoreCrash : public testing::TestWithParam<std::tuple<bool, durability>> {};

TEST_P(StoreCrash, KeepsWhatWasAcknowledged) {
  const auto [encrypted, sync] = GetParam();
  std::size_t checked = 0;
  for (std::uint64_t seed = 1; seed <= effort(1, 2); ++seed) {
    workload work(seed);
    const std::vector<crash_point> points = record(encrypted, sync, work);
    random_source random(seed);
    for (std::size_t p = random.below(effort(16, 1)); p < points.size(); p += effort(16, 1)) {
      for (int left = 0; left < 4; ++left) {
        const simulated_disk disk = left == 0 ? points[p].disk.after_kill() : points[p].disk.after_power_cut(random);
        SCOPED_TRACE(testing::Message() << "seed " << seed << ", call " << p << ", variant " << left);
        const std::size_t state = recovered_state(disk, encrypted, work.all());
        ASSERT_LT(state, points[p].attempted);
        if (sync == durability::synced || left == 0) {
          ASSERT_GE(state, points[p].acknowledged);
        }
        ++checked;
      }
    }
  }
  std::cout << checked << " crash points\n";
}

INSTANTIATE_TEST_SUITE_P(AllWays, StoreCrash,
                         testing::Combine(testing::Bool(),
                                          testing::Values(durability::synced, durability::deferred)));

namespace {

// Runs a workload of which one call fails. Returns how many calls there were.
std::uint64_t run_with_fault(std::uint64_t failing, fault wrong) {
  const auto files = std::make_shared<simulated_file_system>();
  const store_options options = options_for(files, false, durability::synced);
  create_store(folder, options);
  files->calls = 0;
  files->before_call = [&](std::uint64_t call) { return call == failing ? wrong : fault::none; };
  workload work(7);
  std::unique_ptr<store_writer> writer;
  try {
    writer = store_writer::open(folder, options);
    while (work.step(*writer)) {
    }
  } catch (const error &failure) {
    EXPECT_EQ(failure.status(), LM_ERROR_IO) << failure.what();
    EXPECT_NE(std::string(failure.what()).find("simulated"), std::string::npos) << failure.what();
    if (writer != nullptr) {
      EXPECT_EQ(state_of(*writer->snapshot(), work.all()), work.acknowledged());
    }
  }
  const std::uint64_t calls = files->calls;
  writer.reset();
  writer = store_writer::open(folder, options);
  const std::size_t state = state_of(*writer->snapshot(), work.all());
  EXPECT_LT(state, work.all().size());
  EXPECT_GE(state, work.acknowledged());
  return calls;
}

}  // namespace

TEST(StoreFaults, AFailedCallIsReportedAndLosesNothing) {
  const std::uint64_t calls = run_with_fault(~std::uint64_t{0}, fault::none);
  constexpr std::array<fault, 3> faults{fault::error, fault::half_done, fault::lost_sync};
  const std::uint64_t ways = effort(1, faults.size());
  for (std::uint64_t way = 0; way < ways; ++way) {
    for (std::uint64_t failing = 0; failing < calls; failing += effort(10, 1)) {
      const fault wrong = faults[(way + failing) % faults.size()];
      SCOPED_TRACE(testing::Message() << "fault " << static_cast<int>(wrong) << " at call " << failing);
      run_with_fault(failing, wrong);
    }
  }
  std::cout << calls << " calls, of which every " << effort(10, 1) << ". failed, in " << ways << " ways\n";
}
