// The boxes are put together here, byte by byte.
#include "image/heif_items.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace libmatch::test {
namespace {

std::string number(std::uint64_t value, int size_bytes) {
  std::string text;
  for (int i = size_bytes - 1; i >= 0; --i) {
    text += static_cast<char>((value >> (8 * i)) & 255U);
  }
  return text;
}

std::string box(const std::string &type, const std::string &content) {
  return number(content.size() + 8, 4) + type + content;
}

std::string full_box(const std::string &type, unsigned version, const std::string &content) {
  return box(type, number(std::uint64_t{version} << 24U, 4) + content);
}

std::string info_of(unsigned version, std::uint32_t item, const std::string &type) {
  return full_box("infe", version, number(item, version == 3 ? 4 : 2) + number(0, 2) + type + '\0');
}

std::string file_of(const std::string &infos, const std::string &locations) {
  return box("ftyp", "avif") + full_box("meta", 0, full_box("iinf", 0, number(1, 2) + infos) + locations) +
         box("mdat", "picture");
}

std::optional<std::uint32_t> found_in(const std::string &file) {
  return detail::av1_item_without_bytes({reinterpret_cast<const std::uint8_t *>(file.data()), file.size()});
}

// Offsets, lengths and bases of 4 bytes; each item's extents by their lengths.
std::string locations_v0(const std::vector<std::pair<std::uint32_t, std::vector<std::uint32_t>>> &items) {
  std::string content = number(0x4440, 2) + number(items.size(), 2);
  for (const auto &[item, lengths] : items) {
    content += number(item, 2) + number(0, 2) + number(99, 4) + number(lengths.size(), 2);
    for (const std::uint32_t length : lengths) {
      content += number(7, 4) + number(length, 4);
    }
  }
  return full_box("iloc", 0, content);
}

TEST(HeifItems, AnAv1ItemWithoutBytesIsFound) {
  const std::string infos = info_of(2, 5, "av01") + info_of(2, 6, "Exif");
  EXPECT_EQ(found_in(file_of(infos, locations_v0({{5, {10}}, {6, {}}}))), std::nullopt);
  EXPECT_EQ(found_in(file_of(infos, locations_v0({{5, {0, 10}}, {6, {0}}}))), std::nullopt);
  EXPECT_EQ(found_in(file_of(infos, locations_v0({{5, {0, 0}}, {6, {10}}}))), 5U);
  EXPECT_EQ(found_in(file_of(infos, locations_v0({{6, {10}}, {5, {}}}))), 5U);
}

TEST(HeifItems, EverySizeAndVersionIsRead) {
  // Version 1: offsets, lengths and indexes of 8 bytes, no base. Version 2: ids of 4 bytes, no lengths at all.
  const auto v1 = [](std::uint64_t length) {
    return full_box("iloc", 1,
                    number(0x8808, 2) + number(1, 2) + number(5, 2) + number(0, 4) + number(1, 2) + number(0, 8) +
                        number(0, 8) + number(length, 8));
  };
  EXPECT_EQ(found_in(file_of(info_of(2, 5, "av01"), v1(1))), std::nullopt);
  EXPECT_EQ(found_in(file_of(info_of(2, 5, "av01"), v1(0))), 5U);
  const std::string v2 = full_box(
      "iloc", 2, number(0x4000, 2) + number(1, 4) + number(70000, 4) + number(0, 4) + number(1, 2) + number(0, 4));
  EXPECT_EQ(found_in(file_of(info_of(3, 70000, "av01"), v2)), 70000U);
  EXPECT_EQ(found_in(file_of(info_of(3, 70000, "hvc1"), v2)), std::nullopt);
}

TEST(HeifItems, LongAndLastBoxesAreWalkedThrough) {
  const std::string file = file_of(info_of(2, 5, "av01"), locations_v0({{5, {}}}));
  const std::string meta = file.substr(12);
  EXPECT_EQ(found_in(number(1, 4) + "free" + number(16, 8) + meta), 5U);
  EXPECT_EQ(found_in(number(0, 4) + meta.substr(4)), 5U);
  EXPECT_EQ(found_in(number(7, 4) + "free" + meta), std::nullopt);
  EXPECT_EQ(found_in(number(0, 4) + "free" + meta), std::nullopt);
}

TEST(HeifItems, CutOffAnywhereItEnds) {
  const std::string file = file_of(info_of(2, 5, "av01"), locations_v0({{5, {}}}));
  std::size_t found = 0;
  for (std::size_t size = 0; size <= file.size(); ++size) {
    // A copy of its own, so that the sanitizers see a byte read behind it.
    const std::string cut(file, 0, size);
    found += found_in(cut) == 5U ? 1U : 0U;
  }
  EXPECT_EQ(found, box("mdat", "picture").size() + 1);
}

}  // namespace
}  // namespace libmatch::test
