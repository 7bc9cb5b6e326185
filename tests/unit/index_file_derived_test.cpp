// Planes and buckets in an index file: stored, found again, and refused when they are not those of the rows.
#include "index/index_file_derived.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "distance/dispatch.h"
#include "index/index_file.h"
#include "search/line_buckets.h"
#include "search/scan.h"
#include "support/files.h"
#include "support/index_file_support.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

constexpr std::size_t n_rows = 1000;

std::string reason_of(const std::function<void()> &call) {
  try {
    call();
  } catch (const error &failure) {
    EXPECT_EQ(failure.status(), LM_ERROR_FORMAT) << failure.what();
    return failure.what();
  }
  return "no error";
}

// An index file of `n_rows` entries, of which a word may be another one.
class StoredFile : public testing::Test {
 protected:
  std::size_t section(section_kind kind) const {
    for (std::size_t at = 104;; at += 40) {
      if (get<std::uint32_t>(original, at) == static_cast<std::uint32_t>(kind)) {
        return static_cast<std::size_t>(get<std::uint64_t>(original, at + 8));
      }
    }
  }

  // Why a file is refused in which element i of a section has another value, and the checksums are right. Mapping may
  // refuse it for the same reason, or take it: whatever the places say, a search of it stays within the file.
  std::string reason(section_kind kind, std::size_t i, std::uint32_t value) {
    bytes file = original;
    put(file, section(kind) + 4 * i, value);
    repair_checksums(file);
    write_bytes(path, file);
    const std::string loading = reason_of([&] { load_index_file(path, nullptr, &threads); });
    EXPECT_EQ(reason_of([&] { verify_index_file(path, nullptr); }), loading);
    const std::string mapping = reason_of([&] { search(map_index_file(path).snapshot); });
    EXPECT_TRUE(mapping == loading || mapping == "no error") << mapping;
    return loading.substr(0, path.size()) == path ? loading.substr(path.size()) : loading;
  }

  std::uint32_t value(section_kind kind, std::size_t i) const {
    return get<std::uint32_t>(original, section(kind) + 4 * i);
  }

  virtual void search(const index_snapshot &snapshot) = 0;

  temporary_folder folder;
  const std::string path = folder / "index";
  thread_pool threads{2};
  bytes original;
};

// Codes of 64 bits have four tables, which lie in few pages. Sections: rows, ids, planes, bucket shape, starts, rows,
// words.
class StoredLayouts : public StoredFile {
 protected:
  StoredLayouts() {
    code_index index({LM_HASH_CODE, 64, "", LM_VERSION});
    add(index, generated_entries(1, 0, 64, n_rows, 0, false));
    index.set_policies({layout_policy::always, layout_policy::always, 0});
    index.prepare(threads, nullptr);
    write_index_file(path, index.description(), *index.snapshot(), nullptr);
    original = read_bytes(path);
  }

  std::string at(const std::string &name, section_kind kind, std::size_t i) const {
    return ": section " + name + " of codes, offset " + std::to_string(section(kind) + 4 * i) + ": ";
  }

  void search(const index_snapshot &snapshot) override {
    const std::vector<segment_view> views = snapshot.tables[0].views();
    const std::shared_ptr<const backend> device = open_backend("scalar");
    for (const std::size_t n_queries : {std::size_t{3}, n_rows}) {
      progress_meter progress(nullptr, 0);
      device->search_range(views, {views[0].rows, n_queries, 1}, 7, threads, progress);
    }
  }
};

}  // namespace

TEST_F(StoredLayouts, AreFoundAgainAndWrittenAgainOnceVerified) {
  const stored_index loaded = load_index_file(path, nullptr);
  const stored_index mapped = map_index_file(path);
  for (const stored_index *stored : {&loaded, &mapped}) {
    const segment_view rows = stored->snapshot.tables[0].segments[0].view();
    EXPECT_NE(rows.planes.planes, nullptr);
    ASSERT_NE(rows.buckets, nullptr);
    EXPECT_EQ(rows.buckets->tables, 4U);
    EXPECT_GT(rows.buckets->largest[0], 0U);
  }
  write_index_file(folder / "loaded", loaded.description, loaded.snapshot, nullptr);
  EXPECT_EQ(read_bytes(folder / "loaded"), original);
  write_index_file(folder / "mapped", mapped.description, mapped.snapshot, nullptr);
  EXPECT_LT(read_bytes(folder / "mapped").size(), section(section_kind::planes));
}

TEST_F(StoredLayouts, ProgressCountsThemTwice) {
  struct {
    std::uint64_t done = 0, total = 0;
  } seen;
  const lm_progress progress{[](void *user_data, std::uint64_t done, std::uint64_t total) -> std::int32_t {
                               *static_cast<decltype(seen) *>(user_data) = {done, total};
                               return 0;
                             },
                             &seen};
  // Two tiles of planes; tables of places, rows, and two words of rows filled up to 1008.
  const std::uint64_t derived = 2 * 96 * 64 + 4 * 4 * (65537 + n_rows + 2 * 1008);
  load_index_file(path, &progress);
  EXPECT_EQ(seen.total, original.size() + derived);
  EXPECT_EQ(seen.done, seen.total);
  seen = {};
  verify_index_file(path, &progress);
  EXPECT_EQ(seen.done, original.size() + derived);
}

TEST_F(StoredLayouts, PlanesThatAreNotThoseOfTheRows) {
  EXPECT_EQ(reason(section_kind::planes, 0, 1 ^ get<std::uint32_t>(original, section(section_kind::planes))),
            at("planes", section_kind::planes, 0) + "tile 0 does not hold the bits of its rows");
  // The last bit of all: beyond the rows, and beyond the code.
  EXPECT_EQ(reason(section_kind::planes, 2 * 96 * 16 - 1, 0x80000000),
            at("planes", section_kind::planes, 96 * 16) + "tile 1 does not hold the bits of its rows");
}

TEST_F(StoredLayouts, ShapesThatCannotBe) {
  const auto shape = [](int tables, int width, int words, int lines = 0) {
    return std::to_string(tables) + " tables of " + std::to_string(width) + " bits and " + std::to_string(words) +
           " words inline and " + std::to_string(lines) + " lines are no buckets of codes of 64 bits";
  };
  const std::string where = at("bucket shape", section_kind::bucket_shape, 0);
  EXPECT_EQ(reason(section_kind::bucket_shape, 0, 0), where + shape(0, 16, 2));
  EXPECT_EQ(reason(section_kind::bucket_shape, 0, 17), where + shape(17, 16, 2));
  EXPECT_EQ(reason(section_kind::bucket_shape, 0, 5), where + shape(5, 16, 2));
  EXPECT_EQ(reason(section_kind::bucket_shape, 1, 0), where + shape(4, 0, 2));
  EXPECT_EQ(reason(section_kind::bucket_shape, 1, 25), where + shape(4, 25, 2));
  EXPECT_EQ(reason(section_kind::bucket_shape, 2, 3), where + shape(4, 16, 3));
  EXPECT_EQ(reason(section_kind::bucket_shape, 3, 1), where + shape(4, 16, 2, 1));
  EXPECT_EQ(reason(section_kind::bucket_shape, 1, 15),
            at("bucket starts", section_kind::bucket_starts, 0) + "1048592 bytes, but 4 tables take 524304");
}

TEST_F(StoredLayouts, PlacesThatAreNotThoseOfTheRows) {
  const auto starts = [&](std::size_t i, const std::string &what) {
    return at("bucket starts", section_kind::bucket_starts, i) + "place " + std::to_string(i) + " is " + what;
  };
  EXPECT_EQ(reason(section_kind::bucket_starts, 0, 0xFFFFFFFF), starts(1, "smaller than the one before it"));
  EXPECT_EQ(reason(section_kind::bucket_starts, 65536, 0xFFFFFFFF), starts(65536, "not where the rows begin or end"));
  EXPECT_EQ(reason(section_kind::bucket_starts, 65537 + 40000, 0xFFFFFFFF),
            starts(65537 + 40001, "smaller than the one before it"));
}

TEST_F(StoredLayouts, RowsThatAreNotThoseOfTheirBuckets) {
  const auto rows = [&](std::size_t i) {
    return at("bucket rows", section_kind::bucket_rows, i) + "place " + std::to_string(i) +
           " is not a row of its bucket, in order";
  };
  const std::size_t place = section(section_kind::bucket_rows);
  EXPECT_EQ(reason(section_kind::bucket_rows, 0, 1000), rows(0));
  EXPECT_EQ(reason(section_kind::bucket_rows, 0, 0xFFFFFFFF), rows(0));
  EXPECT_EQ(reason(section_kind::bucket_rows, 1999, get<std::uint32_t>(original, place + 4 * 1000)), rows(1999));
}

TEST_F(StoredLayouts, WordsThatAreNotThoseOfTheirRows) {
  const auto words = [&](std::size_t i) {
    return at("bucket words", section_kind::bucket_words, i) + "place " + std::to_string(i) +
           " is not the word of its row";
  };
  const std::size_t place = section(section_kind::bucket_words);
  EXPECT_EQ(reason(section_kind::bucket_words, 0, 1 ^ get<std::uint32_t>(original, place)), words(0));
  EXPECT_EQ(reason(section_kind::bucket_words, 2016 + 16, ~get<std::uint32_t>(original, place + 4 * 2032)),
            words(2016 + 16));
  // Behind the last position.
  EXPECT_EQ(reason(section_kind::bucket_words, 4 * 2016 - 1, 1), words(4 * 2016 - 1));
}

namespace {

// Codes of 256 bits with buckets that are lines, which a list would have to be large for: made here, and taken over.
class StoredLines : public StoredFile {
 protected:
  StoredLines() {
    code_index index({LM_HASH_CODE, 256, "", LM_VERSION});
    add(index, generated_entries(1, 0, 256, n_rows, 0, false));
    index.set_policies({layout_policy::never, layout_policy::never, 0});
    index.prepare(threads, nullptr);
    const std::shared_ptr<const index_snapshot> snapshot = index.snapshot();
    const segment &rows = *snapshot->tables[0].segments[0].rows;
    EXPECT_TRUE(build_lines(rows.row(0), shape_of_lines(n_rows, 7), 100, threads, nullptr, made));
    rows.layouts().adopt_buckets(made.layout, true);
    write_index_file(path, index.description(), *snapshot, nullptr);
    original = read_bytes(path);
  }

  // What is said of the place.
  std::string fault(section_kind kind, std::size_t i, std::uint32_t value) {
    const std::string whole = reason(kind, i, value);
    return whole.substr(whole.rfind(": ") + 2);
  }

  static constexpr std::uint32_t max_distance = 31;
  search_result find_all(const index_snapshot &snapshot) {
    const std::vector<segment_view> views = snapshot.tables[0].views();
    thread_pool one(1);
    progress_meter progress(nullptr, 0);
    const auto set = instruction_set::scalar;
    for (const search_method method : {search_method::probes, search_method::visits}) {
      search_range(views, {views[0].rows, 300, 4}, max_distance, {kernels_for(set), set, one, progress, method});
    }
    return search_range(views, {views[0].rows, n_rows, 4}, max_distance,
                        {kernels_for(set), set, one, progress, search_method::probes});
  }

  void search(const index_snapshot &snapshot) override { find_all(snapshot); }

  owned_buckets made;
};

}  // namespace

TEST_F(StoredLines, AreFoundAgainAndSearched) {
  const stored_index loaded = load_index_file(path, nullptr);
  const stored_index mapped = map_index_file(path);
  for (const stored_index *stored : {&loaded, &mapped}) {
    const segment_view rows = stored->snapshot.tables[0].segments[0].view();
    ASSERT_NE(rows.buckets, nullptr);
    EXPECT_EQ(rows.buckets->lines, made.layout.lines);
    EXPECT_EQ(rows.buckets->largest, made.layout.largest);
    EXPECT_GE(find_all(stored->snapshot).ids.size(), n_rows);
    for (std::uint32_t row = 0; row < n_rows; row += 97) {
      const std::vector<std::uint32_t> bucket =
          rows_of_bucket(*rows.buckets, 2, rows.buckets->bucket_of(rows.rows + std::size_t{row} * 4, 2));
      EXPECT_EQ(std::count(bucket.begin(), bucket.end(), row), 1);
    }
  }
  write_index_file(folder / "loaded", loaded.description, loaded.snapshot, nullptr);
  EXPECT_EQ(read_bytes(folder / "loaded"), original);
}

TEST_F(StoredLines, LinesThatAreNotThoseOfTheRows) {
  const std::uint32_t lines = made.layout.lines;
  const std::string other_shape = " lines are no buckets of codes of 256 bits";
  EXPECT_NE(fault(section_kind::bucket_shape, 3, 127).find(other_shape), std::string::npos);
  EXPECT_NE(fault(section_kind::bucket_shape, 3, 1U << 29).find(other_shape), std::string::npos);
  EXPECT_NE(fault(section_kind::bucket_shape, 2, 3).find(other_shape), std::string::npos);
  EXPECT_NE(fault(section_kind::bucket_shape, 3, lines + 1).find("tables take"), std::string::npos);

  EXPECT_EQ(fault(section_kind::bucket_starts, 3, made.layout.largest[3] + 1),
            "place 3 is not the size of the table's largest bucket");
  EXPECT_EQ(fault(section_kind::bucket_rows, 0, n_rows), "place 0 is not a row of its bucket, in order");
  EXPECT_EQ(fault(section_kind::bucket_rows, 1, value(section_kind::bucket_rows, 0)),
            "place 1 is not a row of its bucket, in order");
  const std::size_t last_row = std::size_t{lines} * 6 - 1;
  EXPECT_EQ(fault(section_kind::bucket_rows, 16 * (last_row + 1) - 1, 1).substr(0, 6), "place ");
  EXPECT_EQ(fault(section_kind::bucket_words, 0, ~value(section_kind::bucket_words, 0)),
            "place 0 is not the bits of its rows");
  EXPECT_EQ(fault(section_kind::bucket_words, 13, ~value(section_kind::bucket_words, 13)),
            "place 13 is not the bits of its rows");
  for (const std::uint32_t header : {0U, 7U, 128U << 3 | 5U, 5U << 3 | 6U, lines << 3 | 6U, 0xFFFFFFFFU}) {
    EXPECT_EQ(fault(section_kind::bucket_words, 15, header).substr(0, 6), "place ") << header;
  }
  // Lines that name one another.
  EXPECT_EQ(fault(section_kind::bucket_words, 128 * 16 + 15, 128U << 3 | 6U).substr(0, 6), "place ");
}
