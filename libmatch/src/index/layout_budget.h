// What an index may still spend on layouts.
#pragma once

#include <cstdint>

#include "index/index.h"

namespace libmatch::detail {

class layout_budget {
 public:
  // max_bytes: 0 for half of the machine's memory.
  layout_budget(const index_snapshot &snapshot, std::uint64_t max_bytes);
  bool allows(std::uint64_t bytes) const noexcept { return bytes <= left_; }

 private:
  std::uint64_t left_;
};

}  // namespace libmatch::detail
