#include "isolation/messages.h"

#include <gtest/gtest.h>

using namespace libmatch::detail;

namespace {

scan_result some_result() {
  scan_result result;
  result.pdq.quality = 77;
  for (std::size_t i = 0; i < result.pdq.codes.size(); ++i) {
    result.pdq.codes[i].fill(static_cast<std::uint8_t>(i + 1));
  }
  return result;
}

scan_result refused(lm_scan scan, std::string reason) {
  scan_result result;
  result.scan = scan;
  result.reason = std::move(reason);
  return result;
}

bool is_taken(const scan_result &result) {
  scan_result read;
  return read_reply(write_reply(result), read);
}

}  // namespace

TEST(Reply, IsReadAsItWasWritten) {
  scan_result read;
  ASSERT_TRUE(read_reply(write_reply(some_result()), read));
  EXPECT_EQ(read.scan, LM_SCAN_OK);
  EXPECT_EQ(read.pdq.quality, 77);
  EXPECT_EQ(read.pdq.codes, some_result().pdq.codes);
  ASSERT_TRUE(read_reply(write_reply(refused(LM_SCAN_DAMAGED, "png: no")), read));
  EXPECT_EQ(read.scan, LM_SCAN_DAMAGED);
  EXPECT_EQ(read.reason, "png: no");
}

TEST(Reply, OfAnyOtherLengthIsNone) {
  const std::vector<std::uint8_t> whole = write_reply(some_result());
  scan_result read;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(read_reply(std::span(whole).first(size), read)) << size;
  }
  std::vector<std::uint8_t> longer = whole;
  longer.push_back(0);
  EXPECT_FALSE(read_reply(longer, read));
}

TEST(Reply, ThatCannotBeIsNone) {
  EXPECT_FALSE(is_taken(refused(-1, "no")));
  EXPECT_FALSE(is_taken(refused(LM_SCAN_UNREADABLE, "no")));
  EXPECT_FALSE(is_taken(refused(LM_SCAN_CRASHED, "no")));
  EXPECT_FALSE(is_taken(refused(LM_SCAN_OK, "a reason")));
  EXPECT_FALSE(is_taken(refused(LM_SCAN_DAMAGED, "")));
  scan_result result = some_result();
  result.pdq.quality = 101;
  EXPECT_FALSE(is_taken(result));
}

TEST(Reply, ItsTextIsPrintableAndShort) {
  scan_result read;
  ASSERT_TRUE(read_reply(write_reply(refused(LM_SCAN_DAMAGED, "a\x1b[2Jb\n\xff")), read));
  EXPECT_EQ(read.reason, "a?[2Jb??");
  ASSERT_TRUE(read_reply(write_reply(refused(LM_SCAN_DAMAGED, std::string(10000, 'x'))), read));
  EXPECT_EQ(read.reason, std::string(500, 'x'));
  // A worker that was taken over does not write by these rules.
  std::vector<std::uint8_t> written = write_reply(refused(LM_SCAN_DAMAGED, "abc"));
  written[sizeof(lm_scan) + sizeof(std::uint32_t)] = '\x1b';
  EXPECT_FALSE(read_reply(written, read));
  written = write_reply(refused(LM_SCAN_DAMAGED, "abc"));
  written[sizeof(lm_scan) + 3] = 0xff;  // the text's length
  EXPECT_FALSE(read_reply(written, read));
}
