#include "support/store_model.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

#include "index/bit_order.h"

namespace libmatch::test {

using namespace libmatch::detail;

namespace {

std::vector<std::uint64_t> row_of(const model_entry &entry) {
  std::vector<std::uint64_t> row((entry.bits + 63) / 64);
  pack_rows(entry.code.data(), 1, entry.hash, entry.bits, row.data());
  return row;
}

bool is_same(const model_entry &a, const model_entry &b) {
  return a.hash == b.hash && a.bits == b.bits && a.code == b.code && a.list == b.list && a.list_id == b.list_id &&
         (!a.list_id.empty() || (a.id_given == b.id_given && (!a.id_given || a.id == b.id)));
}

std::string line_of(const char *what, lm_hash hash, std::uint32_t bits, const std::vector<std::uint64_t> &row,
                    const provenance &entry) {
  std::ostringstream line;
  line << what << ' ' << hash << '/' << bits;
  for (const std::uint64_t word : row) {
    line << ' ' << std::hex << word << std::dec;
  }
  line << " list=" << entry.list_name << " list_id=" << entry.list_id << " label=" << entry.label
       << " id=" << entry.id << (entry.id_given ? " given" : "") << " time=" << entry.time;
  return line.str();
}

provenance provenance_of(const model_entry &entry) {
  return {0, entry.list, entry.list_id, entry.label, entry.id, entry.time, entry.id_given};
}

std::vector<std::string> lines_of_table(const store_snapshot &snapshot, const store_table &table) {
  std::vector<std::string> lines;
  for (std::uint32_t s = 0; s < table.files.size(); ++s) {
    const segment_view view = table.rows.segments[s].view();
    for (std::uint32_t r = 0; r < view.size; ++r) {
      if (!view.is_removed(r)) {
        const std::uint64_t *row = view.rows + std::size_t{r} * view.words;
        lines.push_back(line_of("entry", table.rows.hash, table.rows.bits, {row, row + view.words},
                                snapshot.provenance_of(table, {s, r})));
      }
    }
  }
  return lines;
}

}  // namespace

void store_model::add(const model_entry &added) {
  model_entry entry = added;
  const auto held =
      std::find_if(entries_.begin(), entries_.end(), [&](const model_entry &other) { return is_same(other, entry); });
  if (held == entries_.end()) {
    const bool superseded = std::any_of(history_.begin(), history_.end(), [&](const taken_back &past) {
      const bool is_called_so =
          past.entry.bits == 0 && past.entry.list == entry.list && past.entry.list_id == entry.list_id;
      return (is_called_so || is_same(past.entry, entry)) && entry.time <= past.time;
    });
    if (superseded) {
      return;
    }
    entry.id = entry.id_given ? entry.id : next_id_;
    next_id_ = std::max(next_id_, entry.id + 1);
    entries_.push_back(entry);
    return;
  }
  if (entry.time >= 0 && entry.time < held->time) {
    return;
  }
  const bool same = entry.label == held->label && (!entry.id_given || entry.id == held->id) &&
                    (entry.time < 0 || entry.time == held->time);
  if (same) {
    return;
  }
  entry.id = entry.id_given ? entry.id : held->id;
  entry.time = entry.time >= 0 ? entry.time : held->time;
  next_id_ = std::max(next_id_, entry.id + 1);
  *held = entry;
}

void store_model::withdraw(const model_change &given) {
  model_change change = given;
  if (change.only_outdated) {
    std::int64_t latest = -1;
    for (const model_entry &entry : entries_) {
      if (entry.list == change.entry.list && entry.list_id == change.entry.list_id) {
        latest = std::max(latest, entry.time);
      }
    }
    change.entries_until = std::min(change.entries_until, latest - 1);
    change.entry.time = latest;
  }
  std::vector<model_entry> left;
  const std::size_t taken_before = history_.size();
  for (const model_entry &entry : entries_) {
    const model_entry &wanted = change.entry;
    const bool fits = (wanted.list.empty() || entry.list == wanted.list) &&
                      (wanted.list_id.empty() || entry.list_id == wanted.list_id) &&
                      (!wanted.id_given || entry.id == wanted.id) && entry.time <= change.entries_until &&
                      (wanted.code.empty() ||
                       (entry.hash == wanted.hash && entry.bits == wanted.bits && entry.code == wanted.code));
    if (fits) {
      history_.push_back(
          {entry, change.by.empty() ? entry.list : change.by, change.reason, change.entry.time, false});
    } else {
      left.push_back(entry);
    }
  }
  entries_ = std::move(left);
  if (change.lasting && (history_.size() == taken_before || change.entry.code.empty())) {
    hold_against(change);
  }
}

void store_model::hold_against(const model_change &change) {
  model_entry entry = change.entry;
  entry.label.clear();
  entry.time = -1;
  if (entry.code.empty()) {
    entry.hash = static_cast<lm_hash>(0);
    entry.bits = 0;
    entry.id_given = false;
  }
  entry.id = entry.id_given ? entry.id : 0;
  const bool is_held = std::any_of(history_.begin(), history_.end(), [&](const taken_back &past) {
    return is_same(past.entry, entry) && past.time >= change.entry.time;
  });
  if (!is_held) {
    history_.push_back({entry, change.by.empty() ? entry.list : change.by, change.reason, change.entry.time, true});
  }
}

void store_model::apply(const model_transaction &changes) {
  bool is_changed = false;
  std::vector<model_entry> before = entries_;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const model_change &change = changes[i];
    const std::int64_t next_id = next_id_;
    const auto attributes = attributes_;
    const std::size_t history_size = history_.size();
    switch (change.what) {
      case model_change::kind::add:
        add(change.entry);
        break;
      case model_change::kind::withdraw:
        withdraw(change);
        break;
      case model_change::kind::attribute:
        if (change.value.empty()) {
          attributes_.erase(change.entry.list + ' ' + change.attribute);
        } else {
          attributes_[change.entry.list + ' ' + change.attribute] = change.value;
        }
        break;
    }
    const bool continues = change.what == model_change::kind::add && i + 1 < changes.size() &&
                           changes[i + 1].what == model_change::kind::add;
    if (!continues) {
      is_changed = is_changed || entries_ != before;
      before = entries_;
    }
    is_changed = is_changed || next_id_ != next_id || attributes_ != attributes || history_.size() != history_size;
  }
  version_ += is_changed ? 1 : 0;
}

std::vector<std::string> store_model::lines() const {
  std::vector<std::string> lines;
  for (const model_entry &entry : entries_) {
    lines.push_back(line_of("entry", entry.hash, entry.bits, row_of(entry), provenance_of(entry)));
  }
  for (const taken_back &past : history_) {
    lines.push_back(line_of(past.is_to_come ? "to come" : "withdrawn", past.entry.hash, past.entry.bits, {},
                            provenance_of(past.entry)) +
                    " by=" + past.by + " reason=" + past.reason + " at=" + std::to_string(past.time));
  }
  for (const auto &[name, value] : attributes_) {
    lines.push_back("attribute " + name + '=' + value);
  }
  lines.push_back("next id " + std::to_string(next_id_));
  lines.push_back("version " + std::to_string(version_));
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::vector<std::string> lines_of(const store_snapshot &snapshot) {
  std::vector<std::string> lines;
  for (const store_table &table : snapshot.tables) {
    const std::vector<std::string> some = lines_of_table(snapshot, table);
    lines.insert(lines.end(), some.begin(), some.end());
  }
  for (std::uint32_t s = 0; s < snapshot.history.files.size(); ++s) {
    for (std::uint32_t r = 0; r < snapshot.history.rows.segments[s].rows->size(); ++r) {
      const withdrawn_entry past = snapshot.withdrawn({s, r});
      lines.push_back(
          line_of(snapshot.is_entry({s, r}) ? "withdrawn" : "to come", past.hash, past.bits, {}, past.entry) +
          " by=" + std::string(past.by) + " reason=" + std::string(past.reason) +
          " at=" + std::to_string(past.withdrawn_at));
    }
  }
  for (const list_info &list : snapshot.lists) {
    for (const auto &[name, value] : list.attributes) {
      lines.push_back("attribute " + list.name + ' ' + name + '=' + value);
    }
  }
  lines.push_back("next id " + std::to_string(snapshot.next_id));
  lines.push_back("version " + std::to_string(snapshot.version));
  std::sort(lines.begin(), lines.end());
  return lines;
}

change_counts commit(store_writer &writer, const model_transaction &changes) {
  const auto transaction = writer.begin();
  for (const model_change &change : changes) {
    const model_entry &entry = change.entry;
    switch (change.what) {
      case model_change::kind::add:
        transaction->add({entry.hash, entry.bits, entry.code.data(), entry.list, entry.list_id, entry.label,
                          entry.id_given ? entry.id : -1, entry.time});
        break;
      case model_change::kind::withdraw:
        transaction->withdraw({entry.list, entry.list_id, entry.hash, entry.bits,
                               entry.code.empty() ? nullptr : entry.code.data(), entry.id_given ? entry.id : -1,
                               change.whole_list, change.by, change.reason, entry.time, change.entries_until,
                               change.only_outdated, change.lasting});
        break;
      case model_change::kind::attribute:
        transaction->set_attribute(entry.list, change.attribute, change.value);
        break;
    }
  }
  return transaction->commit();
}

namespace {

struct model_kind {
  lm_hash hash;
  std::uint32_t bits;
};
constexpr std::array<model_kind, 4> kinds{
    {{LM_HASH_PDQ256, 256}, {LM_HASH_MD5, 128}, {LM_HASH_SHA1, 160}, {LM_HASH_VECTOR8, 136}}};
constexpr std::size_t few = 12;  // codes of a kind, ids of a list

model_entry random_entry(random_source &random) {
  const model_kind kind = kinds[random.below(kinds.size())];
  model_entry entry{kind.hash, kind.bits, std::vector<std::uint8_t>(kind.bits / 8), "", "", "", -1, false, -1};
  random_source code(random.below(few) + 1);
  for (std::uint8_t &byte : entry.code) {
    byte = static_cast<std::uint8_t>(code.next());
  }
  entry.list = "list " + std::to_string(random.below(3));
  if (random.below(2) == 0) {
    entry.list_id = "own id " + std::to_string(random.below(few));
  }
  if (random.below(3) == 0) {
    entry.id = static_cast<std::int64_t>(random.below(50));
    entry.id_given = true;
  }
  return entry;
}

}  // namespace

model_transaction random_transaction(random_source &random, std::size_t changes, std::int64_t now) {
  model_transaction transaction;
  for (std::size_t i = 0; i < changes; ++i) {
    model_change change;
    change.entry = random_entry(random);
    const std::size_t choice = random.below(16);
    if (choice == 0) {
      change.what = model_change::kind::attribute;
      change.attribute = "checkpoint";
      change.value = random.below(4) == 0 ? "" : std::to_string(now);
    } else if (choice < 5) {
      change.what = model_change::kind::withdraw;
      change.by = random.below(2) == 0 ? "hotline" : "";
      change.reason = random.below(2) == 0 ? "wrong " + std::to_string(i) : "";
      change.entry.time = now;
      change.whole_list = random.below(40) == 0;
      if (random.below(3) == 0) {
        change.entries_until = now - static_cast<std::int64_t>(random.below(4));
      }
      change.only_outdated = !change.whole_list && !change.entry.list_id.empty() && random.below(3) == 0;
      const bool by_code = !change.only_outdated && random.below(2) == 0;
      if (change.whole_list) {
        change.entry.list_id.clear();
        change.entry.id_given = false;
      } else if (!change.only_outdated && random.below(5) == 0) {
        change.entry.list.clear();
      }
      if (change.whole_list || (!by_code && (!change.entry.list_id.empty() || change.entry.id_given))) {
        change.entry.code.clear();
      }
      change.lasting = !change.only_outdated && !change.whole_list && !change.entry.list.empty() &&
                       change.entry.list_id.empty() != change.entry.code.empty() && random.below(2) == 0;
    } else {
      change.entry.label = random.below(3) == 0 ? "" : "label " + std::to_string(random.below(4));
      change.entry.time = random.below(4) == 0 ? -1 : now - static_cast<std::int64_t>(random.below(4));
    }
    transaction.push_back(change);
  }
  model_change mark;
  mark.what = model_change::kind::attribute;
  mark.attribute = "transaction";
  mark.value = std::to_string(random.next());
  transaction.push_back(mark);
  return transaction;
}

}  // namespace libmatch::test
