// 20,000 damaged files, made from one of every variety with a fixed seed: each is decoded or refused with a reason,
// none crashes (run under the preset asan) or hangs, and the first of all its images is the one that it is alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <string_view>

#include "support/collected_images.h"

namespace libmatch::test {
namespace {

constexpr int files_in_all = 20000;
constexpr std::chrono::seconds longest{5};

class damager {
 public:
  explicit damager(std::vector<named_file> files) : files_(std::move(files)) {}

  // The n-th damaged file and how it was made.
  named_file make(std::size_t n) {
    const named_file &whole = files_[n % files_.size()];
    named_file damaged{whole.name, whole.content};
    switch (n / files_.size() % 6) {
      case 0:
        cut_off(damaged);
        break;
      case 1:
        flip_bits(damaged);
        break;
      case 2:
        swap_header(damaged);
        break;
      case 3:
        overwrite_length(damaged);
        break;
      case 4:
        overwrite_run(damaged);
        break;
      default:
        repeat_or_remove_part(damaged);
        break;
    }
    // Half of the PNGs get checksums that are right for what is wrong; otherwise nothing behind them is reached.
    if (damaged.content.size() > 8 && damaged.content[0] == 0x89 && below(2) == 0) {
      repair_png_checksums(damaged.content);
      damaged.name += ", checksums repaired";
    }
    return damaged;
  }

 private:
  // Uniform enough, and the same with every standard library, unlike std::uniform_int_distribution.
  std::size_t below(std::size_t n) { return n == 0 ? 0 : random_() % n; }
  std::uint8_t any_byte() { return static_cast<std::uint8_t>(below(256)); }
  static std::ptrdiff_t at(std::size_t i) { return static_cast<std::ptrdiff_t>(i); }

  void cut_off(named_file &file) {
    file.content.resize(below(file.content.size()));
    file.name += ", cut off at " + std::to_string(file.content.size());
  }

  void flip_bits(named_file &file) {
    const std::size_t flips = 1 + below(8);
    for (std::size_t i = 0; i < flips; ++i) {
      file.content[below(file.content.size())] ^= static_cast<std::uint8_t>(1U << below(8));
    }
    file.name += ", " + std::to_string(flips) + " bits flipped";
  }

  // The beginning of another file, of the same length or put before.
  void swap_header(named_file &file) {
    const named_file &other = files_[below(files_.size())];
    const std::size_t size = std::min({other.content.size(), file.content.size(), 4 + below(60)});
    const bool replace = below(2) == 0;
    file.content.erase(file.content.begin(), file.content.begin() + at(replace ? size : 0));
    file.content.insert(file.content.begin(), other.content.begin(), other.content.begin() + at(size));
    file.name += ", with " + std::to_string(size) + " bytes of " + other.name;
  }

  // 1 to 4 bytes become what a length field fears; mostly near the front, where such fields are.
  void overwrite_length(named_file &file) {
    constexpr std::array<std::uint32_t, 8> lengths{0, 1, 2, 0x7F, 0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF};
    const std::uint32_t length = lengths[below(lengths.size())];
    const std::size_t size = 1 + below(4);
    const std::size_t reach = below(2) == 0 ? std::min<std::size_t>(file.content.size(), 64) : file.content.size();
    const std::size_t position = below(reach - size);
    const bool big_endian = below(2) == 0;
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t shift = 8 * (big_endian ? size - 1 - i : i);
      file.content[position + i] = static_cast<std::uint8_t>((length >> shift) & 255U);
    }
    file.name += ", length at " + std::to_string(position) + " overwritten";
  }

  void overwrite_run(named_file &file) {
    const std::size_t position = below(file.content.size());
    const std::size_t size = std::min(1 + below(32), file.content.size() - position);
    for (std::size_t i = 0; i < size; ++i) {
      file.content[position + i] = any_byte();
    }
    file.name += ", " + std::to_string(size) + " bytes at " + std::to_string(position) + " overwritten";
  }

  void repeat_or_remove_part(named_file &file) {
    const std::size_t from = below(file.content.size());
    const std::size_t to = from + below(file.content.size() - from);
    const bytes part(file.content.begin() + at(from), file.content.begin() + at(to));
    if (below(2) == 0) {
      file.content.erase(file.content.begin() + at(from), file.content.begin() + at(to));
      file.name += ", without bytes ";
    } else {
      const std::size_t place = below(file.content.size());
      file.content.insert(file.content.begin() + at(place), part.begin(), part.end());
      file.name += ", repeating bytes ";
    }
    file.name += std::to_string(from) + " to " + std::to_string(to);
  }

  std::vector<named_file> files_;
  std::mt19937 random_{20240229};
};

TEST(DamagedFiles, AreDecodedOrRefusedWithAReason) {
  detail::decode_options options = default_options;
  options.max_pixels = 1000000;  // a flipped bit makes pictures large; larger ones take time and show nothing new
  damager damager(every_variety());
  std::map<lm_scan, int> answers;
  for (std::size_t n = 0; n < files_in_all; ++n) {
    const named_file file = damager.make(n);
    const auto start = std::chrono::steady_clock::now();
    const refusal answer = refusal_of(file.content, options);
    const decoded_file all = images_of(file.content, options);
    EXPECT_LT(std::chrono::steady_clock::now() - start, longest) << n << ": " << file.name;
    if (answer.scan != LM_SCAN_OK) {
      EXPECT_FALSE(answer.reason.empty()) << n << ": " << file.name;
    }
    for (const char letter : answer.reason + all.failure.reason) {
      ASSERT_TRUE(letter >= ' ' && letter <= '~') << n << ": " << answer.reason;
    }
    if (answer.scan == LM_SCAN_OK) {
      ASSERT_FALSE(all.images.empty()) << n << ": " << file.name << ": " << all.failure.reason;
      // What the codecs of libheif make of damage that they conceal differs from run to run.
      const std::string_view format(detail::decode(file.content, options).format);
      if (format != "heic" && format != "heif" && format != "avif") {
        ASSERT_EQ(all.images[0].rgb, pixels_of(file.content, options)) << n << ": " << file.name;
      }
    }
    ++answers[answer.scan];
  }
  // The damage is neither too mild nor too coarse to reach what it is meant to reach.
  EXPECT_GT(answers[LM_SCAN_OK], 1000);
  EXPECT_GT(answers[LM_SCAN_DAMAGED], 5000);
  EXPECT_GT(answers[LM_SCAN_LIMIT], 100);
  EXPECT_GT(answers[LM_SCAN_UNSUPPORTED], 5);
  EXPECT_GT(answers[LM_SCAN_UNKNOWN_FORMAT], 100);
  for (const auto &[scan, count] : answers) {
    RecordProperty("scan_" + std::to_string(scan), count);
  }
}

}  // namespace
}  // namespace libmatch::test
