// What the readers of lists yield, whatever the format: records, handed on one after the other, and a summary.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "libmatch/libmatch.h"

namespace libmatch::detail {

// One code of one entry of a list. What it points to lives for the call that hands it on.
struct list_record {
  lm_hash hash = LM_HASH_CODE;
  std::uint32_t bits = 0;              // 0 for a withdrawal that names its entry only
  const std::uint8_t *code = nullptr;  // bits / 8 bytes
  std::int64_t id = -1;                // an index's id, where the list gives one
  std::string_view list_id;            // what the list itself calls the entry: UTF-8, "" for nothing
  std::string_view label;              // UTF-8 without a zero byte
  std::int64_t time = -1;              // of the last change: seconds since 1970; -1 where the list does not say
  bool withdrawn = false;              // the list takes the entry back
};

class record_sink {
 public:
  virtual ~record_sink() = default;
  virtual void add(const list_record &record) = 0;
};

struct list_summary {
  const char *format = "";
  std::uint64_t records = 0;      // handed on, withdrawals among them
  std::uint64_t withdrawals = 0;  // of them
  std::uint64_t degenerate = 0;   // left out: codes that say nothing about an image, as of nothing or all zeros
  std::map<std::string, std::uint64_t> left_out;  // what libmatch has no kind for, by the list's name for it
  std::string checkpoint;                         // where the next synchronisation begins, as the list words it
  bool complete = true;                           // false: the last page says that there are more
};

}  // namespace libmatch::detail
