// A damaged or missing file of a store is named and refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

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

// A store with every kind of file: segments of three kinds and of the history, removed rows, a log with several
// records.
std::shared_ptr<simulated_file_system> every_file(const std::optional<store_key> &key) {
  const auto files = std::make_shared<simulated_file_system>();
  store_options options;
  options.files = files;
  options.merge_in_background = false;
  options.key = key;
  create_store(folder, options);
  const auto writer = store_writer::open(folder, options);
  random_source random(11);
  for (std::int64_t step = 0; step < 20; ++step) {
    commit(*writer, random_transaction(random, 20, 1000 + step));
    if (step == 8 || step == 12) {
      writer->flush();
    }
  }
  return files;
}

std::optional<std::string> failure_of_reading(const std::shared_ptr<simulated_file_system> &files,
                                              const std::optional<store_key> &key, std::vector<std::string> *lines) {
  reader_options options;
  options.files = files;
  options.key = key;
  options.poll_interval = std::chrono::milliseconds(0);
  try {
    verify_store(folder, options, nullptr);
    const auto snapshot = store_reader::open(folder, options)->snapshot();
    if (lines != nullptr) {
      *lines = lines_of(*snapshot);
    }
    return std::nullopt;
  } catch (const error &failure) {
    return std::string(lm_status_name(failure.status())) + ' ' + failure.what();
  }
}

bool begins_with(const std::string &text, const std::string &prefix) { return text.rfind(prefix, 0) == 0; }

}  // namespace

class StoreDamage : public testing::TestWithParam<bool> {
 protected:
  std::optional<store_key> key() const { return GetParam() ? std::optional(store_key{3}) : std::nullopt; }
};

TEST_P(StoreDamage, EveryFlippedBitIsFoundAndItsFileNamed) {
  const auto whole = every_file(key());
  std::vector<std::string> lines;
  ASSERT_EQ(failure_of_reading(whole, key(), &lines), std::nullopt);
  random_source random(1);
  std::size_t flips = 0;
  for (const auto &[path, file] : whole->disk.names) {
    const std::size_t size = file->content.size();
    for (std::size_t at = random.below(40); at < size; at += 1 + random.below(effort(800, 40))) {
      const auto damaged = std::make_shared<simulated_file_system>();
      damaged->disk = whole->disk.copy();
      std::uint8_t &byte = damaged->disk.names.at(path)->content[at];
      byte = static_cast<std::uint8_t>(byte ^ (1U << random.below(8)));
      std::vector<std::string> left;
      const auto failure = failure_of_reading(damaged, key(), &left);
      SCOPED_TRACE(testing::Message() << path << ", offset " << at);
      if (failure) {
        ASSERT_TRUE(begins_with(*failure, "LM_ERROR_FORMAT " + path) ||
                    (GetParam() && begins_with(*failure, "LM_ERROR_INVALID_ARGUMENT " + path)))
            << *failure;
      } else {
        // Only the last group of a log is taken for one that was not finished.
        ASSERT_EQ(path.find("store/log-"), 0U);
        ASSERT_NE(left, lines);
      }
      ++flips;
    }
  }
  EXPECT_GT(flips, 100U);
}

TEST_P(StoreDamage, EveryMissingOrShortenedFileIsFound) {
  const auto whole = every_file(key());
  for (const auto &[path, file] : whole->disk.names) {
    SCOPED_TRACE(path);
    const auto missing = std::make_shared<simulated_file_system>();
    missing->disk = whole->disk.copy();
    missing->disk.names.erase(path);
    const auto failure = failure_of_reading(missing, key(), nullptr);
    ASSERT_TRUE(failure.has_value());
    EXPECT_TRUE(begins_with(*failure, "LM_ERROR_IO " + path)) << *failure;
    if (path.find("log-") != std::string::npos) {
      continue;  // its last record may be one that was not finished
    }
    const auto shortened = std::make_shared<simulated_file_system>();
    shortened->disk = whole->disk.copy();
    shortened->disk.names.at(path)->content.pop_back();
    const auto cut = failure_of_reading(shortened, key(), nullptr);
    ASSERT_TRUE(cut.has_value());
    EXPECT_TRUE(begins_with(*cut, "LM_ERROR_FORMAT " + path)) << *cut;
  }
}

TEST_P(StoreDamage, FilesOfAnotherStoreAreRefused) {
  const auto whole = every_file(key());
  const auto other = every_file(key());
  for (const auto &[path, file] : whole->disk.names) {
    if (path == "store/manifest" || other->disk.names.count(path) == 0) {
      continue;
    }
    const auto mixed = std::make_shared<simulated_file_system>();
    mixed->disk = whole->disk.copy();
    *mixed->disk.names.at(path) = *other->disk.names.at(path);
    const auto failure = failure_of_reading(mixed, key(), nullptr);
    ASSERT_TRUE(failure.has_value());
    EXPECT_NE(failure->find("another store's"), std::string::npos) << *failure;
  }
}

INSTANTIATE_TEST_SUITE_P(PlainAndEncrypted, StoreDamage, testing::Bool());
