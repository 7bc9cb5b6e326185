#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/hashes.h"
#include "lists/csv_records.h"
#include "lists/formats.h"
#include "lists/hash_list.h"
#include "lists/plain_formats.h"
#include "support/hex.h"

namespace {

using libmatch::detail::error;
using libmatch::detail::hash_list;
using libmatch::detail::list_summary;
using libmatch::detail::plain_options;
using libmatch::detail::read_csv;
using libmatch::detail::source_of;

const std::string pdq = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";
const std::string pdq_upper = "F8F8F0CEE0F4A84F06370A22038F63F0B36E2ED596621E1D33E6B39C4E9C9B22";
const std::string md5 = "d41d8cd98f00b204e9800998ecf8427e";

hash_list read(std::string_view text, lm_hash kind = LM_HASH_BY_WIDTH, const std::string &columns = "") {
  hash_list list;
  list_summary summary;
  read_csv(source_of({text.data(), text.size()}), "list.csv", plain_options{kind, 0, columns}, list, summary);
  return list;
}

hash_list read_csv_file(const std::string &path, const lm_progress *progress = nullptr) {
  hash_list list;
  libmatch::detail::read_list_files({path}, LM_LIST_CSV, {}, list, progress);
  return list;
}

std::string hex(const lm_list_entry &entry) { return libmatch::test::hex_of(entry.code, entry.bits / 8); }

void expect_entry(const lm_list_entry &entry, lm_hash hash, const std::string &code, std::int64_t id,
                  const std::string &label) {
  EXPECT_EQ(entry.hash, hash);
  EXPECT_EQ(entry.bits, code.size() * 4);
  EXPECT_EQ(hex(entry), code);
  EXPECT_EQ(entry.id, id);
  EXPECT_EQ(entry.label, label);
}

void expect_error(std::string_view text, const std::string &message) {
  try {
    read(text);
    ADD_FAILURE() << "read without an error; expected: " << message;
  } catch (const error &failure) {
    EXPECT_EQ(failure.status(), LM_ERROR_FORMAT);
    EXPECT_EQ(std::string(failure.what()), "list.csv: " + message);
  }
}

TEST(CsvList, WithoutHeaderIsCodeIdLabel) {
  const hash_list list = read(pdq + "\n" + pdq + ",7\n" + pdq + ",8,a label\n" + pdq + ",,no id\n" + pdq + ",,\n");
  ASSERT_EQ(list.size(), 5U);
  expect_entry(list[0], LM_HASH_PDQ256, pdq, -1, "");
  expect_entry(list[1], LM_HASH_PDQ256, pdq, 7, "");
  expect_entry(list[2], LM_HASH_PDQ256, pdq, 8, "a label");
  expect_entry(list[3], LM_HASH_PDQ256, pdq, -1, "no id");
  expect_entry(list[4], LM_HASH_PDQ256, pdq, -1, "");
}

TEST(CsvList, HeaderNamesColumnsInAnyOrder) {
  const hash_list list = read("label,id,code,kind\nfirst,3," + md5 + ",md5\nsecond,4," + pdq + ",pdq256\n");
  ASSERT_EQ(list.size(), 2U);
  expect_entry(list[0], LM_HASH_MD5, md5, 3, "first");
  expect_entry(list[1], LM_HASH_PDQ256, pdq, 4, "second");
}

TEST(CsvList, HeaderMayNameTheCodeAlone) {
  const hash_list list = read("code\n" + pdq + "\n");
  ASSERT_EQ(list.size(), 1U);
  expect_entry(list[0], LM_HASH_PDQ256, pdq, -1, "");
}

TEST(CsvList, HeaderAndKindDisregardCaseAndSpaces) {
  const hash_list list = read(" Kind ,\"CODE\",ID\nMD5," + md5 + ",1\n PdQ256\t," + pdq + ",2\n");
  ASSERT_EQ(list.size(), 2U);
  expect_entry(list[0], LM_HASH_MD5, md5, 1, "");
  expect_entry(list[1], LM_HASH_PDQ256, pdq, 2, "");
}

TEST(CsvList, EveryKindHasItsHashAndWidth) {
  const std::string sha1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
  const std::string sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  const std::string wide = md5 + md5 + md5;
  const hash_list list = read("kind,code\nmd5," + md5 + "\nsha1," + sha1 + "\nsha256," + sha256 + "\npdq256," + pdq +
                              "\ncode," + pdq + "\ncode," + wide + "\n," + pdq + "\n," + md5 + "\n");
  ASSERT_EQ(list.size(), 8U);
  expect_entry(list[0], LM_HASH_MD5, md5, -1, "");
  expect_entry(list[1], LM_HASH_SHA1, sha1, -1, "");
  expect_entry(list[2], LM_HASH_SHA256, sha256, -1, "");
  expect_entry(list[3], LM_HASH_PDQ256, pdq, -1, "");
  expect_entry(list[4], LM_HASH_CODE, pdq, -1, "");
  expect_entry(list[5], LM_HASH_CODE, wide, -1, "");
  expect_entry(list[6], LM_HASH_PDQ256, pdq, -1, "");
  expect_entry(list[7], LM_HASH_CODE, md5, -1, "");
}

TEST(CsvList, KnowsEveryHash) {
  for (const auto &hash : libmatch::detail::all_hashes()) {
    const std::string code(hash.least_bits / 4, 'a');
    const hash_list list = read("kind,code\n" + std::string(hash.name) + "," + code + "\n");
    ASSERT_EQ(list.size(), 1U);
    expect_entry(list[0], hash.hash, code, -1, "");
  }
}

TEST(CsvList, VectorsHave16To1024Bytes) {
  for (const std::size_t dimensions : {16U, 17U, 144U, 1024U}) {
    const std::string vector(2 * dimensions, 'c');
    const hash_list list = read("kind,code\nvector8," + vector + "\n");
    ASSERT_EQ(list.size(), 1U);
    expect_entry(list[0], LM_HASH_VECTOR8, vector, -1, "");
  }
  for (const std::size_t digits : {30U, 33U, 2050U}) {
    expect_error("kind,code\nvector8," + std::string(digits, 'c') + "\n",
                 "line 2, field code: " + std::to_string(digits) +
                     " digits where vector8 has a multiple of 2 from 32 to 2048");
  }
}

TEST(CsvList, CodesWithoutKindMayBe64To2048BitsWide) {
  for (std::size_t digits = 16; digits <= 512; digits += 16) {
    const std::string code(digits, 'b');
    const hash_list list = read(code + "\n");
    ASSERT_EQ(list.size(), 1U);
    expect_entry(list[0], digits == 64 ? LM_HASH_PDQ256 : LM_HASH_CODE, code, -1, "");
  }
}

TEST(CsvList, DigitsMayBeOfEitherCaseAndHaveSpacesAround) {
  const hash_list list = read(pdq_upper + "\n \t" + pdq + " , 5\t, kept as it is \n");
  ASSERT_EQ(list.size(), 2U);
  expect_entry(list[0], LM_HASH_PDQ256, pdq, -1, "");
  expect_entry(list[1], LM_HASH_PDQ256, pdq, 5, " kept as it is ");
}

TEST(CsvList, IdsReachTheLargestNumber) {
  const hash_list list = read("code,id\n0123456789abcdef,0\n0123456789abcdef,9223372036854775807\n");
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].id, 0);
  EXPECT_EQ(list[1].id, 9223372036854775807);
}

TEST(CsvList, QuotedFieldsHoldCommasQuotesAndNewlines) {
  const hash_list list = read("code,label\n\"" + pdq + "\",\"a, b\"\n" + pdq + ",\"say \"\"yes\"\"\"\n" + pdq +
                              ",\"two\r\nlines\"\r\n" + pdq + ",\"\"\n" + pdq + ",\"\"\"\"\n");
  ASSERT_EQ(list.size(), 5U);
  expect_entry(list[0], LM_HASH_PDQ256, pdq, -1, "a, b");
  EXPECT_STREQ(list[1].label, "say \"yes\"");
  EXPECT_STREQ(list[2].label, "two\r\nlines");
  EXPECT_STREQ(list[3].label, "");
  EXPECT_STREQ(list[4].label, "\"");
}

TEST(CsvList, LinesEndWithOrWithoutCarriageReturn) {
  const hash_list list = read("code,id\r\n" + pdq + ",1\r\n" + pdq + ",2\n" + pdq + ",3");
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].id, 1);
  EXPECT_EQ(list[1].id, 2);
  EXPECT_EQ(list[2].id, 3);
}

TEST(CsvList, EmptyLinesAndTheByteOrderMarkAreSkipped) {
  const hash_list list = read("\xEF\xBB\xBF\n\r\ncode,id\n\n" + pdq + ",1\n\r\n\n");
  ASSERT_EQ(list.size(), 1U);
  expect_entry(list[0], LM_HASH_PDQ256, pdq, 1, "");
  EXPECT_EQ(read("\xEF\xBB\xBF" + pdq + "\n").size(), 1U);
}

TEST(CsvList, MayBeEmpty) {
  EXPECT_EQ(read("").size(), 0U);
  EXPECT_EQ(read("\n\r\n").size(), 0U);
  EXPECT_EQ(read("\xEF\xBB\xBF").size(), 0U);
  EXPECT_EQ(read("kind,code,id,label\n").size(), 0U);
}

TEST(CsvList, LabelsAreUtf8) {
  const hash_list list = read(pdq + ",,caf\xC3\xA9 \xE2\x82\xAC\n");
  EXPECT_STREQ(list[0].label, "caf\xC3\xA9 \xE2\x82\xAC");
  expect_error(pdq + ",,caf\xE9\n", "line 1, field label: not UTF-8");
  expect_error(pdq + ",," + std::string("a\0b", 3) + "\n", "line 1, field label: holds a zero byte");
}

TEST(CsvList, EntriesStayWhereTheyAreWhenTheListIsMoved) {
  hash_list list = read(pdq + ",1,label\n");
  const lm_list_entry before = list[0];
  const hash_list moved = std::move(list);
  EXPECT_EQ(moved[0].code, before.code);
  EXPECT_EQ(moved[0].label, before.label);
}

TEST(CsvList, RefusesBadHeaders) {
  expect_error(
      "code,quality\n",
      "line 1, field 2: unknown column \"quality\"; known are kind, code, id, label, list_id, time, withdrawn");
  expect_error("code,\n",
               "line 1, field 2: unknown column \"\"; known are kind, code, id, label, list_id, time, withdrawn");
  expect_error(
      "code,\x1B[31m\xFF\n",
      "line 1, field 2: unknown column \"?[31m?\"; known are kind, code, id, label, list_id, time, withdrawn");
  expect_error("code," + std::string(41, 'x') + "\n",
               "line 1, field 2: unknown column \"" + std::string(40, 'x') +
                   "...\"; known are kind, code, id, label, list_id, time, withdrawn");
  expect_error("\n\ncode,id,Code\n", "line 3, field 3: the column code is named twice");
  expect_error("kind,hash\n",
               "line 1, field code: 4 digits where code has a multiple of 16 from 16 to 512 "
               "(a header must name a column code)");
}

TEST(CsvList, RefusesBadCodes) {
  expect_error("code,id\n,1\n", "line 2, field code: empty");
  expect_error("code\n012345678\n", "line 2, field code: 9 digits where code has a multiple of 16 from 16 to 512");
  expect_error("code\n" + std::string(528, '0') + "\n",
               "line 2, field code: 528 digits where code has a multiple of 16 from 16 to 512");
  expect_error("code\n" + std::string(40, '0') + "\n",
               "line 2, field code: 40 digits where code has a multiple of 16 from 16 to 512");
  expect_error("code\n0123456789abcdef\n0123456789abcdeg\n",
               "line 3, field code: character 16 is no hexadecimal digit");
  expect_error("code\n0123456789 bcdef\n", "line 2, field code: character 11 is no hexadecimal digit");
  expect_error("0123456789ABCDE\xC1\n",
               "line 1, field code: character 16 is no hexadecimal digit (a header must name a column code)");
  expect_error("0123456789abcdef\n0x23456789abcdef\n", "line 2, field code: character 2 is no hexadecimal digit");
  expect_error("kind,code\nmd5," + pdq + "\n", "line 2, field code: 64 digits where md5 has 32");
  expect_error("kind,code\npdq256," + md5 + "\n", "line 2, field code: 32 digits where pdq256 has 64");
  expect_error("kind,code\nsha1," + md5 + "\n", "line 2, field code: 32 digits where sha1 has 40");
}

TEST(CsvList, RefusesBadKindsAndIds) {
  expect_error("kind,code\nphash,0123456789abcdef\n",
               "line 2, field kind: not one of code, pdq256, md5, sha1, sha256, vector8, ahash64, dhash64, phash64, "
               "ahash256, dhash256, phash256");
  for (const std::string id : {"-1", "-0", "+1", "1.0", "1 2", "0x1", "9223372036854775808", "x"}) {
    expect_error(pdq + "\n" + pdq + "," + id + "\n", "line 2, field id: no number from 0 to 9223372036854775807");
  }
}

TEST(CsvList, RefusesRecordsOfAnotherSize) {
  expect_error("code,id\n" + pdq + ",1,label\n", "line 2, 3 fields where the header has 2");
  expect_error("code,id\n" + pdq + "\n", "line 2, 1 field where the header has 2");
  expect_error(pdq + ",1,label,more\n",
               "line 1, 4 fields where a list without a header has up to 3: code, id, label");
}

TEST(CsvList, RefusesBadQuoting) {
  expect_error(pdq + ",1,a\"b\n", "line 1, field 3: a quote inside a field that does not begin with one");
  expect_error(pdq + ",1,\"a\"b\n", "line 1, field 3: text behind the closing quote");
  expect_error(pdq + ",1,\"a\n" + pdq + "\n", "line 1, field 3: a quote is never closed");
  expect_error(pdq + ",1,a\rb\n", "line 1, field 3: a carriage return that ends no line");
  expect_error(pdq + "\r", "line 1, field 1: a carriage return that ends no line");
}

TEST(CsvList, LinesAreCountedThroughQuotedNewlines) {
  expect_error("code,label\n" + pdq + ",\"1\n2\n3\"\n\n" + pdq + ",\"x\ny\",z\n",
               "line 6, 3 fields where the header has 2");
}

TEST(CsvList, RefusesRecordsOverOneMebibyte) {
  const std::string start = pdq + ",1,";
  const std::string rest((1U << 20) - start.size() - 1, 'x');
  // The record is read; its label is too long.
  expect_error(start + rest + "\n", "line 1, field label: longer than 65535 bytes");
  expect_error(start + rest + "xx\n" + pdq + "\n", "line 1, field 3: the record is longer than 1 MiB");
  expect_error(start + "\"" + rest + rest + "\"\n",
               "line 1, field 3: a quote is not closed within the largest record, 1 MiB");
}

TEST(CsvList, RefusesLabelsThatNoIndexHolds) {
  const std::string longest(65535, 'x');
  const hash_list list = read(pdq + ",1," + longest + "\n");
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].label, longest);
  expect_error(pdq + ",1," + longest + "x\n", "line 1, field label: longer than 65535 bytes");
}

// Records lie across the borders of the blocks in which a text is read.
TEST(CsvList, ReadsTextsLargerThanABlock) {
  std::string text = "code,id,label\n";
  const std::size_t count = 120000;
  for (std::size_t i = 0; i < count; ++i) {
    text += pdq + "," + std::to_string(i) + ",\"label \"\"" + std::to_string(i * 7) + "\"\"\"\r\n";
  }
  ASSERT_GT(text.size(), 4 * libmatch::detail::max_csv_record_size_bytes);
  const hash_list list = read(text);
  ASSERT_EQ(list.size(), count);
  for (std::size_t i = 0; i < count; ++i) {
    expect_entry(list[i], LM_HASH_PDQ256, pdq, static_cast<std::int64_t>(i),
                 "label \"" + std::to_string(i * 7) + "\"");
  }
}

TEST(CsvList, AKindCanBeGivenForLinesThatNameNone) {
  const std::string text = "code,kind\n" + pdq + ",\n" + pdq + ",pdq256\n";
  const hash_list list = read(text, LM_HASH_SHA256);
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].hash, LM_HASH_SHA256);
  EXPECT_EQ(list[1].hash, LM_HASH_PDQ256);
}

TEST(CsvListFile, ReadsFilesAndPipes) {
  const std::string text = "code,id\n" + pdq + ",5\n";
  const std::string path = testing::TempDir() + "lists_csv_test.csv";
  std::ofstream(path) << text;
  const hash_list from_file = read_csv_file(path);
  std::remove(path.c_str());
  ASSERT_EQ(from_file.size(), 1U);
  expect_entry(from_file[0], LM_HASH_PDQ256, pdq, 5, "");

  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  close(ends[1]);
  const hash_list from_pipe = read_csv_file("/dev/fd/" + std::to_string(ends[0]));
  close(ends[0]);
  ASSERT_EQ(from_pipe.size(), 1U);
  expect_entry(from_pipe[0], LM_HASH_PDQ256, pdq, 5, "");
}

TEST(CsvListFile, NamesThePathInErrors) {
  const std::string path = testing::TempDir() + "lists_csv_test_bad.csv";
  std::ofstream(path) << "code,id\n" << pdq << ",x\n";
  try {
    read_csv_file(path);
    ADD_FAILURE();
  } catch (const error &failure) {
    EXPECT_EQ(failure.status(), LM_ERROR_FORMAT);
    EXPECT_EQ(std::string(failure.what()), path + ": line 2, field id: no number from 0 to 9223372036854775807");
  }
  std::remove(path.c_str());
  try {
    read_csv_file(path);
    ADD_FAILURE();
  } catch (const error &failure) {
    EXPECT_EQ(failure.status(), LM_ERROR_IO);
    EXPECT_EQ(std::string(failure.what()), path + ": cannot open: No such file or directory");
  }
}

}  // namespace
