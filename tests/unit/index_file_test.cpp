#include "index/index_file.h"

#include <gtest/gtest.h>
#include <functional>
#include <limits>

#include "index/bit_order.h"
#include "support/files.h"
#include "support/index_file_support.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

const index_description pdq_codes{LM_HASH_PDQ256, 256, "test profile", LM_VERSION};

std::string reason_of(const std::function<void()> &call, lm_status expected = LM_ERROR_FORMAT) {
  try {
    call();
  } catch (const error &failure) {
    EXPECT_EQ(failure.status(), expected) << failure.what();
    return failure.what();
  }
  return "no error";
}

class IndexFile : public testing::Test {
 protected:
  void save(const code_index &index) { write_index_file(path, index.description(), *index.snapshot(), nullptr); }

  // Saves, loads, maps and verifies; all agree, and what is saved again is the same file.
  content round_trip(const code_index &index) {
    save(index);
    verify_index_file(path, nullptr);
    const stored_index loaded = load_index_file(path, nullptr);
    const stored_index mapped = map_index_file(path);
    const content expected = content_of(loaded.snapshot);
    EXPECT_EQ(content_of(mapped.snapshot), expected);
    for (const stored_index *stored : {&loaded, &mapped}) {
      EXPECT_EQ(stored->description.hash, index.description().hash);
      EXPECT_EQ(stored->description.bits, index.description().bits);
      EXPECT_EQ(stored->description.profile, index.description().profile);
      EXPECT_EQ(stored->description.library_version, LM_VERSION);
      EXPECT_EQ(stored->snapshot.next_id, index.snapshot()->next_id);
      EXPECT_EQ(stored->bytes, read_bytes(path).size());
      write_index_file(folder / "again", stored->description, stored->snapshot, nullptr);
      EXPECT_EQ(read_bytes(folder / "again"), read_bytes(path));
    }
    return expected;
  }

  temporary_folder folder;
  const std::string path = folder / "index";
};

bool holds(const bytes &file, std::string_view text) {
  return std::string_view(reinterpret_cast<const char *>(file.data()), file.size()).find(text) !=
         std::string_view::npos;
}

}  // namespace

TEST_F(IndexFile, AnEmptyIndexIsItsHeader) {
  EXPECT_EQ(round_trip(code_index(pdq_codes)), content{});
  EXPECT_EQ(read_bytes(path).size(), 104U + 12U);
}

TEST_F(IndexFile, CodesOfEveryWidth) {
  for (const std::uint32_t bits : {64U, 256U, 2048U}) {
    code_index index({LM_HASH_CODE, bits, "", LM_VERSION});
    const generated_entries entries(bits, 0, bits, 100, 7, false);
    add(index, entries);
    const content stored = round_trip(index);
    ASSERT_EQ(stored[0].size(), 100U);
    for (std::size_t i = 0; i < 100; ++i) {
      EXPECT_EQ(stored[0][i].row.size(), bits / 64);
      EXPECT_EQ(std::memcmp(stored[0][i].row.data(), &entries.codes[i * bits / 8], bits / 8), 0);
      EXPECT_EQ(stored[0][i].id, 7 + static_cast<std::int64_t>(i));
      EXPECT_EQ(stored[0][i].label, "");
    }
    EXPECT_EQ(stored[1].size() + stored[2].size() + stored[3].size(), 0U);
  }
}

TEST_F(IndexFile, LabelsWhereThereAreSome) {
  code_index index(pdq_codes);
  add(index, generated_entries(1, 0, 256, 5, 10, false));
  add(index, generated_entries(2, 0, 256, 5, 20, true));
  const content stored = round_trip(index);
  ASSERT_EQ(stored[0].size(), 10U);
  EXPECT_EQ(stored[0][4].label, "");
  EXPECT_EQ(stored[0][5].label, "table 0, entry 20 \xC3\xA9\xE2\x82\xAC");
  EXPECT_EQ(stored[0][7].label, "");
  EXPECT_EQ(stored[0][8].label, "table 0, entry 23 \xC3\xA9\xE2\x82\xAC");
}

TEST_F(IndexFile, SegmentsOfDigestsAreMergedIntoOneOrder) {
  const std::array<std::uint32_t, 4> bits{256, 128, 160, 256};
  code_index index(pdq_codes);
  content added;
  // Each a third of the one before it, so that the index keeps them apart.
  for (std::uint64_t part = 0; part < 3; ++part) {
    for (std::size_t t = 0; t < 4; ++t) {
      const std::size_t size = part == 0 ? 270 : part == 1 ? 90 : 30;
      const generated_entries entries(part * 4 + t, t, bits[t], size, static_cast<std::int64_t>(1000 * part), true);
      add(index, entries);
      for (std::size_t i = 0; i < size; ++i) {
        entry item{std::vector<std::uint64_t>((bits[t] + 63) / 64), entries.ids[i],
                   entries.labels[i] != nullptr ? entries.texts[i] : ""};
        pack_rows(&entries.codes[i * bits[t] / 8], 1, index.snapshot()->tables[t].hash, bits[t], item.row.data());
        added[t].push_back(item);
      }
    }
  }
  for (std::size_t t = 0; t < 4; ++t) {
    ASSERT_EQ(index.snapshot()->tables[t].segments.size(), 3U);
    if (t != 0) {
      std::sort(added[t].begin(), added[t].end(), [](const entry &a, const entry &b) { return a.row < b.row; });
    }
  }
  EXPECT_EQ(round_trip(index), added);
}

TEST_F(IndexFile, EqualDigestsAreOrderedById) {
  code_index index(pdq_codes);
  generated_entries many(1, 1, 128, 9, 0, false);
  generated_entries few(1, 1, 128, 3, 0, false);
  std::fill(many.codes.begin(), many.codes.end(), std::uint8_t{5});
  std::fill(few.codes.begin(), few.codes.end(), std::uint8_t{5});
  many.ids = {9, 1, 8, 2, 7, 3, 6, 4, 5};
  few.ids = {12, 0, 4};
  add(index, many);
  add(index, few);
  std::vector<std::int64_t> ids;
  const content stored = round_trip(index);
  for (const entry &item : stored[1]) {
    ids.push_back(item.id);
  }
  EXPECT_EQ(ids, (std::vector<std::int64_t>{0, 1, 2, 3, 4, 4, 5, 6, 7, 8, 9, 12}));
}

TEST_F(IndexFile, WhatWasRemovedIsNowhereInTheFile) {
  code_index index(pdq_codes);
  const generated_entries codes(1, 0, 256, 10, 0, true);
  const generated_entries digests(2, 2, 160, 10, 0, true);
  add(index, codes);
  add(index, digests);
  save(index);
  const auto row = [](const generated_entries &entries, std::size_t i, lm_hash hash, std::uint32_t bits) {
    std::string bytes((bits + 63) / 64 * 8, '\0');
    std::vector<std::uint64_t> words((bits + 63) / 64);
    pack_rows(&entries.codes[i * bits / 8], 1, hash, bits, words.data());
    std::memcpy(bytes.data(), words.data(), bytes.size());
    return bytes;
  };
  for (const bool removed : {false, true}) {
    const bytes file = read_bytes(path);
    EXPECT_EQ(holds(file, "entry 3 "), !removed);
    EXPECT_EQ(holds(file, row(codes, 3, LM_HASH_PDQ256, 256)), !removed);
    EXPECT_EQ(holds(file, row(digests, 3, LM_HASH_SHA1, 160)), !removed);
    EXPECT_TRUE(holds(file, "entry 4 "));
    EXPECT_TRUE(holds(file, row(codes, 4, LM_HASH_PDQ256, 256)));
    EXPECT_TRUE(holds(file, row(digests, 4, LM_HASH_SHA1, 160)));
    index.remove(std::array<std::int64_t, 2>{3, 9});
    save(index);
  }
  const content stored = round_trip(index);
  EXPECT_EQ(stored[0].size(), 8U);
  EXPECT_EQ(stored[2].size(), 8U);
  EXPECT_EQ(load_index_file(path, nullptr).snapshot.next_id, 10);
}

TEST_F(IndexFile, LabelsOfRemovedRowsLeaveNoLabelSections) {
  code_index index(pdq_codes);
  add(index, generated_entries(1, 0, 256, 3, 0, true));
  index.remove(std::array<std::int64_t, 2>{0, 1});
  const content stored = round_trip(index);
  ASSERT_EQ(stored[0].size(), 1U);
  EXPECT_TRUE(load_index_file(path, nullptr).snapshot.tables[0].segments[0].rows->data().label_offsets.empty());
}

TEST_F(IndexFile, TheLargestIdThereIs) {
  code_index index(pdq_codes);
  add(index, generated_entries(1, 0, 256, 1, std::numeric_limits<std::int64_t>::max(), false));
  EXPECT_EQ(round_trip(index)[0][0].id, std::numeric_limits<std::int64_t>::max());
}

TEST_F(IndexFile, ContentOfManyPieces) {
  code_index index(pdq_codes);
  add(index, generated_entries(1, 0, 256, 40000, 0, true));    // 1.3 MB of codes, 1.1 MB of labels
  add(index, generated_entries(2, 2, 160, 150000, 0, false));  // 3.6 MB of digests, 1.2 MB of ids
  const content before = content_of(*index.snapshot());
  EXPECT_EQ(round_trip(index), before);
}

TEST_F(IndexFile, ProgressCountsEveryByteOfTheFile) {
  code_index index(pdq_codes);
  add(index, generated_entries(1, 0, 256, 40000, 0, true));
  std::pair<std::uint64_t, std::uint64_t> last;
  const lm_progress progress{[](void *user_data, std::uint64_t done, std::uint64_t total) {
                               *static_cast<decltype(&last)>(user_data) = {done, total};
                               return 0;
                             },
                             &last};
  write_index_file(path, index.description(), *index.snapshot(), &progress);
  const std::uint64_t size = read_bytes(path).size();
  EXPECT_EQ(last, std::pair(size, size));
  last = {};
  load_index_file(path, &progress);
  EXPECT_EQ(last, std::pair(size, size));
  last = {};
  verify_index_file(path, &progress);
  EXPECT_EQ(last, std::pair(size, size));
}

TEST_F(IndexFile, CancellingLeavesTheOldFile) {
  code_index index(pdq_codes);
  add(index, generated_entries(1, 0, 256, 10, 0, true));
  save(index);
  const bytes old = read_bytes(path);
  add(index, generated_entries(2, 0, 256, 10, 10, true));
  const lm_progress stop{[](void *, std::uint64_t, std::uint64_t) { return 1; }, nullptr};
  reason_of([&] { write_index_file(path, index.description(), *index.snapshot(), &stop); }, LM_ERROR_CANCELLED);
  EXPECT_EQ(read_bytes(path), old);
  EXPECT_EQ(folder.names(), std::vector<std::string>{"index"});
  reason_of([&] { load_index_file(path, &stop); }, LM_ERROR_CANCELLED);
  reason_of([&] { verify_index_file(path, &stop); }, LM_ERROR_CANCELLED);
}

TEST_F(IndexFile, AFullDiskLeavesTheOldFile) {
  code_index index(pdq_codes);
  save(index);
  const bytes old = read_bytes(path);
  add(index, generated_entries(1, 0, 256, 1000, 0, false));
  {
    const file_size_limit full(20000);
    EXPECT_EQ(reason_of([&] { save(index); }, LM_ERROR_IO), path + ": cannot write: File too large");
  }
  EXPECT_EQ(read_bytes(path), old);
  EXPECT_EQ(folder.names(), std::vector<std::string>{"index"});
  reason_of([&] { write_index_file(folder / "none/index", pdq_codes, *index.snapshot(), nullptr); }, LM_ERROR_IO);
}

TEST_F(IndexFile, AProfileThatCannotBeStoredIsRefusedBeforeWriting) {
  for (const std::string &profile : {std::string(65536, 'x'), std::string("\xFF"), std::string("a\0b", 3)}) {
    const code_index index({LM_HASH_PDQ256, 256, profile, LM_VERSION});
    reason_of([&] { save(index); }, LM_ERROR_INVALID_ARGUMENT);
  }
  EXPECT_TRUE(folder.names().empty());
  round_trip(code_index({LM_HASH_PDQ256, 256, std::string(65535, 'x'), LM_VERSION}));
}

// The format may only change together with its version: these bytes must be written, and read, for ever.
TEST_F(IndexFile, LiteralBytes) {
  code_index index({LM_HASH_CODE, 64, "p", LM_VERSION});
  const std::array<std::uint8_t, 8> code{0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18};
  const std::array<std::uint8_t, 20> sha1{0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A,
                                          0x2B, 0x2C, 0x2D, 0x2E, 0x2F, 0x30, 0x31, 0x32, 0x33, 0x34};
  const std::int64_t id = 0x0102030405060708;
  const char *label = "\xC3\xA9";
  index.add(std::array{new_entries{0, 1, code.data(), &id, nullptr}, new_entries{2, 1, sha1.data(), &id, &label}});
  save(index);
  const bytes file = read_bytes(path);
  ASSERT_EQ(file.size(), 6U * 4096 + 3);
  const bytes header(file.begin(), file.begin() + 345);
  const bytes expected{
      0x89, 0x4C, 0x4D, 0x49, 0x0D, 0x0A, 0x1A, 0x0A, 0x02, 0x00, 0x00, 0x00, 0x04, 0x03, 0x02, 0x01, 0x03, 0x60,
      0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x59, 0x01, 0x00, 0x00, 0x06, 0x00, 0x00, 0x00, 0x01, 0xA3, 0x7C, 0xE2,
      0x9C, 0x9F, 0x0F, 0x26, 0x22, 0x2E, 0xF2, 0xC1, 0xD7, 0x6B, 0x0D, 0x09, 0x64, 0x00, 0x00, 0x00, 0x00, 0x00,
      0x00, 0x00, 0x40, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x09, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01,
      0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00,
      0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
      0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00,
      0x00, 0x00, 0xA8, 0x9A, 0xE9, 0x3F, 0xB2, 0x29, 0xB2, 0xA5, 0x28, 0x6D, 0xB1, 0x57, 0x05, 0x95, 0xB4, 0xB4,
      0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x08, 0x00,
      0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x6F, 0x48, 0x07, 0x37, 0x5F, 0x74, 0x5D, 0x5E, 0xF5, 0xAB, 0x95, 0x5C,
      0xCF, 0x31, 0x95, 0xF2, 0x01, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x30, 0x00, 0x00, 0x00, 0x00,
      0x00, 0x00, 0x18, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xAB, 0x54, 0xBB, 0x12, 0x20, 0xE4, 0xBF, 0x55,
      0x2E, 0x6E, 0x51, 0x71, 0x59, 0x52, 0x9C, 0x38, 0x02, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x40,
      0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x6F, 0x48, 0x07, 0x37,
      0x5F, 0x74, 0x5D, 0x5E, 0xF5, 0xAB, 0x95, 0x5C, 0xCF, 0x31, 0x95, 0xF2, 0x03, 0x00, 0x00, 0x00, 0x02, 0x00,
      0x00, 0x00, 0x00, 0x50, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
      0x5E, 0x58, 0xA5, 0xE7, 0x90, 0xCE, 0x55, 0x8F, 0xA8, 0xB4, 0x27, 0x0C, 0x67, 0xE3, 0xC6, 0x51, 0x04, 0x00,
      0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x60, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00,
      0x00, 0x00, 0x00, 0x00, 0x77, 0x3C, 0xF5, 0xD1, 0xBD, 0x64, 0x5D, 0x3C, 0x7B, 0x13, 0x76, 0x2A, 0xDB, 0x38,
      0xE7, 0x74, 0x70,
  };
  EXPECT_EQ(header, expected);
  const std::array<std::pair<std::size_t, bytes>, 6> sections{{
      {4096, {0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18}},
      {8192, {0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01}},
      {12288, {0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x2B, 0x2C,
               0x2D, 0x2E, 0x2F, 0x30, 0x31, 0x32, 0x33, 0x34, 0,    0,    0,    0}},
      {16384, {0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01}},
      {20480, {0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0}},
      {24576, {0xC3, 0xA9, 0x00}},
  }};
  bytes rebuilt = expected;
  for (const auto &[offset, section] : sections) {
    rebuilt.resize(offset);
    rebuilt.insert(rebuilt.end(), section.begin(), section.end());
  }
  EXPECT_EQ(file, rebuilt);
}
