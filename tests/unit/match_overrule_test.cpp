#include "match/overrule.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>
#include <vector>

#include "match/verdict.h"

namespace libmatch::detail {
namespace {

using code = std::vector<std::uint8_t>;

// A code of 32 bytes with so many bits set; and one that has no bit near it.
code code_with(std::size_t set_bits) {
  code bytes(32);
  for (std::size_t i = 0; i < set_bits; ++i) {
    bytes[i / 8] |= static_cast<std::uint8_t>(1U << (i % 8));
  }
  return bytes;
}

// An index whose entries are of lists by their ids.
class Overrule : public testing::Test, public origin_source {
 protected:
  Overrule() : index_({LM_HASH_PDQ256, 256, "", LM_VERSION}) {}

  void add_code(std::int64_t id, const code &bytes, lm_list_role role) { add(0, id, bytes, role); }
  void add_digest(std::int64_t id, std::uint8_t byte, lm_list_role role) {
    add(table_of(LM_HASH_MD5), id, code(16, byte), role);
  }

  entry_origin origin_of(std::size_t table, row_location place) const override {
    const segment_entry &entry = index_.snapshot()->tables[table].segments[place.segment];
    const std::int64_t id = entry.rows->data().ids[place.row];
    return {"list " + std::to_string(id), "own " + std::to_string(id), 5, roles_.at(id)};
  }

  // An upload of one image with this code, of a file with this digest.
  upload_verdict judged(const code &bytes, std::uint8_t digest_byte = 0, lm_scan scan = LM_SCAN_OK) {
    const auto device = open_backend("scalar");
    thread_pool threads(1);
    progress_meter progress(nullptr, 0);
    const code digest(16, digest_byte);
    std::vector<upload_image> images;
    if (!bytes.empty()) {
      images.push_back({0, false, {}, 90, bytes, nullptr});
    }
    const std::vector<scanned_upload> uploads{{scan, scan == LM_SCAN_OK ? "" : "truncated", images, {digest.data()}}};
    return judge(uploads, {31, 64, 50, {LM_HASH_MD5}}, index_, *index_.snapshot(), *device, threads, progress, this)
        .front();
  }

 private:
  void add(std::size_t table, std::int64_t id, const code &bytes, lm_list_role role) {
    const new_entries entries{table, 1, bytes.data(), &id, nullptr};
    index_.add({&entries, 1});
    roles_[id] = role;
  }

  code_index index_;
  std::map<std::int64_t, lm_list_role> roles_;
};

TEST_F(Overrule, AMatchNamesItsList) {
  add_code(7, code_with(8), LM_LIST_KNOWN);
  const upload_verdict verdict = judged(code_with(0));
  EXPECT_EQ(verdict.verdict, LM_VERDICT_MATCH);
  ASSERT_EQ(verdict.matches.size(), 1U);
  EXPECT_EQ(verdict.matches[0].origin.list, "list 7");
  EXPECT_EQ(verdict.matches[0].origin.list_id, "own 7");
  EXPECT_EQ(verdict.matches[0].origin.time, 5);
  EXPECT_FALSE(verdict.matches[0].is_overruled);
  EXPECT_EQ(verdict.reason, "");
}

TEST_F(Overrule, EqualBytesThatAreHarmlessOverruleNearness) {
  add_code(1, code_with(8), LM_LIST_KNOWN);
  add_digest(2, 9, LM_LIST_HARMLESS);
  const upload_verdict verdict = judged(code_with(0), 9);
  EXPECT_EQ(verdict.verdict, LM_VERDICT_NO_MATCH);
  EXPECT_EQ(verdict.reason, "list list 2 overrules: harmless; list list 2 knows the file as harmless");
  ASSERT_EQ(verdict.matches.size(), 2U) << "both are reported";
  EXPECT_EQ(verdict.matches[0].origin.role, LM_LIST_HARMLESS);
  EXPECT_EQ(verdict.matches[0].detail.verdict, LM_VERDICT_NO_MATCH);
  EXPECT_TRUE(verdict.matches[1].is_overruled);
  EXPECT_EQ(verdict.matches[1].detail.verdict, LM_VERDICT_MATCH) << "what its own list says";
  EXPECT_EQ(judged(code_with(0), 8).verdict, LM_VERDICT_MATCH) << "of other bytes the list says nothing";
}

TEST_F(Overrule, AnEqualCodeThatIsHarmlessOverrulesNearCodesAndNoEqualBytes) {
  add_code(1, code_with(8), LM_LIST_KNOWN);
  add_code(2, code_with(0), LM_LIST_HARMLESS);
  EXPECT_EQ(judged(code_with(0)).verdict, LM_VERDICT_NO_MATCH);
  // Near it, the harmless entry is reported and changes nothing: uploads are made to be near.
  const upload_verdict near_both = judged(code_with(1));
  EXPECT_EQ(near_both.verdict, LM_VERDICT_MATCH);
  EXPECT_EQ(near_both.matches.size(), 2U);
  EXPECT_EQ(near_both.reason, "");
  add_digest(3, 9, LM_LIST_KNOWN);
  EXPECT_EQ(judged(code_with(0), 9).verdict, LM_VERDICT_MATCH);
}

TEST_F(Overrule, ListsThatContradictEachOtherAreForAPerson) {
  add_digest(1, 9, LM_LIST_KNOWN);
  add_digest(2, 9, LM_LIST_HARMLESS);
  const upload_verdict verdict = judged(code_with(0), 9);
  EXPECT_EQ(verdict.verdict, LM_VERDICT_REVIEW);
  EXPECT_EQ(verdict.matches.size(), 2U);
  EXPECT_NE(verdict.reason.find("lists contradict: list 1 knows what list 2 calls harmless"), std::string::npos);
  add_code(3, code_with(0), LM_LIST_KNOWN);
  add_code(4, code_with(0), LM_LIST_HARMLESS);
  EXPECT_EQ(judged(code_with(0)).verdict, LM_VERDICT_REVIEW);
}

TEST_F(Overrule, BytesThatAreHarmlessNeedNoScan) {
  add_digest(2, 9, LM_LIST_HARMLESS);
  EXPECT_EQ(judged({}, 9, LM_SCAN_DAMAGED).verdict, LM_VERDICT_NO_MATCH);
  EXPECT_EQ(judged({}, 8, LM_SCAN_DAMAGED).verdict, LM_VERDICT_NOT_SCANNED);
  add_code(3, code_with(0), LM_LIST_HARMLESS);
  EXPECT_EQ(judged(code_with(0), 8, LM_SCAN_DAMAGED).verdict, LM_VERDICT_NOT_SCANNED)
      << "a harmless image says nothing of those behind it";
}

TEST_F(Overrule, DegenerateCodesMatchNothing) {
  add_code(1, code_with(8), LM_LIST_KNOWN);
  add_code(2, code_with(8), LM_LIST_DEGENERATE);
  // The known entry itself has a code that says nothing.
  const upload_verdict near_it = judged(code_with(0));
  EXPECT_EQ(near_it.verdict, LM_VERDICT_NO_MATCH);
  EXPECT_EQ(near_it.reason, "list list 2 overrules: a degenerate code");
  // The upload's own code says nothing, so nothing near it counts.
  add_code(3, code_with(12), LM_LIST_KNOWN);
  EXPECT_EQ(judged(code_with(8)).verdict, LM_VERDICT_LOW_QUALITY);
  EXPECT_EQ(judged(code_with(10)).verdict, LM_VERDICT_MATCH) << "entry 3 is near, and its code is no degenerate one";
  add_digest(4, 9, LM_LIST_KNOWN);
  EXPECT_EQ(judged(code_with(8), 9).verdict, LM_VERDICT_MATCH) << "equal bytes stay what they are";
  add_digest(5, 9, LM_LIST_DEGENERATE);
  EXPECT_EQ(judged(code_with(8), 9).verdict, LM_VERDICT_LOW_QUALITY);
}

TEST_F(Overrule, WhatIsFartherThanAMatchAndOverrulesNothingIsNotReported) {
  add_code(1, code_with(40), LM_LIST_HARMLESS);
  const upload_verdict verdict = judged(code_with(0));
  EXPECT_EQ(verdict.verdict, LM_VERDICT_NO_MATCH);
  EXPECT_TRUE(verdict.matches.empty());
}

}  // namespace
}  // namespace libmatch::detail
