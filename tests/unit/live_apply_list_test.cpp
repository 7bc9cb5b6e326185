#include "live/apply_list.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "core/error.h"
#include "lists/formats.h"
#include "live/entry_walk.h"
#include "live/list_state.h"
#include "store/store.h"
#include "support/files.h"

namespace libmatch::detail {
namespace {

const std::string header = "kind,code,id,label,list_id,time,withdrawn\n";

std::string md5(char digit) { return std::string(30, '0') + "a" + digit; }

class ApplyList : public testing::Test {
 protected:
  ApplyList() {
    create_store(folder_ / "live", {});
    writer_ = store_writer::open(folder_ / "live", {});
  }

  applied_list apply(const std::vector<std::string> &pages, const list_application_options &options = {"list"}) {
    return apply_list(*writer_, options, [&](record_sink &sink) {
      std::vector<std::span<const char>> texts(pages.begin(), pages.end());
      return read_list_pages(texts, LM_LIST_AUTOMATIC, {}, sink, nullptr);
    });
  }
  applied_list apply_rows(const std::string &rows) { return apply({header + rows}); }

  // label by "kind:last digit of the code".
  std::map<std::string, std::string> entries() const {
    std::map<std::string, std::string> found;
    for_each(false, [&](const walked_entry &entry) {
      found[std::string(1, "0123456789abcdef"[entry.code.back() & 15U])] = entry.origin.label;
    });
    return found;
  }
  // "label: reason" of what was taken back, in order.
  std::vector<std::string> taken_back() const {
    std::vector<std::string> found;
    for_each(true, [&](const walked_entry &entry) {
      EXPECT_GE(entry.withdrawn_at, 0);
      found.push_back(std::string(entry.origin.label) + " by " + std::string(entry.withdrawn_by) + ": " +
                      std::string(entry.reason));
    });
    return found;
  }
  const list_info &list() const {
    held_ = writer_->snapshot();
    return held_->lists[held_->find_list("list")];
  }

  using map = std::map<std::string, std::string>;

  test::temporary_folder folder_;
  std::unique_ptr<store_writer> writer_;

 private:
  template <typename Visit>
  void for_each(bool withdrawn, const Visit &visit) const {
    const auto state = std::make_shared<const live_state>(writer_->snapshot(), LM_HASH_PDQ256, 256);
    entry_walk walk(state, entry_walk::every_list, withdrawn);
    for (walked_entry entry; walk.next(entry);) {
      visit(entry);
    }
  }

  mutable std::shared_ptr<const store_snapshot> held_;
};

TEST_F(ApplyList, AgainItChangesNothing) {
  const std::string rows = "md5," + md5('1') + ",,one,a,100,\nmd5," + md5('2') + ",,two,b,100,\nmd5," + md5('3') +
                           ",,three,b,200,\nmd5,,,no more,a,300,1\n";
  const applied_list first = apply_rows(rows);
  EXPECT_EQ(first.counts.added, 3U);
  EXPECT_EQ(entries(), (map{{"3", "three"}})) << "b is what it is at 200, a is taken back";
  const std::vector<std::string> log{"one by list: no more", "two by list: replaced by a later version"};
  EXPECT_EQ(taken_back(), log);
  for (int again = 0; again < 2; ++again) {
    const applied_list more = apply_rows(rows);
    EXPECT_EQ(more.counts.added, 0U);
    EXPECT_EQ(more.counts.changed, 0U);
    EXPECT_EQ(more.counts.withdrawn, 0U);
    EXPECT_EQ(more.counts.unchanged, 1U);
    EXPECT_EQ(entries(), (map{{"3", "three"}}));
    EXPECT_EQ(taken_back(), log);
  }
}

TEST_F(ApplyList, TheOrderOfTimesIsNotThatOfPages) {
  apply({header + "md5,,,gone,a,300,1\nmd5," + md5('5') + ",,five,b,300,\n",
         header + "md5," + md5('1') + ",,one,a,100,\nmd5," + md5('2') + ",,two,b,100,\n"});
  EXPECT_EQ(entries(), (map{{"5", "five"}}));
  apply_rows("md5," + md5('2') + ",,two,b,100,\n");
  EXPECT_EQ(entries(), (map{{"5", "five"}})) << "an old page again";
  apply_rows("md5," + md5('2') + ",,new,b,400,\n");
  EXPECT_EQ(entries(), (map{{"2", "new"}}));
  apply_rows("md5,,,,b,350,1\n");
  EXPECT_EQ(entries(), (map{{"2", "new"}})) << "it was taken back before its latest change";
  apply_rows("md5,,,,b,450,1\n");
  EXPECT_EQ(entries(), map{});
}

// Pages that are applied one by one, as they come, and not in the order of time.
TEST_F(ApplyList, AWithdrawalHoldsBeforeItsEntryIsThere) {
  const applied_list first = apply_rows("md5,,,gone,a,300,1\nmd5," + md5('4') + ",9,gone,,300,1\n");
  EXPECT_EQ(first.counts.unknown, 2U);
  EXPECT_EQ(taken_back(), std::vector<std::string>{}) << "no entry was";
  const std::string late = "md5," + md5('1') + ",,one,a,100,\nmd5," + md5('2') + ",,two,a,300,\nmd5," + md5('4') +
                           ",9,four,,200,\nmd5," + md5('4') + ",8,other,,200,\n";
  EXPECT_EQ(apply_rows(late).counts.superseded, 3U);
  EXPECT_EQ(entries(), (map{{"4", "other"}})) << "an entry of another id was not meant";
  const std::uint64_t version = writer_->snapshot()->version;
  apply_rows(late);
  apply_rows("md5,,,gone,a,300,1\nmd5," + md5('4') + ",9,gone,,300,1\n");
  EXPECT_EQ(writer_->snapshot()->version, version) << "the same pages again";
  writer_->compact(nullptr);
  EXPECT_EQ(apply_rows("md5," + md5('1') + ",,one,a,299,\n").counts.superseded, 1U) << "when the files were merged";
  EXPECT_EQ(apply_rows("md5," + md5('1') + ",,one,a,,\n").counts.superseded, 1U) << "no time is no later time";
  EXPECT_EQ(apply_rows("md5," + md5('1') + ",,new,a,301,\n").counts.added, 1U);
  EXPECT_EQ(entries(), (map{{"1", "new"}, {"4", "other"}}));
  const store_snapshot &snapshot = *writer_->snapshot();
  for (const entry_count &count : count_entries(snapshot)) {
    EXPECT_EQ(count.withdrawn, 0);
  }
}

TEST_F(ApplyList, AWithdrawalHoldsForCodesThatComeLater) {
  apply_rows("md5," + md5('1') + ",,one,a,100,\n");
  EXPECT_EQ(apply_rows("md5,,,gone,a,300,1\n").counts.withdrawn, 1U);
  EXPECT_EQ(apply_rows("sha1," + md5('2') + "00000000,,two,a,100,\n").counts.superseded, 1U);
  EXPECT_EQ(taken_back(), (std::vector<std::string>{"one by list: gone"}));
}

// Where a list has no times, only the order of its pages says what comes after what.
TEST_F(ApplyList, AWithdrawalWithoutATimeIsOfWhatIsThere) {
  apply_rows("md5,,,gone,a,,1\n");
  EXPECT_EQ(apply_rows("md5," + md5('1') + ",,one,a,,\n").counts.added, 1U);
}

TEST_F(ApplyList, AnEntryComesBackWithALaterTimeOnly) {
  apply_rows("md5," + md5('1') + ",7,one,,,\n");
  withdrawal change;
  change.id = 7;
  change.by = "operator";
  change.reason = "a holiday picture";
  const auto changes = writer_->begin();
  changes->withdraw(change);
  EXPECT_EQ(changes->commit().withdrawn, 1U);
  EXPECT_EQ(taken_back(), (std::vector<std::string>{"one by operator: a holiday picture"}));
  EXPECT_EQ(apply_rows("md5," + md5('1') + ",7,one,,,\n").counts.superseded, 1U) << "the same list again";
  EXPECT_EQ(apply_rows("md5," + md5('1') + ",7,one,,9999-12-31,\n").counts.superseded, 1U) << "no time to come";
  EXPECT_EQ(entries(), map{});
  list_application_options later{"list"};
  later.time = max_entry_time;
  EXPECT_EQ(apply({header + "md5," + md5('1') + ",7,one,,,\n"}, later).counts.superseded, 1U);
}

TEST_F(ApplyList, AFailedListLeavesTheIndexAsItWas) {
  apply_rows("md5," + md5('1') + ",,one,a,100,\n");
  const std::uint64_t version = writer_->snapshot()->version;
  std::string rows;
  for (int i = 0; i < 200000; ++i) {
    rows += "md5," + md5('2') + ",,two,b" + std::to_string(i) + ",100,\n";
  }
  try {
    apply_rows(rows + "md5,abc,,three,c,100,\n");
    FAIL();
  } catch (const error &failure) {
    EXPECT_EQ(failure.status(), LM_ERROR_FORMAT);
    EXPECT_EQ(std::string(failure.what()), "page 1: line 200002, field code: 3 digits where md5 has 32");
  }
  EXPECT_EQ(entries(), (map{{"1", "one"}}));
  EXPECT_EQ(writer_->snapshot()->version, version);
  EXPECT_EQ(store_reader::open(folder_ / "live", {})->snapshot()->version, version);
}

TEST_F(ApplyList, AWholeListTakesBackWhatIsNotInIt) {
  list_application_options whole{"list"};
  whole.whole = true;
  const std::string one = "md5," + md5('1') + ",1,one,,,\n";
  const std::string two = "md5," + md5('2') + ",,two,b,,\n";
  const std::string three = "md5," + md5('3') + ",,three,,,\n";
  apply({header + one + two + three}, whole);
  apply_list(*writer_, {"other"}, [&](record_sink &sink) {
    list_record record;
    const std::vector<std::uint8_t> code(16, 0x44);
    record.hash = LM_HASH_MD5;
    record.bits = 128;
    record.code = code.data();
    record.label = "another list's";
    sink.add(record);
    return list_summary{};
  });
  EXPECT_EQ(entries().size(), 4U);
  EXPECT_EQ(apply({header + three + two}, whole).counts.withdrawn, 1U);
  EXPECT_EQ(entries(), (map{{"2", "two"}, {"3", "three"}, {"4", "another list's"}}));
  EXPECT_EQ(taken_back(), (std::vector<std::string>{"one by list: no longer in the list"}));
  EXPECT_EQ(apply({header + three + two}, whole).counts.withdrawn, 0U);
  EXPECT_THROW(apply({header}, whole), error) << "an empty file is no reason to forget a list";
  EXPECT_EQ(entries().size(), 3U);
}

TEST_F(ApplyList, TheCheckpointHoldsOnceThePagesAreComplete) {
  const auto page = [](int checkpoint, bool more) {
    return R"({"count": 0, "nextSetTimestamp": )" + std::to_string(checkpoint) + R"(, "hasMoreRecords": )" +
           (more ? "true" : "false") + R"(, "hashRecords": []})";
  };
  apply({page(70, true)});
  EXPECT_EQ(writer_->snapshot()->find_list("list"), 0U);
  apply({page(70, true), page(80, false)});
  EXPECT_EQ(checkpoint_of(list()), "80");
  apply({page(75, false)});
  EXPECT_EQ(checkpoint_of(list()), "80") << "old pages again";
  apply({page(90, false)});
  EXPECT_EQ(checkpoint_of(list()), "90");
}

TEST_F(ApplyList, TheRoleIsSetTogetherWithTheEntries) {
  apply_rows("md5," + md5('1') + ",,one,a,100,\n");
  EXPECT_EQ(role_of(list()), LM_LIST_KNOWN);
  list_application_options harmless{"list"};
  harmless.role = LM_LIST_HARMLESS;
  apply({header}, harmless);
  EXPECT_EQ(role_of(list()), LM_LIST_HARMLESS);
  apply_rows("md5," + md5('2') + ",,two,b,100,\n");
  EXPECT_EQ(role_of(list()), LM_LIST_HARMLESS) << "it stays";
  const auto changes = writer_->begin();
  changes->set_attribute("list", "role", "of a newer library");
  changes->commit();
  EXPECT_THROW(role_of(list()), error);
}

TEST_F(ApplyList, AListOfHarmlessFilesIsOneFromItsFirstEntryOn) {
  apply_list(*writer_, {"list"}, [](record_sink & /*sink*/) {
    list_summary summary;
    summary.format = list_format_name(LM_LIST_NSRL);
    return summary;
  });
  EXPECT_EQ(role_of(list()), LM_LIST_HARMLESS);
}

TEST_F(ApplyList, EntriesAreCountedByListAndKind) {
  apply_rows("md5," + md5('1') + ",,one,a,100,\nmd5," + md5('2') + ",,two,b,100,\nsha1," + std::string(40, '7') +
             ",,three,c,100,\nmd5,,,,a,200,1\n");
  const std::vector<entry_count> counts = count_entries(*writer_->snapshot());
  ASSERT_EQ(counts.size(), 2U);
  EXPECT_EQ(counts[0].hash, LM_HASH_MD5);
  EXPECT_EQ(counts[0].live, 1);
  EXPECT_EQ(counts[0].withdrawn, 1);
  EXPECT_EQ(counts[1].hash, LM_HASH_SHA1);
  EXPECT_EQ(counts[1].live, 1);
  EXPECT_EQ(counts[1].withdrawn, 0);
}

}  // namespace
}  // namespace libmatch::detail
