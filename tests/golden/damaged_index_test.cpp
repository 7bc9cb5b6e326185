// Damaged index files of a fixed seed. Every byte of an index file is content, checksum or zero padding that loading
// checks, so there is no harmless damage: a file is loaded if and only if it is the original, bit for bit. Files
// whose checksums are made right again after the damage reach the checks behind them.
#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <random>
#include <string_view>

#include "core/aligned_vector.h"
#include "index/index_file.h"
#include "support/index_file_support.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

using damage_source = std::mt19937_64;  // the standard says what it yields; nothing here takes a distribution

std::size_t below(damage_source &random, std::size_t n) { return static_cast<std::size_t>(random() % n); }

// A place in the file, more often in the header and near the beginnings of pages than evenly.
std::size_t some_place(damage_source &random, const bytes &file) {
  switch (random() % 4) {
    case 0:
      return below(random, std::min<std::size_t>(file.size(), 600));
    case 1:
      return std::min(below(random, file.size() / 4096 + 1) * 4096 + below(random, 64), file.size() - 1);
    default:
      return below(random, file.size());
  }
}

void swap_blocks(damage_source &random, bytes &file) {
  const std::size_t size = 1 + below(random, std::min<std::size_t>(4096, file.size() / 2));
  const std::size_t a = below(random, file.size() - 2 * size + 1);
  const std::size_t b = a + size + below(random, file.size() - 2 * size - a + 1);
  const auto at = [&](std::size_t place) { return file.begin() + static_cast<std::ptrdiff_t>(place); };
  std::swap_ranges(at(a), at(a + size), at(b));
}

// A number that somebody may have written over a field to do harm.
std::uint64_t hostile_value(damage_source &random, std::uint64_t value) {
  const std::array<std::uint64_t, 14> values{0,
                                             1,
                                             value - 1,
                                             value + 1,
                                             value * 2,
                                             0x7FFFFFFF,
                                             0x80000000,
                                             0xFFFFFFFF,
                                             std::uint64_t{1} << 60,
                                             (std::uint64_t{1} << 61) + 1,
                                             std::uint64_t{1} << 63,
                                             std::numeric_limits<std::uint64_t>::max(),
                                             std::numeric_limits<std::uint64_t>::max() - 4095,
                                             random()};
  return values[below(random, values.size())];
}

void write_hostile_value(damage_source &random, bytes &file) {
  if (random() % 2 == 0) {
    const std::size_t at = std::min<std::size_t>(some_place(random, file), file.size() - 4) / 4 * 4;
    put(file, at, static_cast<std::uint32_t>(hostile_value(random, get<std::uint32_t>(file, at))));
  } else {
    const std::size_t at = std::min<std::size_t>(some_place(random, file), file.size() - 8) / 8 * 8;
    put(file, at, hostile_value(random, get<std::uint64_t>(file, at)));
  }
}

void damage(damage_source &random, bytes &file) {
  switch (random() % 8) {
    case 0:
      file.resize(below(random, file.size()));
      return;
    case 1:
      for (std::size_t n = 1 + below(random, 5000); n > 0; --n) {
        file.push_back(static_cast<std::uint8_t>(random() % 2 == 0 ? 0 : random()));
      }
      return;
    case 2:
      swap_blocks(random, file);
      return;
    case 3:
      for (std::size_t n = 1 + below(random, 100), at = some_place(random, file); n > 0 && at < file.size();
           --n, ++at) {
        file[at] = static_cast<std::uint8_t>(random());
      }
      return;
    case 4:
    case 5:
      write_hostile_value(random, file);
      return;
    default:
      for (std::size_t n = 1 + below(random, 3); n > 0; --n) {
        file[some_place(random, file)] ^= static_cast<std::uint8_t>(1U << (random() % 8));
      }
  }
}

// What a call says: nothing, or its message. Any error but LM_ERROR_FORMAT without section and offset fails the test.
template <typename Call>
std::optional<std::string> refusal(const Call &call) {
  try {
    call();
    return std::nullopt;
  } catch (const error &failure) {
    const std::string_view message = failure.what();
    EXPECT_EQ(failure.status(), LM_ERROR_FORMAT) << message;
    const std::size_t section = message.find(": section ");
    const std::size_t offset = message.find(", offset ", section);
    EXPECT_NE(section, std::string_view::npos) << message;
    EXPECT_NE(offset, std::string_view::npos) << message;
    return failure.what();
  }
}

class DamagedIndexFiles : public testing::Test {
 protected:
  // Loads, verifies and maps the file; whatever is opened is read to its last byte. What was loaded, if it was.
  std::optional<stored_index> open_every_way(const bytes &file) {
    write_bytes(path, file);
    std::optional<stored_index> loaded;
    const auto loading = refusal([&] { loaded = load_index_file(path, nullptr); });
    EXPECT_EQ(refusal([&] { verify_index_file(path, nullptr); }), loading);
    std::optional<stored_index> mapped;
    const auto mapping = refusal([&] { mapped = map_index_file(path); });
    if (mapping) {
      EXPECT_EQ(mapping, loading) << "mapping must not refuse what loading takes";
    } else {
      ++mapped_files;
      damaged_labels += touch_everything(mapped->snapshot);
      touch_exact_memory(file);
    }
    if (loaded) {
      EXPECT_EQ(touch_everything(loaded->snapshot), 0U);
      EXPECT_EQ(content_of(map_index_file(path).snapshot), content_of(loaded->snapshot));
      EXPECT_EQ(keypoints_of(map_index_file(path).snapshot), keypoints_of(loaded->snapshot));
    }
    return loaded;
  }

  // The last page of a mapped file hides what is read beyond its end; the address sanitizer sees it here.
  void touch_exact_memory(const bytes &file) {
    const auto memory = std::make_shared<const aligned_vector<std::uint8_t>>(file.begin(), file.end());
    touch_everything(map_index_bytes("memory", *memory, memory).snapshot);
  }

  // What was loaded can be saved and loaded again.
  void save_again(const stored_index &loaded) {
    write_index_file(folder / "again", loaded.description, loaded.snapshot, nullptr);
    const stored_index again = load_index_file(folder / "again", nullptr);
    EXPECT_EQ(content_of(again.snapshot), content_of(loaded.snapshot));
    EXPECT_EQ(keypoints_of(again.snapshot), keypoints_of(loaded.snapshot));
  }

  temporary_folder folder;
  const std::string path = folder / "damaged";
  const std::vector<bytes> originals = index_files_of_every_shape();
  std::size_t mapped_files = 0;
  std::size_t damaged_labels = 0;
};

}  // namespace

TEST_F(DamagedIndexFiles, LoadedIfAndOnlyIfUnchanged) {
  damage_source random(20240611);
  std::size_t unchanged = 0;
  for (int i = 0; i < 1500; ++i) {
    const bytes &original = originals[below(random, originals.size())];
    bytes file = original;
    damage(random, file);
    unchanged += file == original;
    ASSERT_EQ(open_every_way(file).has_value(), file == original) << "file " << i;
  }
  EXPECT_LT(unchanged, 100U);  // zeros over zeros, blocks of padding swapped
  EXPECT_GT(mapped_files, 300U);
  EXPECT_GT(damaged_labels, 10U);
}

TEST_F(DamagedIndexFiles, DamageBehindRightChecksums) {
  damage_source random(4711);
  std::size_t loaded = 0;
  for (int i = 0; i < 1500; ++i) {
    bytes file = originals[below(random, originals.size())];
    for (std::size_t n = 1 + below(random, 2); n > 0 && file.size() > 16; --n) {
      damage(random, file);
    }
    if (file.size() >= 24 && random() % 4 != 0) {
      put(file, 16, std::uint64_t{file.size()});
    }
    repair_checksums(file);
    if (const auto index = open_every_way(file)) {
      ++loaded;
      save_again(*index);
    }
    ASSERT_FALSE(HasFailure()) << "file " << i;
  }
  // Other codes, ids and labels make other indexes, which are as good as the original.
  EXPECT_GT(loaded, 100U);
  EXPECT_LT(loaded, 1000U);
}

// Every field of header and section table, with every hostile value.
TEST_F(DamagedIndexFiles, HostileHeaders) {
  for (const bytes &original : originals) {
    const std::size_t sections = get<std::uint32_t>(original, 28);
    for (std::size_t at = 0; at + 8 <= 104 + sections * 40; at += 4) {
      for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0x7FFFFFFF},
                                        std::uint64_t{1} << 60, std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
        bytes file = original;
        put(file, at, value);
        repair_checksums(file);
        open_every_way(file);
        ASSERT_FALSE(HasFailure()) << "offset " << at << ", value " << value;
      }
    }
  }
}
