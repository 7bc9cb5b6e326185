// Keypoints in an index file: stored, found again, and refused when they are damaged.
#include <gtest/gtest.h>

#include <array>
#include <functional>

#include "core/keypoint_codes.h"
#include "index/index_file.h"
#include "index/index_file_layout.h"
#include "support/index_file_support.h"
#include "support/keypoint_sets.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

std::string reason_of(const std::function<void()> &call) {
  try {
    call();
  } catch (const error &failure) {
    EXPECT_EQ(failure.status(), LM_ERROR_FORMAT) << failure.what();
    return failure.what();
  }
  return "no error";
}

// Sections, each in a page of its own: ids, shape, starts, plane sizes, points, point codes, signatures.
class StoredKeypoints : public testing::Test {
 protected:
  StoredKeypoints() {
    code_index index({LM_HASH_PDQ256, 256, "", LM_VERSION});
    sets = random_keypoint_sets(5, 6, 24, 1);
    index.add_keypoints(ids, sets);
    write_index_file(path, index.description(), *index.snapshot(), nullptr);
    original = read_bytes(path);
  }

  std::size_t section(section_kind kind) const {
    for (std::size_t at = 104;; at += 40) {
      if (get<std::uint32_t>(original, at) == static_cast<std::uint32_t>(kind)) {
        return static_cast<std::size_t>(get<std::uint64_t>(original, at + 8));
      }
    }
  }

  template <typename Integer>
  std::string reason(section_kind kind, std::size_t place, Integer value, bool mapping_finds_it = false) {
    return reason_with(section(kind) + place, value, mapping_finds_it);
  }

  // Why a file is refused that holds another value somewhere, with right checksums.
  template <typename Integer>
  std::string reason_with(std::size_t place, Integer value, bool mapping_finds_it = true) {
    bytes file = original;
    put(file, place, value);
    repair_checksums(file);
    write_bytes(path, file);
    const std::string loading = reason_of([&] { load_index_file(path, nullptr); });
    EXPECT_EQ(reason_of([&] { verify_index_file(path, nullptr); }), loading);
    EXPECT_EQ(reason_of([&] { touch_everything(map_index_file(path).snapshot); }),
              mapping_finds_it ? loading : "no error");
    return loading.substr(path.size());
  }

  const temporary_folder folder;
  const std::string path = folder / "keypoints.lm";
  const std::array<std::int64_t, 5> ids{3, 1, 4, 1, 5};
  std::vector<keypoint_set> sets;
  bytes original;
};

TEST_F(StoredKeypoints, AreThoseThatWereSaved) {
  std::vector<held_keypoints> expected;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    expected.push_back(held(ids[i], sets[i]));
  }
  EXPECT_EQ(keypoints_of(load_index_file(path, nullptr).snapshot), expected);
  EXPECT_EQ(keypoints_of(map_index_file(path).snapshot), expected);
  EXPECT_EQ(map_index_file(path).snapshot.next_id, 6);
  verify_index_file(path, nullptr);

  // Saved again, from memory and from the mapped file: the same bytes.
  for (const bool mapped : {false, true}) {
    const stored_index stored = mapped ? map_index_file(path) : load_index_file(path, nullptr);
    write_index_file(folder / "again.lm", stored.description, stored.snapshot, nullptr);
    EXPECT_EQ(read_bytes(folder / "again.lm"), original);
  }
}

// docs/format.md, in numbers.
TEST_F(StoredKeypoints, LieWhereTheFormatSays) {
  EXPECT_EQ(get<std::uint32_t>(original, 8), 3U);
  EXPECT_EQ(get<std::uint32_t>(original, 28), 7U);
  const std::array<std::uint32_t, 7> kinds{2, 10, 11, 12, 13, 14, 15};
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    EXPECT_EQ(get<std::uint32_t>(original, 104 + 40 * i), kinds[i]);
    EXPECT_EQ(get<std::uint32_t>(original, 108 + 40 * i), 4U);
  }
  const std::size_t shape = section(section_kind::keypoint_shape);
  std::size_t points = 0;
  for (std::size_t r = 0; r < sets.size(); ++r) {
    EXPECT_EQ(get<std::uint32_t>(original, section(section_kind::keypoint_starts) + 4 * r), points);
    EXPECT_EQ(get<std::int64_t>(original, section(section_kind::ids) + 8 * r), ids[r]);
    EXPECT_EQ(get<std::uint16_t>(original, section(section_kind::plane_sizes) + 4 * r), sets[r].width);
    EXPECT_EQ(get<std::uint16_t>(original, section(section_kind::plane_sizes) + 4 * r + 2), sets[r].height);
    for (std::size_t p = 0; p < sets[r].points.size(); ++p) {
      const std::size_t at = section(section_kind::keypoints) + 6 * (points + p);
      EXPECT_EQ(get<std::uint16_t>(original, at), sets[r].points[p].x);
      EXPECT_EQ(get<std::uint16_t>(original, at + 2), sets[r].points[p].y);
      EXPECT_EQ(original[at + 4], sets[r].points[p].scale);
      EXPECT_EQ(original[at + 5], sets[r].points[p].angle);
      EXPECT_EQ(get<std::uint64_t>(original, section(section_kind::keypoint_codes) + 32 * (points + p) + 8),
                sets[r].codes[4 * p + 1]);
    }
    EXPECT_EQ(original[section(section_kind::signatures) + 24 * r + 23], sets[r].signature[23]);
    points += sets[r].points.size();
  }
  EXPECT_EQ(get<std::uint64_t>(original, shape), 5U);
  EXPECT_EQ(get<std::uint64_t>(original, shape + 8), points);
  EXPECT_EQ(get<std::uint32_t>(original, shape + 16), 24U);
  EXPECT_EQ(get<std::uint32_t>(original, shape + 20), 1U);
}

TEST_F(StoredKeypoints, RemovedOnesAreNotInTheFile) {
  code_index index({LM_HASH_PDQ256, 256, "", LM_VERSION});
  index.add_keypoints(ids, sets);
  index.remove(std::array<std::int64_t, 1>{1});
  write_index_file(path, index.description(), *index.snapshot(), nullptr);
  EXPECT_EQ(keypoints_of(load_index_file(path, nullptr).snapshot),
            (std::vector<held_keypoints>{held(3, sets[0]), held(4, sets[2]), held(5, sets[4])}));
  index.remove(std::array<std::int64_t, 3>{3, 4, 5});
  write_index_file(path, index.description(), *index.snapshot(), nullptr);
  EXPECT_EQ(get<std::uint32_t>(read_bytes(path), 8), 2U) << "a file without keypoints is one of version 2";
}

TEST_F(StoredKeypoints, AreFoundTheSameHoweverTheyAreHeld) {
  thread_pool threads(1);
  const auto search = [&](const index_snapshot &snapshot) {
    std::vector<std::uint64_t> found;
    progress_meter progress(nullptr, 0);
    const std::array<std::uint32_t, 2> starts{0, static_cast<std::uint32_t>(sets[2].points.size())};
    keypoint_search_options options;
    options.least_points = 1;
    options.max_distance = 256;
    for (const keypoint_codes &codes : snapshot.keypoints.views()) {
      const keypoint_candidates candidates =
          search_keypoints({&codes, 1}, {sets[2].codes.data(), starts}, options,
                           {scalar_kernels, instruction_set::scalar, threads, progress});
      for (const keypoint_pair &pair : candidates.pairs) {
        found.insert(found.end(), {pair.query_point, pair.reference_point, pair.distance});
      }
    }
    return found;
  };
  EXPECT_FALSE(search(load_index_file(path, nullptr).snapshot).empty());
  EXPECT_EQ(search(load_index_file(path, nullptr).snapshot), search(map_index_file(path).snapshot));
}

TEST_F(StoredKeypoints, DamageIsNamed) {
  const auto at = [&](section_kind kind, std::size_t place) {
    return ", offset " + std::to_string(section(kind) + place) + ": ";
  };
  EXPECT_EQ(reason(section_kind::ids, 8, std::int64_t{-1}),
            ": section ids of keypoints" + at(section_kind::ids, 8) + "id -1 is negative");
  EXPECT_EQ(reason(section_kind::ids, 8, std::int64_t{6}),
            ": section ids of keypoints" + at(section_kind::ids, 8) + "id 6 is not below the next id, 6");
  EXPECT_EQ(reason(section_kind::keypoint_starts, 0, std::uint32_t{1}),
            ": section starts of keypoints" + at(section_kind::keypoint_starts, 0) +
                "the first reference begins at point 1 and not at 0");
  EXPECT_EQ(reason(section_kind::keypoint_starts, 4, std::uint32_t{0}),
            ": section starts of keypoints" + at(section_kind::keypoint_starts, 4) +
                "point 0 is not 1 to 65535 behind the one before it, 0");
  EXPECT_EQ(reason(section_kind::keypoint_starts, 4, std::uint32_t{60000}).substr(0, 29),
            ": section starts of keypoints");
  EXPECT_EQ(reason(section_kind::keypoint_starts, 4, 0xFFFFFFFFU).substr(0, 29), ": section starts of keypoints");
  EXPECT_EQ(
      reason(section_kind::plane_sizes, 2, std::uint16_t{0}),
      ": section plane sizes of keypoints" + at(section_kind::plane_sizes, 2) + "a plane with a side of 0 pixels");
}

TEST_F(StoredKeypoints, SizesAreNotBelievedBeforeTheFileHasThem) {
  const auto shape = [&](std::size_t place, auto value) {
    return reason(section_kind::keypoint_shape, place, value, true).substr(0, 10);
  };
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{4}, std::uint64_t{6}, std::uint64_t{1} << 32,
                                    std::uint64_t{1} << 61, ~std::uint64_t{0}}) {
    EXPECT_EQ(shape(0, value), ": section ") << value;
    EXPECT_EQ(shape(8, value), ": section ") << value;
  }
  EXPECT_EQ(reason(section_kind::keypoint_shape, 16, std::uint32_t{25}, true).substr(0, 47),
            ": section signatures of keypoints, offset " + std::to_string(section(section_kind::signatures)));
  EXPECT_EQ(reason(section_kind::keypoint_shape, 20, std::uint32_t{2}, true),
            ": section shape of keypoints, offset " + std::to_string(section(section_kind::keypoint_shape) + 20) +
                ": keypoints of extraction 2, but this library's is 1");
}

// A section table that says something else of the kinds or tables.
TEST_F(StoredKeypoints, SectionsAreThoseOfTheVersion) {
  EXPECT_EQ(reason_with(8, std::uint32_t{2}),
            ": section header, offset 104: section kind 2 of table 4 is not known to this library");
  EXPECT_EQ(reason_with(104, std::uint32_t{1}),
            ": section header, offset 104: section kind 1 of table 4 is not known to this library");
  EXPECT_EQ(reason_with(144, std::uint32_t{11}),
            ": section header, offset 184: section starts of keypoints is not in its place");
}

}  // namespace
