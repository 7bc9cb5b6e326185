// What a store must hold, said as simply as can be: a list of entries that every change walks through. And what one
// does hold, in the same words.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "store/store.h"
#include "support/random_codes.h"

namespace libmatch::test {

struct model_entry {
  lm_hash hash;
  std::uint32_t bits;
  std::vector<std::uint8_t> code;
  std::string list;
  std::string list_id;
  std::string label;
  std::int64_t id;
  bool id_given;
  std::int64_t time;

  friend bool operator==(const model_entry &, const model_entry &) = default;
};

// A change as plain values; what it is stands in `what`.
struct model_change {
  enum class kind : std::uint8_t { add, withdraw, attribute } what = kind::add;
  model_entry entry{};  // of an addition; of a withdrawal: list, list_id, id, and hash, bits and code, if any
  bool whole_list = false;
  std::string by;
  std::string reason;
  std::string attribute;
  std::string value;
  std::int64_t entries_until = detail::max_entry_time;
  bool only_outdated = false;
  bool lasting = false;
};
using model_transaction = std::vector<model_change>;

class store_model {
 public:
  // One that leaves everything as it is counts for nothing. Additions that follow each other are looked at together.
  void apply(const model_transaction &changes);

  // Lines, each one fact, in order: entries, those taken back, what is held against those to come, attributes, the
  // next id, the number of transactions.
  std::vector<std::string> lines() const;
  const std::vector<model_entry> &entries() const noexcept { return entries_; }

 private:
  void add(const model_entry &entry);
  void withdraw(const model_change &given);
  void hold_against(const model_change &change);

  struct taken_back {
    model_entry entry;  // bits 0: whatever the list calls so
    std::string by;
    std::string reason;
    std::int64_t time;
    bool is_to_come;  // of no entry that there was
  };
  std::vector<model_entry> entries_;
  std::vector<taken_back> history_;
  std::map<std::string, std::string> attributes_;  // by "LIST NAME"
  std::int64_t next_id_ = 0;
  std::uint64_t version_ = 0;
};

// The same lines of a store.
std::vector<std::string> lines_of(const detail::store_snapshot &snapshot);

// Hands a transaction to a store.
detail::change_counts commit(detail::store_writer &writer, const model_transaction &changes);

// Changes of few lists, ids and codes, so that they meet each other, and at the end an attribute of the store that no
// other transaction sets: so every one changes something, and versions count them. Times grow with `now`.
model_transaction random_transaction(random_source &random, std::size_t changes, std::int64_t now);

}  // namespace libmatch::test
