// Random transactions, flushes, merges and reopenings: a store holds what a plain list of entries holds, and so do
// its readers.
#include <gtest/gtest.h>

#include <array>

#include "core/error.h"
#include "store/store.h"
#include "support/files.h"
#include "support/simulated_file_system.h"
#include "support/store_effort.h"
#include "support/store_model.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

constexpr const char *folder = "store";

store_options options_for(const std::shared_ptr<file_system> &files, bool encrypted) {
  store_options options;
  options.files = files;
  options.merge_in_background = false;
  options.log_bytes = 4096 + 3000;
  options.transaction_bytes = 6000;
  if (encrypted) {
    options.key = store_key{9};
  }
  return options;
}

}  // namespace

class StoreModel : public testing::TestWithParam<bool> {};

TEST_P(StoreModel, HoldsWhatAListOfEntriesHolds) {
  for (std::uint64_t seed = 1; seed <= effort(2, 50); ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const auto files = std::make_shared<simulated_file_system>();
    const store_options options = options_for(files, GetParam());
    create_store(folder, options);
    reader_options reading;
    reading.files = files;
    reading.key = options.key;
    reading.poll_interval = std::chrono::milliseconds(0);
    auto writer = store_writer::open(folder, options);
    const auto follower = store_reader::open(folder, reading);
    random_source random(seed);
    store_model model;
    for (std::int64_t step = 0; step < 100; ++step) {
      SCOPED_TRACE(testing::Message() << "step " << step);
      switch (random.below(12)) {
        case 0:
          writer->flush();
          break;
        case 1:
          writer->compact(nullptr);
          break;
        case 2:
          writer.reset();
          writer = store_writer::open(folder, options);
          break;
        default: {
          const std::size_t changes = random.below(15) == 0 ? 200 : random.below(8);
          model_transaction transaction = random_transaction(random, changes, 1000 + step / 4);
          if (random.below(2) == 0) {
            transaction.pop_back();  // then it may change nothing
          }
          model.apply(transaction);
          commit(*writer, transaction);
          if (random.below(4) == 0) {
            model.apply(transaction);
            commit(*writer, transaction);
          }
        }
      }
      ASSERT_EQ(lines_of(*writer->snapshot()), model.lines());
      if (random.below(3) == 0) {
        if (random.below(2) == 0) {
          follower->settle();
        } else {
          follower->refresh();
        }
        ASSERT_EQ(lines_of(*follower->snapshot()), model.lines());
      }
    }
    ASSERT_EQ(lines_of(*store_reader::open(folder, reading)->snapshot()), model.lines());
    verify_store(folder, reading, nullptr);
  }
}

INSTANTIATE_TEST_SUITE_P(PlainAndEncrypted, StoreModel, testing::Bool());

TEST(StoreModel, WhatIsCountedIsWhatHappened) {
  const auto files = std::make_shared<simulated_file_system>();
  const store_options options = options_for(files, false);
  create_store(folder, options);
  const auto writer = store_writer::open(folder, options);
  random_source random(3);
  for (std::int64_t step = 0; step < 100; ++step) {
    const auto count = [&] {
      const auto snapshot = writer->snapshot();
      std::size_t live = 0;
      for (const store_table &table : snapshot->tables) {
        live += table.rows.live();
      }
      std::size_t taken_back = 0;
      for (std::uint32_t s = 0; s < snapshot->history.files.size(); ++s) {
        for (std::uint32_t r = 0; r < snapshot->history.rows.segments[s].rows->size(); ++r) {
          taken_back += snapshot->is_entry({s, r}) ? 1U : 0U;
        }
      }
      return std::array<std::size_t, 2>{live, taken_back};
    };
    const auto before = count();
    const change_counts counts = commit(*writer, random_transaction(random, 10, 1000 + step));
    const auto after = count();
    ASSERT_EQ(after[0], before[0] + counts.added - counts.withdrawn);
    ASSERT_EQ(after[1], before[1] + counts.withdrawn);
  }
}
