#include "image/exif.h"

#include <gtest/gtest.h>

#include "support/encoded_images.h"

namespace libmatch::test {
namespace {

using detail::exif_orientation;

TEST(Exif, ReadsEveryOrientationInBothByteOrders) {
  for (std::uint16_t orientation = 1; orientation <= 8; ++orientation) {
    EXPECT_EQ(exif_orientation(exif_block(orientation, true)), orientation);
    EXPECT_EQ(exif_orientation(exif_block(orientation, false)), orientation);
  }
}

TEST(Exif, ReadsLiteralBytes) {
  const bytes block{'M',  'M',  0, 42, 0, 0, 0, 8, 0, 2,  // two entries
                    0x01, 0x00, 0, 4,  0, 0, 0, 1, 0, 0, 0, 6, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 5, 0, 0};
  EXPECT_EQ(exif_orientation(block), 5);
}

TEST(Exif, SkipsThePrefixOfJpeg) {
  bytes block{'E', 'x', 'i', 'f', 0, 0};
  const bytes tiff = exif_block(7);
  block.insert(block.end(), tiff.begin(), tiff.end());
  EXPECT_EQ(exif_orientation(block), 7);
}

TEST(Exif, WhatMakesNoSenseIsUpright) {
  EXPECT_EQ(exif_orientation({}), 1);
  EXPECT_EQ(exif_orientation(exif_block(0)), 1);
  EXPECT_EQ(exif_orientation(exif_block(9)), 1);
  EXPECT_EQ(exif_orientation(exif_block(0x600)), 1);
  bytes long_type = exif_block(6);
  long_type[12] = 4;
  EXPECT_EQ(exif_orientation(long_type), 1);
  bytes two_values = exif_block(6);
  two_values[14] = 2;
  EXPECT_EQ(exif_orientation(two_values), 1);
  bytes other_magic = exif_block(6);
  other_magic[2] = 43;
  EXPECT_EQ(exif_orientation(other_magic), 1);
  bytes other_order = exif_block(6);
  other_order[0] = 'M';
  EXPECT_EQ(exif_orientation(other_order), 1);
}

TEST(Exif, StaysInsideTheBlock) {
  const bytes whole = exif_block(6);
  constexpr std::size_t end_of_entry = 8 + 2 + 12;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // A copy of exactly this size, so that AddressSanitizer sees a byte too many.
    const bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(exif_orientation(part), size < end_of_entry ? 1 : 6);
  }
  for (const std::uint8_t offset : {std::uint8_t{25}, std::uint8_t{26}, std::uint8_t{255}}) {
    bytes far_directory = whole;
    far_directory[4] = offset;
    EXPECT_EQ(exif_orientation(far_directory), 1);
    far_directory[7] = 255;
    EXPECT_EQ(exif_orientation(far_directory), 1);
  }
  bytes many_entries = whole;
  many_entries[8] = 255;
  many_entries[9] = 255;
  EXPECT_EQ(exif_orientation(many_entries), 6);
}

}  // namespace
}  // namespace libmatch::test
