#include "core/checksum.h"

#include <gtest/gtest.h>

#include <string>

using namespace libmatch::detail;

namespace {

checksum of(const std::string &text, std::size_t cut) {
  checksum_stream stream;
  stream.update(text.data(), cut);
  stream.update(text.data() + cut, text.size() - cut);
  return stream.value();
}

}  // namespace

// Values of the tool xxh128sum.
TEST(Checksum, IsXxh3Of128Bits) {
  EXPECT_EQ(of("", 0), (checksum{0x6001C324468D497F, 0x99AA06D3014798D8}));
  EXPECT_EQ(of("libmatch", 0), (checksum{0x7BCBA3804F81DA7C, 0x69728B96AD96177D}));
  EXPECT_EQ(of(std::string(1000, 'x'), 0), (checksum{0xC0A4877B962CBA82, 0x50A1AF5A5F2DCF01}));
}

TEST(Checksum, DoesNotDependOnThePieces) {
  const std::string text(1000, 'x');
  for (const std::size_t cut : {1U, 239U, 240U, 241U, 512U, 999U, 1000U}) {
    EXPECT_EQ(of(text, cut), of(text, 0));
  }
}
