#include "core/utf8.h"

#include <gtest/gtest.h>

#include <string>

using libmatch::detail::is_utf8;

TEST(Utf8, AcceptsTheEndsOfEveryRange) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8(std::string_view("\x00\x7F", 2)));
  EXPECT_TRUE(is_utf8("\xC2\x80\xDF\xBF"));
  EXPECT_TRUE(is_utf8("\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF"));
  EXPECT_TRUE(is_utf8("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"));
}

TEST(Utf8, RefusesOverlongForms) {
  EXPECT_FALSE(is_utf8("\xC0\x80"));
  EXPECT_FALSE(is_utf8("\xC1\xBF"));
  EXPECT_FALSE(is_utf8("\xE0\x9F\xBF"));
  EXPECT_FALSE(is_utf8("\xF0\x8F\xBF\xBF"));
}

TEST(Utf8, RefusesSurrogatesAndWhatLiesBeyondUnicode) {
  EXPECT_FALSE(is_utf8("\xED\xA0\x80"));
  EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80"));
  EXPECT_FALSE(is_utf8("\xF5\x80\x80\x80"));
  EXPECT_FALSE(is_utf8("\xFF"));
}

TEST(Utf8, RefusesWhatIsCutOffOrStandsAlone) {
  EXPECT_FALSE(is_utf8("\x80"));
  EXPECT_FALSE(is_utf8("a\xC3"));
  EXPECT_FALSE(is_utf8("\xE2\x82"));
  EXPECT_FALSE(is_utf8("\xF0\x9F\x98"));
  EXPECT_FALSE(
      is_utf8("\xC3"
              "a"));
  EXPECT_FALSE(
      is_utf8("\xE2\x82"
              "a"));
}

TEST(Utf8, LooksAtEveryPlaceOfALongText) {
  for (std::size_t place = 0; place < 40; ++place) {
    std::string text(40, 'a');
    EXPECT_TRUE(is_utf8(text));
    text[place] = '\xFF';
    EXPECT_FALSE(is_utf8(text)) << place;
  }
  EXPECT_TRUE(
      is_utf8("eight..\xC3\xA9"
              "eight...\xE2\x82\xAC"));
}

TEST(Utf8, TextInPiecesCutAnywhere) {
  const std::string text = "twelve bytes \xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80 end";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    libmatch::detail::utf8_check check;
    EXPECT_EQ(check.feed(text.substr(0, cut)), cut);
    EXPECT_EQ(check.complete(), cut != 14 && cut != 16 && cut != 17 && cut != 19 && cut != 20 && cut != 21) << cut;
    EXPECT_EQ(check.feed(text.substr(cut)), text.size() - cut);
    EXPECT_TRUE(check.complete());
  }
}

TEST(Utf8, NamesTheFirstByteThatMustNotBe) {
  libmatch::detail::utf8_check overlong;
  EXPECT_EQ(overlong.feed("ab\xE0"), 3U);
  EXPECT_EQ(overlong.feed("\x9F\xBF"), 0U);
  EXPECT_EQ(libmatch::detail::utf8_check().feed("ten bytes \xFF!"), 10U);
  EXPECT_EQ(libmatch::detail::utf8_check().feed("\xC3(23456789"), 1U);
}
