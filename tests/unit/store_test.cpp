#include <gtest/gtest.h>

#include <thread>

#include "core/error.h"
#include "index/bit_order.h"
#include "store/file_system.h"
#include "store/store.h"
#include "support/files.h"
#include "support/random_codes.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

std::vector<std::uint8_t> code_of(std::uint64_t seed, std::size_t size) {
  random_source random(seed);
  std::vector<std::uint8_t> code(size);
  for (std::uint8_t &byte : code) {
    byte = static_cast<std::uint8_t>(random.next());
  }
  return code;
}

// Adds entry number i of a list: a PDQ code and, for every other, an MD5 digest, under the list's own id.
void add_numbered(store_transaction &changes, std::uint64_t i, const std::string &label) {
  const std::string list_id = "entry-" + std::to_string(i);
  const std::vector<std::uint8_t> pdq = code_of(i, 32);
  const std::vector<std::uint8_t> md5 = code_of(i, 16);
  new_entry entry{LM_HASH_PDQ256, 256, pdq.data(), "first", list_id, label, -1, 100};
  changes.add(entry);
  if (i % 2 == 0) {
    changes.add({LM_HASH_MD5, 128, md5.data(), "first", list_id, label, -1, 100});
  }
}

change_counts add_range(store_writer &writer, std::uint64_t first, std::uint64_t last) {
  const auto changes = writer.begin();
  for (std::uint64_t i = first; i < last; ++i) {
    add_numbered(*changes, i, "label " + std::to_string(i % 10));
  }
  return changes->commit();
}

std::size_t live(const store_snapshot &snapshot, lm_hash hash, std::uint32_t bits) {
  const store_table *table = snapshot.find(hash, bits);
  return table != nullptr ? table->rows.live() : 0;
}

// Where entry i's PDQ code is, by comparing every live row.
std::vector<provenance> find_pdq(const store_snapshot &snapshot, std::uint64_t i) {
  std::vector<provenance> found;
  const store_table *table = snapshot.find(LM_HASH_PDQ256, 256);
  std::vector<std::uint64_t> row(4);
  pack_rows(code_of(i, 32).data(), 1, LM_HASH_PDQ256, 256, row.data());
  for (std::uint32_t s = 0; table != nullptr && s < table->records.size(); ++s) {
    const segment_view view = table->rows.segments[s].view();
    for (std::uint32_t r = 0; r < view.size; ++r) {
      if (!view.is_removed(r) && std::equal(row.begin(), row.end(), view.rows + std::size_t{r} * 4)) {
        found.push_back(snapshot.provenance_of(*table, {s, r}));
      }
    }
  }
  return found;
}

store_options plain() {
  store_options options;
  options.transaction_bytes = std::size_t{1} << 20;
  options.merge_in_background = false;
  return options;
}

reader_options by_hand() {
  reader_options options;
  options.poll_interval = std::chrono::milliseconds(0);
  return options;
}

}  // namespace

TEST(Store, KeepsWhatWasCommittedAndNothingElse) {
  const temporary_folder folder;
  const std::string path = folder / "store";
  create_store(path, plain());
  {
    const auto writer = store_writer::open(path, plain());
    EXPECT_EQ(add_range(*writer, 0, 100).added, 150U);
    const auto given_up = writer->begin();
    add_numbered(*given_up, 1000, "not committed");
  }
  const auto reader = store_reader::open(path, by_hand());
  const auto snapshot = reader->snapshot();
  EXPECT_EQ(live(*snapshot, LM_HASH_PDQ256, 256), 100U);
  EXPECT_EQ(live(*snapshot, LM_HASH_MD5, 128), 50U);
  const std::vector<provenance> found = find_pdq(*snapshot, 42);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].list_name, "first");
  EXPECT_EQ(found[0].list_id, "entry-42");
  EXPECT_EQ(found[0].label, "label 2");
  EXPECT_EQ(found[0].id, 63);
  EXPECT_EQ(found[0].time, 100);
  EXPECT_FALSE(found[0].id_given);
  EXPECT_TRUE(find_pdq(*snapshot, 1000).empty());
  EXPECT_EQ(snapshot->version, 1U);
}

TEST(Store, AnotherReaderSeesEachCommit) {
  const temporary_folder folder;
  const std::string path = folder / "store";
  create_store(path, plain());
  const auto writer = store_writer::open(path, plain());
  const auto reader = store_reader::open(path, by_hand());
  EXPECT_FALSE(reader->refresh());
  add_range(*writer, 0, 10);
  EXPECT_TRUE(reader->refresh());
  EXPECT_EQ(find_pdq(*reader->snapshot(), 3).size(), 1U);
  const auto before = reader->snapshot();

  const auto changes = writer->begin();
  withdrawal taken_back;
  taken_back.list = "first";
  taken_back.list_id = "entry-4";
  taken_back.reason = "wrong";
  taken_back.by = "hotline";
  taken_back.time = 200;
  changes->withdraw(taken_back);
  EXPECT_EQ(changes->commit().withdrawn, 2U);
  EXPECT_TRUE(reader->refresh());
  EXPECT_TRUE(find_pdq(*reader->snapshot(), 4).empty());
  EXPECT_EQ(find_pdq(*before, 4).size(), 1U);
  const auto snapshot = reader->snapshot();
  ASSERT_EQ(snapshot->history.rows.live(), 2U);
  const withdrawn_entry withdrawn = snapshot->withdrawn({0, 0});
  EXPECT_EQ(withdrawn.hash, LM_HASH_PDQ256);
  EXPECT_EQ(withdrawn.bits, 256U);
  EXPECT_EQ(withdrawn.by, "hotline");
  EXPECT_EQ(withdrawn.reason, "wrong");
  EXPECT_EQ(withdrawn.withdrawn_at, 200);
  EXPECT_EQ(withdrawn.entry.list_id, "entry-4");
  EXPECT_EQ(withdrawn.entry.label, "label 4");
}

TEST(Store, ReplayingChangesNothing) {
  const temporary_folder folder;
  const std::string path = folder / "store";
  create_store(path, plain());
  const auto writer = store_writer::open(path, plain());
  EXPECT_EQ(add_range(*writer, 0, 20).added, 30U);
  EXPECT_EQ(add_range(*writer, 0, 20).unchanged, 30U);
  writer->flush();
  EXPECT_EQ(add_range(*writer, 0, 20).unchanged, 30U);
  EXPECT_EQ(writer->snapshot()->version, 1U) << "and is no transaction";
  const auto changes = writer->begin();
  withdrawal taken_back;
  taken_back.list = "first";
  taken_back.list_id = "entry-4";
  taken_back.time = 100;
  changes->withdraw(taken_back);
  changes->commit();
  const change_counts replayed = add_range(*writer, 0, 20);
  EXPECT_EQ(replayed.unchanged, 28U);
  EXPECT_EQ(replayed.superseded, 2U);
  EXPECT_TRUE(find_pdq(*writer->snapshot(), 4).empty());
  EXPECT_EQ(writer->snapshot()->version, 2U);
}

TEST(Store, WhatLeavesItAsItIsWritesNothing) {
  const temporary_folder folder;
  const std::string path = folder / "store";
  store_options options = plain();
  options.transaction_bytes = 2000;
  create_store(path, options);
  const auto writer = store_writer::open(path, options);
  // The list has one entry under two labels, the second of which stays.
  const auto twice = [&](std::uint64_t others) {
    const auto changes = writer->begin();
    changes->set_attribute("first", "checkpoint", "17");
    add_numbered(*changes, 3, "first");
    const std::string list_id = "entry-3";
    const std::vector<std::uint8_t> code = code_of(3, 32);
    changes->add({LM_HASH_PDQ256, 256, code.data(), "first", list_id, "another label", -1, 100});
    for (std::uint64_t i = 0; i < others; ++i) {
      add_numbered(*changes, 100 + i, "first");
    }
    return changes->commit();
  };
  for (const std::uint64_t others : {0U, 200U}) {  // in the log; in files
    twice(others);
    const auto before = writer->snapshot();
    const auto files = machine_file_system()->list(path);
    for (int again = 0; again < 2; ++again) {
      const change_counts counts = twice(others);
      EXPECT_EQ(counts.added, 0U);
      EXPECT_EQ(counts.changed, 0U);
    }
    EXPECT_EQ(writer->snapshot(), before);
    EXPECT_EQ(machine_file_system()->list(path), files);
  }
  withdrawal unknown;
  unknown.list = "first";
  unknown.list_id = "entry-99999";
  const auto before = writer->snapshot();
  const auto changes = writer->begin();
  changes->withdraw(unknown);
  changes->set_attribute("no such list", "checkpoint", "");
  EXPECT_EQ(changes->commit().unknown, 1U);
  EXPECT_EQ(writer->snapshot(), before);
}

TEST(Store, LargeTransactionsFlushesAndMergesKeepTheContent) {
  const temporary_folder folder;
  const std::string path = folder / "store";
  create_store(path, plain());
  {
    const auto writer = store_writer::open(path, plain());
    EXPECT_EQ(add_range(*writer, 0, 70000).added, 105000U);  // more than a portion, and enough for buckets
    add_range(*writer, 200000, 200010);
    const auto changes = writer->begin();
    withdrawal taken_back;
    taken_back.list = "first";
    taken_back.list_id = "entry-60000";
    changes->withdraw(taken_back);
    changes->commit();
    writer->compact(nullptr);
    verify_store(path, {}, nullptr);
    EXPECT_EQ(writer->snapshot()->find(LM_HASH_PDQ256, 256)->files.size(), 1U);
    EXPECT_NE(writer->snapshot()->find(LM_HASH_PDQ256, 256)->rows.segments[0].view().buckets, nullptr);
    EXPECT_EQ(live(*writer->snapshot(), LM_HASH_PDQ256, 256), 70009U);
  }
  const auto reader = store_reader::open(path, by_hand());
  EXPECT_EQ(live(*reader->snapshot(), LM_HASH_PDQ256, 256), 70009U);
  EXPECT_EQ(find_pdq(*reader->snapshot(), 69999).size(), 1U);
  EXPECT_TRUE(find_pdq(*reader->snapshot(), 60000).empty());
  EXPECT_EQ(find_pdq(*reader->snapshot(), 200009).size(), 1U);
}

TEST(Store, IsWrittenByOneProcessAtATime) {
  const temporary_folder folder;
  const std::string path = folder / "store";
  create_store(path, plain());
  const auto writer = store_writer::open(path, plain());
  EXPECT_THROW(store_writer::open(path, plain()), error);
}
