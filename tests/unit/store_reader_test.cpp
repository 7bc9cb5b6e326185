// How a reader passes from one manifest to the next.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>

#include "core/error.h"
#include "store/store.h"
#include "support/files.h"
#include "support/simulated_file_system.h"
#include "support/store_model.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

const std::string folder = "store";

struct reader_case {
  const char *name;
  residence segments;
  bool encrypted;
};

// Of this thread, since it began.
long pages_missed() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_minflt + usage.ru_majflt;
}

}  // namespace

class StoreReader : public testing::TestWithParam<reader_case> {
 protected:
  void SetUp() override {
    writing_.files = files_;
    writing_.merge_in_background = false;
    reading_.files = files_;
    reading_.segments = GetParam().segments;
    reading_.poll_interval = std::chrono::milliseconds(0);
    if (GetParam().encrypted) {
      writing_.key = reading_.key = store_key{7};
    }
    create_store(folder, writing_);
    writer_ = store_writer::open(folder, writing_);
    change(200);
    writer_->flush();
  }

  void change(std::size_t changes) { commit(*writer_, random_transaction(random_, changes, now_++)); }

  static const std::vector<std::uint64_t> &files_of(const store_snapshot &snapshot) {
    return snapshot.tables.at(0).files;
  }
  // The newest of the segment files that the folder has.
  std::string last_segment() const {
    std::uint64_t last = 0;
    for (const store_table &table : writer_->snapshot()->tables) {
      last = std::max(last, *std::max_element(table.files.begin(), table.files.end()));
    }
    return folder + "/segment-" + std::to_string(last);
  }

  std::shared_ptr<simulated_file_system> files_ = std::make_shared<simulated_file_system>();
  store_options writing_;
  reader_options reading_;
  std::unique_ptr<store_writer> writer_;
  random_source random_{5};
  std::int64_t now_ = 1000;
};

TEST_P(StoreReader, GoesOnWithItsSegmentsUntilNewOnesAreRead) {
  const auto reader = store_reader::open(folder, reading_);
  reader->settle();
  const auto first = reader->snapshot();
  change(200);
  writer_->compact(nullptr);
  EXPECT_TRUE(reader->refresh());  // the changes
  EXPECT_EQ(lines_of(*reader->snapshot()), lines_of(*writer_->snapshot()));
  EXPECT_EQ(files_of(*reader->snapshot()).at(0), files_of(*first).at(0));
  EXPECT_EQ(reader->snapshot()->tables[0].rows.segments[0].rows, first->tables[0].rows.segments[0].rows);
  EXPECT_FALSE(reader->refresh());

  change(50);  // to the log of the manifest whose segments wait
  EXPECT_TRUE(reader->refresh());
  EXPECT_EQ(lines_of(*reader->snapshot()), lines_of(*writer_->snapshot()));
  EXPECT_EQ(files_of(*reader->snapshot()).at(0), files_of(*first).at(0));

  reader->settle();
  EXPECT_EQ(files_of(*reader->snapshot()), files_of(*writer_->snapshot()));
  EXPECT_EQ(lines_of(*reader->snapshot()), lines_of(*writer_->snapshot()));
  change(50);
  EXPECT_TRUE(reader->refresh());
  EXPECT_EQ(lines_of(*reader->snapshot()), lines_of(*writer_->snapshot()));
}

TEST_P(StoreReader, LeavesOutSegmentsThatWereReplacedBeforeTheyWereRead) {
  const auto reader = store_reader::open(folder, reading_);
  for (int i = 0; i < 3; ++i) {
    change(100);
    writer_->compact(nullptr);  // removes the files that were merged
    EXPECT_TRUE(reader->refresh());
    EXPECT_EQ(lines_of(*reader->snapshot()), lines_of(*writer_->snapshot()));
  }
  reader->settle();
  EXPECT_EQ(files_of(*reader->snapshot()), files_of(*writer_->snapshot()));
  EXPECT_EQ(lines_of(*reader->snapshot()), lines_of(*writer_->snapshot()));
}

// There is no log that says what such a transaction has changed, nor one of which the reader has missed a part.
TEST_P(StoreReader, LoadsSegmentsAtOnceWhenTheyHoldMoreThanItKnows) {
  writer_.reset();
  writing_.transaction_bytes = 6000;
  writer_ = store_writer::open(folder, writing_);
  const auto reader = store_reader::open(folder, reading_);
  change(400);
  EXPECT_TRUE(reader->refresh());
  EXPECT_EQ(files_of(*reader->snapshot()), files_of(*writer_->snapshot()));
  EXPECT_EQ(lines_of(*reader->snapshot()), lines_of(*writer_->snapshot()));

  change(20);
  writer_->flush();
  change(20);
  writer_->flush();  // ends a log that the reader has never seen
  EXPECT_TRUE(reader->refresh());
  EXPECT_EQ(files_of(*reader->snapshot()), files_of(*writer_->snapshot()));
  EXPECT_EQ(lines_of(*reader->snapshot()), lines_of(*writer_->snapshot()));
}

TEST_P(StoreReader, SearchesFindThePagesOfNewSegmentsInPlace) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "what the sanitizer keeps of each word has pages of its own";
#endif
  const temporary_folder on_disk;
  const std::string path = on_disk / "store";
  store_options writing;
  writing.merge_in_background = false;
  writing.key = writing_.key;
  writing.transaction_bytes = std::size_t{1} << 20;  // so the segment is loaded at once
  create_store(path, writing);
  const auto writer = store_writer::open(path, writing);
  commit(*writer, random_transaction(random_, 10, now_));
  reader_options reading = reading_;
  reading.files = nullptr;
  const auto reader = store_reader::open(path, reading);
  const auto small = reader->snapshot();
  const auto changes = writer->begin();
  for (std::int64_t i = 0; i < 200'000; ++i) {
    const std::array<std::uint64_t, 4> code = {random_.next(), random_.next(), random_.next(), random_.next()};
    changes->add({LM_HASH_PDQ256, 256, reinterpret_cast<const std::uint8_t *>(code.data()), "list", "", "", i, 1000});
  }
  changes->commit();
  EXPECT_TRUE(reader->refresh());

  std::uint64_t all = 0;
  const auto missed_by_reading = [&](const store_snapshot &snapshot) {
    const long before = pages_missed();
    for (const segment_view &view : snapshot.find(LM_HASH_PDQ256, 256)->rows.views()) {
      all = std::accumulate(view.rows, view.rows + view.size * view.words, all, std::bit_xor<>());
    }
    return pages_missed() - before;
  };
  missed_by_reading(*small);                                    // pages of the program itself
  EXPECT_LT(missed_by_reading(*reader->snapshot()), 8) << all;  // of 1,563; untouched, 32 are
}

TEST_P(StoreReader, IsEndedByDamageInASegmentThatItReads) {
  const auto reader = store_reader::open(folder, reading_);
  change(100);
  writer_->compact(nullptr);
  reader->refresh();
  std::vector<std::uint8_t> &content = files_->disk.names.at(last_segment())->content;
  content[content.size() / 2] ^= 1U;
  for (int i = 0; i < 2; ++i) {
    try {
      reader->settle();
      FAIL() << "damage was not found";
    } catch (const error &failure) {
      EXPECT_EQ(failure.status(), LM_ERROR_FORMAT);
      EXPECT_NE(std::string(failure.what()).find(last_segment()), std::string::npos) << failure.what();
    }
    EXPECT_THROW(reader->snapshot(), error);
  }
}

TEST_P(StoreReader, FailsWhileASegmentIsMissing) {
  const auto reader = store_reader::open(folder, reading_);
  change(100);
  writer_->compact(nullptr);
  reader->refresh();
  const std::string path = last_segment();
  const auto file = files_->disk.names.at(path);
  files_->disk.names.erase(path);
  try {
    reader->settle();
    FAIL() << "the file was not missed";
  } catch (const error &failure) {
    EXPECT_EQ(failure.status(), LM_ERROR_IO);
    EXPECT_NE(std::string(failure.what()).find(path), std::string::npos) << failure.what();
  }
  EXPECT_THROW(reader->snapshot(), error);
  files_->disk.names.emplace(path, file);
  reader->refresh();
  EXPECT_EQ(lines_of(*reader->snapshot()), lines_of(*writer_->snapshot()));
}

INSTANTIATE_TEST_SUITE_P(Residences, StoreReader,
                         testing::Values(reader_case{"mapped", residence::mapped, false},
                                         reader_case{"memory", residence::memory, false},
                                         reader_case{"encrypted", residence::memory, true}),
                         [](const auto &parameter) { return parameter.param.name; });
