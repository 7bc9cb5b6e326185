// The exchange formats, on examples written from their field descriptions.
#include "lists/formats.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>

#include "core/error.h"
#include "lists/hash_list.h"
#include "lists/values.h"
#include "lists/writers.h"
#include "support/files.h"
#include "support/hex.h"

namespace {

using libmatch::detail::current_entries;
using libmatch::detail::error;
using libmatch::detail::hash_list;
using libmatch::detail::list_summary;
using libmatch::detail::plain_options;
using libmatch::detail::read_list;
using libmatch::detail::read_list_files;
using libmatch::detail::recognise_list;
using libmatch::detail::source_of;
using libmatch::test::temporary_folder;

const std::string pdq = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";
const std::string md5 = "900150983cd24fb0d6963f7d28e17f72";
const std::string other_md5 = "f96b697d7cb7938d525a2f31aaf161d0";
const std::string sha1 = "a9993e364706816aba3e25717850c26c9cd0d89d";
const std::string sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
// 144 bytes 0, 1, 2, ... in base64.
const std::string photodna =
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+"
    "P0BBQkNERUZHSElKS0xNTk9QUVJTVF"
    "VWV1hZWltcXV5fYGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn+AgYKDhIWGh4iJiouMjY6P";

struct read_result {
  hash_list list;
  list_summary summary;
};

// As lm_list_read with LM_LIST_AUTOMATIC.
read_result read(std::string_view text, lm_list_format format = LM_LIST_AUTOMATIC,
                 const plain_options &options = {}) {
  read_result result;
  read_list(source_of({text.data(), text.size()}), "list",
            format == LM_LIST_AUTOMATIC ? recognise_list(text.substr(0, 4096)) : format, options, result.list,
            result.summary);
  return result;
}

std::string hex(const lm_list_entry &entry) { return libmatch::test::hex_of(entry.code, entry.bits / 8); }

void expect_entry(const lm_list_entry &entry, lm_hash hash, const std::string &code, const std::string &label,
                  const std::string &list_id, std::int64_t time, bool withdrawn = false) {
  EXPECT_EQ(entry.hash, hash);
  EXPECT_EQ(hex(entry), code);
  EXPECT_EQ(entry.label, label);
  EXPECT_EQ(entry.list_id, list_id);
  EXPECT_EQ(entry.time, time);
  EXPECT_EQ(entry.withdrawn != 0, withdrawn);
}

void expect_error(std::string_view text, const std::string &message, lm_list_format format = LM_LIST_AUTOMATIC) {
  try {
    read(text, format);
    ADD_FAILURE() << "read without an error; expected: " << message;
  } catch (const error &failure) {
    EXPECT_EQ(failure.status(), LM_ERROR_FORMAT);
    EXPECT_EQ(std::string(failure.what()), "list: " + message);
  }
}

// ---- NCMEC

std::string ncmec(const std::string &inside) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
         "<queryResult xmlns=\"https://hashsharing.ncmec.org/hashsharing/v2\">\n" +
         inside + "</queryResult>\n";
}

std::string ncmec_image(const std::string &fields) {
  return "<images count=\"1\" maxTimestamp=\"2020-01-02T03:04:05Z\">\n<image>\n<member id=\"42\">A "
         "member</member>\n" +
         fields + "</image>\n</images>\n";
}

const std::string ncmec_page = ncmec(
    "<images count=\"2\" maxTimestamp=\"2020-01-02T03:04:05Z\">\n"
    "  <image><member id=\"42\">A member</member><timestamp>2020-01-02T03:00:00Z</timestamp><id>image1</id>\n"
    "    <classification>A1</classification>\n"
    "    <fingerprints>\n      <md5>" +
    md5 + "</md5>\n      <sha1> " + sha1 + "\n </sha1><pdna>" + photodna + "</pdna><pdq>" + pdq +
    "</pdq>\n      <tmk-pdqf rel=\"self\" href=\"/v2/entries/1\"/></fingerprints>\n"
    "    <feedback><affirmativeFeedback type=\"Md5\"><members><member id=\"43\">B</member></members>"
    "</affirmativeFeedback></feedback></image>\n"
    "  <deletedImage><member id=\"43\">B</member><id>image4</id><timestamp>2020-01-01T00:00:00Z</timestamp>"
    "</deletedImage>\n</images>\n"
    "<videos count=\"1\" maxTimestamp=\"2020-02-01T00:00:00Z\"><video><member id=\"42\">A</member>"
    "<id>video1</id><fingerprints><md5>" +
    other_md5 +
    "</md5></fingerprints></video></videos>\n"
    "<paging><next>/v2/entries?start=2001&amp;size=1000</next></paging>\n");

TEST(NcmecList, GivesEveryFingerprintOfEveryEntry) {
  const read_result read_page = read(ncmec_page);
  EXPECT_STREQ(read_page.summary.format, "ncmec");
  ASSERT_EQ(read_page.list.size(), 6U);
  const std::int64_t time = 1577934000;
  expect_entry(read_page.list[0], LM_HASH_MD5, md5, "A1", "42:image1", time);
  expect_entry(read_page.list[1], LM_HASH_SHA1, sha1, "A1", "42:image1", time);
  EXPECT_EQ(read_page.list[2].hash, LM_HASH_VECTOR8);
  EXPECT_EQ(read_page.list[2].bits, 1152U);
  EXPECT_EQ(hex(read_page.list[2]).substr(280), "8c8d8e8f");
  expect_entry(read_page.list[3], LM_HASH_PDQ256, pdq, "A1", "42:image1", time);
  expect_entry(read_page.list[4], LM_HASH_CODE, "", "", "43:image4", 1577836800, true);
  expect_entry(read_page.list[5], LM_HASH_MD5, other_md5, "", "42:video1", -1);
  EXPECT_EQ(read_page.summary.records, 6U);
  EXPECT_EQ(read_page.summary.withdrawals, 1U);
  EXPECT_EQ(read_page.summary.left_out.at("\"tmk-pdqf\""), 1U);
  EXPECT_EQ(read_page.summary.checkpoint, "2020-02-01T00:00:00Z");
  EXPECT_FALSE(read_page.summary.complete);
}

TEST(NcmecList, OfPagesTheLastSaysWhetherAllWereRead) {
  const temporary_folder folder;
  const std::string first = folder / "1.xml";
  const std::string second = folder / "2.xml";
  std::ofstream(first) << ncmec_page;
  std::ofstream(second) << ncmec("<images count=\"0\" maxTimestamp=\"2019-01-01T00:00:00Z\"></images>");
  hash_list list;
  const list_summary summary = read_list_files({first, second}, LM_LIST_AUTOMATIC, {}, list, nullptr);
  EXPECT_EQ(list.size(), 6U);
  EXPECT_TRUE(summary.complete);
  EXPECT_EQ(summary.checkpoint, "2020-02-01T00:00:00Z");
}

TEST(NcmecList, RefusesWhatItCannotUnderstand) {
  expect_error(ncmec(ncmec_image("<id>1</id>\n<fingerprints>\n<md5>12</md5></fingerprints>")),
               "line 8, field md5: 2 digits where md5 has 32");
  expect_error(ncmec(ncmec_image("<timestamp>yesterday</timestamp>")), "line 6, field timestamp: no time");
  expect_error(ncmec(ncmec_image("<fingerprints><md5>" + md5 + "</md5></fingerprints>")),
               "line 6, field image: no id");
  expect_error(ncmec("<images count=\"2\"></images>\n"),
               "line 3, field images: 0 entries where count says otherwise");
  expect_error(ncmec("<images><movie/></images>\n"),
               "line 3, field \"movie\": none of image, video, deletedImage, deletedVideo");
  expect_error(ncmec_page.substr(0, 700), "line 9, field pdq: no element found");
  expect_error("<queryResult/>",
               "line 1, field \"queryResult\": not of the namespace https://hashsharing.ncmec.org/hashsharing/v2");
  expect_error("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "line 1, field the document: has a DOCTYPE");
}

// ---- VICS

const std::string vics_set =
    "\xEF\xBB\xBF{\"odata.metadata\":\"http://localhost/$metadata#Media\",\n\"value\":[\n"
    "{\"MediaID\":17,\"Category\":1,\"MD5\":\"" +
    md5 + "\",\"SHA1\":\"" + sha1 + "\",\"PhotoDNA\":\"" + photodna +
    "\",\"VictimIdentified\":\"True\",\"Series\":null,\"DateUpdated\":\"2019-05-06T07:08:09.123+02:00\","
    "\"AlternativeHashes\":[{\"HashName\":\"SHA-256\",\"HashValue\":\"" +
    sha256 + "\"},{\"HashName\":\"ssdeep\",\"HashValue\":\"3:abc\"},{\"HashName\":\"PDQ\",\"HashValue\":\"" + pdq +
    "\"}],\"MediaFiles\":[{\"MD5\":\"" + other_md5 + "\",\"FileName\":\"a.jpg\"},{\"MD5\":\"" + md5 +
    "\"}]},\n"
    "{\"MediaID\":\"18\",\"Category\":null,\"MD5\":\"D41D8CD98F00B204E9800998ECF8427E\",\"SHA1\":null,"
    "\"PhotoDNA\":\"" +
    std::string(192, 'A') + "\"}\n]}\n";

TEST(VicsList, GivesTheHashesOfASet) {
  const read_result set = read(vics_set);
  EXPECT_STREQ(set.summary.format, "vics");
  ASSERT_EQ(set.list.size(), 6U);
  const std::int64_t time = 1557119289;
  expect_entry(set.list[0], LM_HASH_MD5, md5, "1", "17", time);
  expect_entry(set.list[1], LM_HASH_SHA1, sha1, "1", "17", time);
  EXPECT_EQ(set.list[2].hash, LM_HASH_VECTOR8);
  expect_entry(set.list[3], LM_HASH_SHA256, sha256, "1", "17", time);
  expect_entry(set.list[4], LM_HASH_PDQ256, pdq, "1", "17", time);
  expect_entry(set.list[5], LM_HASH_MD5, other_md5, "1", "17", time);
  EXPECT_EQ(set.summary.degenerate, 2U);
  EXPECT_EQ(set.summary.left_out.at("\"ssdeep\""), 1U);
}

TEST(VicsList, GivesTheMediaOfCases) {
  const std::string media = "{\"MediaID\":1,\"Category\":\"2\",\"MD5\":\"" + md5 + "\"}";
  const read_result cases = read("{\"@odata.context\":\"x\",\"value\":[{\"CaseID\":\"c\",\"Category\":9,\"Media\":[" +
                                 media + "],\"CaseNumber\":\"7\"},{\"CaseID\":\"d\",\"Media\":[]}]}");
  ASSERT_EQ(cases.list.size(), 1U);
  expect_entry(cases.list[0], LM_HASH_MD5, md5, "2", "1", -1);
  const read_result one = read("{\"CaseID\":\"c\",\"Media\":[" + media + "]}");
  ASSERT_EQ(one.list.size(), 1U);
  expect_entry(one.list[0], LM_HASH_MD5, md5, "2", "1", -1);
}

TEST(VicsList, RefusesWhatItCannotUnderstand) {
  expect_error("{\n\"value\":[{\"MediaID\":1},\n{\"MD5\":\"0123\"}]}",
               "line 3, field value[1].MD5: 4 digits where md5 has 32");
  expect_error("{\"value\":[{\"MD5\":12}]}", "line 1, field value[0].MD5: not a text");
  expect_error("{\"value\":[{\"PhotoDNA\":\"AAAA\"}]}",
               "line 1, field value[0].PhotoDNA: 4 characters where PhotoDNA has 192 in base64 or 288 hexadecimal "
               "digits");
  expect_error("{\"value\":[{\"PhotoDNA\":\"" + std::string(191, 'A') + "=\"}]}",
               "line 1, field value[0].PhotoDNA: no base64 of 144 bytes");
  expect_error("{\"value\":[{\"DateUpdated\":\"soon\"}]}", "line 1, field value[0].DateUpdated: no time");
  expect_error("{\"value\":[{\"AlternativeHashes\":[{\"HashName\":\"MD5\",\"HashValue\":\"xy\"}]}]}",
               "line 1, field value[0].AlternativeHashes[0]: 2 digits where md5 has 32");
  expect_error("{\"other\":1}", "line 1, field the document: neither value nor Media: no VICS");
  expect_error("{\"value\":[\n{\"MD5\":\"" + md5,
               "line 2, field value[0].MD5: the file ends here. Missing a closing "
               "quotation mark in string.");
  expect_error(std::string("{\"value\":[]}\0{}", 14), "line 1, field the document: a zero byte behind it");
  expect_error("\xFF\xFE{", "line 1, field the document: the file is UTF-16, not UTF-8", LM_LIST_VICS);
  expect_error(std::string(100, '['),
               "line 1, field the document: an array where VICS has an object with value or Media");
  expect_error(
      "{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}", "line 1, field a" + [] {
        std::string places;
        for (int i = 0; i < 63; ++i) {
          places += "[0]";
        }
        return places;
      }() + ": more than 64 structures in each other");
}

// ---- StopNCII, Tech Against Terrorism

TEST(StopNciiList, GivesRecordsAndWithdrawals) {
  const read_result page = read(
      "{\"count\":3,\"nextPageToken\":\"t\",\"nextSetTimestamp\":1625175071,\"hasMoreRecords\":true,\"hashRecords\":["
      "{\"lastModtimestamp\":1625167804,\"signalType\":\"ImagePDQ\",\"hashValue\":\"" +
      pdq +
      "\",\"hashStatus\":\"Active\",\"caseNumbers\":{\"a-b\":\"Active\"},\"CSPFeedbacks\":[{\"tags\":[\"x\"]}]},\n"
      "{\"signalType\":\"VideoMD5\",\"hashValue\":\"" +
      md5 +
      "\",\"hashStatus\":\"Withdrawn\",\"caseNumbers\":[]},"
      "{\"signalType\":\"VideoTMK\",\"hashValue\":\"abc\",\"hashStatus\":\"Active\"}]}");
  EXPECT_STREQ(page.summary.format, "stopncii");
  ASSERT_EQ(page.list.size(), 2U);
  expect_entry(page.list[0], LM_HASH_PDQ256, pdq, "Active", pdq, 1625167804);
  expect_entry(page.list[1], LM_HASH_MD5, md5, "Withdrawn", md5, -1, true);
  EXPECT_EQ(page.summary.left_out.at("\"VideoTMK\""), 1U);
  EXPECT_EQ(page.summary.checkpoint, "1625175071");
  EXPECT_FALSE(page.summary.complete);
}

TEST(StopNciiList, RefusesWhatItCannotUnderstand) {
  expect_error("{\"hashRecords\":[\n{\"signalType\":\"ImagePDQ\",\"hashValue\":\"12\"}]}",
               "line 2, field hashRecords[0]: 2 digits where pdq256 has 64");
  expect_error("{\"hashRecords\":[{\"hashValue\":\"" + pdq + "\"}]}", "line 1, field hashRecords[0]: no signalType");
  expect_error("{\"hashRecords\":[3]}", "line 1, field hashRecords[0]: no object");
  expect_error("{\"count\":2,\"hashRecords\":[]}",
               "line 1, field the document: 0 records where count says otherwise");
}

TEST(TechAgainstTerrorismList, GivesPagesAndArrays) {
  const std::string entries =
      "[{\"hash_digest\":\"" + md5 +
      "\",\"algorithm\":\"MD5\",\"ideology\":\"islamist\",\"file_type\":\"mp4\","
      "\"deleted\":false,\"updated_on\":1704901040.222779,\"id\":2819},\n{\"hash_digest\":\"" +
      pdq +
      "\",\"algorithm\":\"PDQ\",\"ideology\":\"far-right\",\"deleted\":\"True\",\"updated_on\":1704901041,\"id\":"
      "2820}]";
  const read_result page =
      read("{\"count\":2,\"next\":null,\"checkpoint\":\"1704901041.5,2820\",\"results\":" + entries + "}");
  const read_result array = read(entries);
  for (const read_result *each : {&page, &array}) {
    EXPECT_STREQ(each->summary.format, "tech_against_terrorism");
    ASSERT_EQ(each->list.size(), 2U);
    expect_entry(each->list[0], LM_HASH_MD5, md5, "islamist", "2819", 1704901040);
    expect_entry(each->list[1], LM_HASH_PDQ256, pdq, "far-right", "2820", 1704901041, true);
    EXPECT_TRUE(each->summary.complete);
  }
  EXPECT_EQ(page.summary.checkpoint, "1704901041.5,2820");
  expect_error("{\"results\":[{\"hash_digest\":\"zz\",\"algorithm\":\"MD5\"}]}",
               "line 1, field results[0]: 2 digits where md5 has 32");
  expect_error("{\"results\":[{\"algorithm\":\"MD5\"}]}", "line 1, field results[0]: no hash_digest");
  expect_error("{\"results\":[\"MD5\"]}", "line 1, field results[0]: no object");
}

// ---- hashdeep, vPDQ, NSRL, text, arrays

TEST(HashdeepList, GivesTheDigestsOfEveryFile) {
  const read_result files = read("%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## Invoked from: /\n##\n3," +
                                 md5 + "," + sha256 + ",/a/b, with a comma.jpg\n");
  EXPECT_STREQ(files.summary.format, "hashdeep");
  ASSERT_EQ(files.list.size(), 2U);
  expect_entry(files.list[0], LM_HASH_MD5, md5, "/a/b, with a comma.jpg", "", -1);
  expect_entry(files.list[1], LM_HASH_SHA256, sha256, "/a/b, with a comma.jpg", "", -1);
  expect_error("%%%% HASHDEEP-1.0\nx\n", "line 2, field the columns: no second line of %%%%");
  expect_error("%%%% HASHDEEP-1.0\n%%%% size,md5,filename\n1,12,a\n", "line 3, field md5: 2 digits where md5 has 32");
  expect_error("%%%% HASHDEEP-1.0\n%%%% size,md5,filename\n1\n", "line 3, field size: the line ends here");
}

TEST(VpdqList, GivesFramesOfEnoughQuality) {
  const read_result frames = read("0,100," + pdq + ",0.000\n1,49," + pdq + ",1.000\r\n2,50," + pdq + ",2.000\n");
  EXPECT_STREQ(frames.summary.format, "vpdq");
  ASSERT_EQ(frames.list.size(), 2U);
  expect_entry(frames.list[0], LM_HASH_PDQ256, pdq, "0.000", "0", -1);
  expect_entry(frames.list[1], LM_HASH_PDQ256, pdq, "2.000", "2", -1);
  EXPECT_EQ(frames.summary.degenerate, 1U);
  expect_error("0,100," + pdq + ",0\n1,101," + pdq + ",0\n", "line 2, field quality: no number from 0 to 100");
  expect_error("0,1,2\n", "line 1, field hash: a frame has four fields: frame, quality, hash, timestamp",
               LM_LIST_VPDQ);
}

TEST(TextList, GivesALineAnEntry) {
  const read_result lines = read("# a comment\nmd5 " + md5 + " a label of words\n" + pdq + "\nPDQ\t" + pdq + "\n");
  EXPECT_STREQ(lines.summary.format, "text");
  ASSERT_EQ(lines.list.size(), 3U);
  expect_entry(lines.list[0], LM_HASH_MD5, md5, "a label of words", "", -1);
  expect_entry(lines.list[1], LM_HASH_PDQ256, pdq, "", "", -1);
  expect_entry(lines.list[2], LM_HASH_PDQ256, pdq, "", "", -1);
  expect_error("md5 " + md5 + "\nmd6 " + md5 + "\n", "line 2, field kind: neither a kind nor a code");
  expect_error("md5 123\n", "line 1, field code: 3 digits where md5 has 32");
}

std::string npy(const std::string &shape, const std::string &content) {
  std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': " + shape + ", }";
  header.resize(118, ' ');
  return std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + content;
}

TEST(ArrayList, GivesARowACode) {
  const read_result rows = read(npy("(2, 32)", std::string(32, 'a') + std::string(32, 'b')));
  EXPECT_STREQ(rows.summary.format, "npy");
  ASSERT_EQ(rows.list.size(), 2U);
  EXPECT_EQ(rows.list[1].hash, LM_HASH_PDQ256);
  EXPECT_EQ(rows.list[1].id, 1);
  EXPECT_EQ(rows.list[1].code[31], 'b');
  expect_error(npy("(2, 32)", std::string(32, 'a')), "row 1: the file ends here; the header says 2 rows");
  expect_error(npy("(1, 32)", std::string(33, 'a')), "row 1: the file ends within it");
  expect_error(npy("(1,)", ""), "header, field shape: not two numbers: rows and bytes of a row");
  expect_error(npy("(1, 18446744073709551615)", ""),
               "field bits: 8388608 where code has a multiple of 64 from 64 to 2048");
  plain_options options;
  options.kind = LM_HASH_MD5;
  const read_result raw = read(std::string(32, 'a'), LM_LIST_RAW, options);
  EXPECT_EQ(raw.list.size(), 2U);
  EXPECT_THROW(read("abc", LM_LIST_RAW), error);
}

TEST(NsrlList, GivesTheDigestsOfADatabase) {
  const temporary_folder folder;
  const std::string path = folder / "RDS.db";
  sqlite3 *database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  const std::string script =
      "CREATE TABLE METADATA (sha256 TEXT, sha1 TEXT, md5 TEXT, file_name TEXT);"
      "CREATE VIEW FILE AS SELECT * FROM METADATA;"
      "INSERT INTO METADATA VALUES ('" +
      sha256 + "', '" + sha1 + "', '" + md5 + "', 'a.txt');";
  ASSERT_EQ(sqlite3_exec(database, script.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
  hash_list list;
  EXPECT_STREQ(read_list_files({path}, LM_LIST_AUTOMATIC, {}, list, nullptr).format, "nsrl");
  ASSERT_EQ(list.size(), 3U);
  expect_entry(list[0], LM_HASH_SHA256, sha256, "a.txt", "", -1);
  expect_entry(list[1], LM_HASH_SHA1, sha1, "a.txt", "", -1);
  expect_entry(list[2], LM_HASH_MD5, md5, "a.txt", "", -1);
  ASSERT_EQ(sqlite3_exec(database, "INSERT INTO METADATA VALUES ('12', '', '', 'b')", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(database);
  hash_list refused;
  try {
    read_list_files({path}, LM_LIST_NSRL, {}, refused, nullptr);
    ADD_FAILURE() << "read without an error";
  } catch (const error &failure) {
    EXPECT_EQ(std::string(failure.what()),
              path + ": table METADATA, row 2, field sha256: 2 digits where sha256 has 64");
  }
}

// ---- What a list takes back, times, writing

TEST(CurrentEntries, AreTheLatestThatAreNotTakenBack) {
  const read_result changes = read(
      "kind,code,list_id,time,withdrawn\n"
      "md5," +
      md5 + ",a,10,\nmd5," + other_md5 +
      ",a,20,0\n"  // b replaces
      "md5," +
      md5 +
      ",b,20,0\n,,b,30,yes\n"  // taken back later
      ",,c,30,1\nmd5," +
      md5 +
      ",c,20,0\n"  // pages out of order
      "md5," +
      md5 +
      ",d,5,0\n,,d,4,1\n"  // given again
      "md5," +
      md5 + ",e,,0\n,,e,,1\nmd5," + other_md5 +
      ",e,,0\n"  // without times
      "md5," +
      md5 + ",,,\n");
  EXPECT_EQ(current_entries(changes.list), (std::vector<std::size_t>{1, 6, 10, 11}));
}

TEST(CsvList, TakesColumnsOfOtherNames) {
  plain_options options;
  options.columns = "md5=MD5 Hash, sha1=SHA1,label=Category,list_id=No";
  const read_result rows =
      read("No;MD5 Hash;Category;Comment;SHA1\n7;" + md5 + ";\"two; words\";x;\n8;;B;y;" + sha1 + "\n", LM_LIST_CSV,
           options);
  ASSERT_EQ(rows.list.size(), 2U);
  expect_entry(rows.list[0], LM_HASH_MD5, md5, "two; words", "7", -1);
  expect_entry(rows.list[1], LM_HASH_SHA1, sha1, "B", "8", -1);
  try {
    read("a,b\n", LM_LIST_CSV, options);
    ADD_FAILURE() << "read without an error";
  } catch (const error &failure) {
    EXPECT_EQ(std::string(failure.what()), "list: line 1, the header has no column \"MD5 Hash\"");
  }
}

TEST(ListTimes, AreReadAndWritten) {
  using libmatch::detail::read_time;
  EXPECT_EQ(read_time("1970-01-01T00:00:01Z"), 1);
  EXPECT_EQ(read_time("2020-02-29"), 1582934400);
  EXPECT_EQ(read_time("2020-02-29 12:30:00.25-01:30"), 1582934400 + 14 * 3600);
  EXPECT_EQ(read_time("/Date(1508857200000+0200)/"), 1508857200);
  EXPECT_EQ(read_time("1508857200.75"), 1508857200);
  for (const char *wrong :
       {"", "2019-02-29", "2020-01-01T24:00:00Z", "2020-01-01T00:00", "x", "2020-01-01T00:00:00+1", "-1", "1.x"}) {
    EXPECT_FALSE(read_time(wrong)) << wrong;
  }
  EXPECT_EQ(libmatch::detail::write_time(1582934400 + 3661), "2020-02-29T01:01:01Z");
}

TEST(WrittenList, IsReadAgain) {
  const temporary_folder folder;
  const read_result media = read(vics_set);
  for (const lm_list_format format : {LM_LIST_CSV, LM_LIST_VICS}) {
    const std::string path = folder / "list";
    libmatch::detail::write_list(media.list, format, path, nullptr);
    hash_list again;
    const list_summary summary = read_list_files({path}, LM_LIST_AUTOMATIC, {}, again, nullptr);
    EXPECT_STREQ(summary.format, libmatch::detail::list_format_name(format));
    // VICS puts alternative hashes behind, and a second MD5 into media of its own.
    ASSERT_EQ(again.size(), media.list.size());
    for (std::size_t i = 0; i < again.size(); ++i) {
      expect_entry(again[i], media.list[i].hash, hex(media.list[i]), media.list[i].label, media.list[i].list_id,
                   media.list[i].time);
    }
  }
}

TEST(WrittenList, RefusesWhatAFormatHasNoPlaceFor) {
  const temporary_folder folder;
  const std::string path = folder / "list";
  const read_result page = read(ncmec_page);
  for (const lm_list_format format :
       {LM_LIST_TEXT, LM_LIST_NPY, LM_LIST_RAW, LM_LIST_VICS, LM_LIST_HASHDEEP, LM_LIST_VPDQ, LM_LIST_NCMEC}) {
    EXPECT_THROW(libmatch::detail::write_list(page.list, format, path, nullptr), error) << format;
    EXPECT_NE(access(path.c_str(), F_OK), 0) << format;
  }
}

TEST(WrittenList, OfDigestsAndFramesIsReadAgain) {
  const temporary_folder folder;
  const std::string path = folder / "list";
  const read_result digests = read("md5 " + md5 + " a b\nsha256 " + sha256 + " c, d\n");
  for (const lm_list_format format : {LM_LIST_TEXT, LM_LIST_HASHDEEP}) {
    libmatch::detail::write_list(digests.list, format, path, nullptr);
    hash_list again;
    read_list_files({path}, LM_LIST_AUTOMATIC, {}, again, nullptr);
    ASSERT_EQ(again.size(), 2U);
    expect_entry(again[0], LM_HASH_MD5, md5, "a b", "", -1);
    expect_entry(again[1], LM_HASH_SHA256, sha256, "c, d", "", -1);
  }
  const read_result frames = read("4,100," + pdq + ",0.5\n");
  for (const lm_list_format format : {LM_LIST_VPDQ, LM_LIST_NPY}) {
    libmatch::detail::write_list(frames.list, format, path, nullptr);
    hash_list again;
    read_list_files({path}, LM_LIST_AUTOMATIC, {}, again, nullptr);
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(hex(again[0]), pdq);
  }
}

}  // namespace
