// Reasons, put together where they are thrown.
#pragma once

#include <sstream>

#include "image/decode.h"

namespace libmatch::detail {

// Throws a scan_failure whose reason is all the parts written one after the other.
template <typename... Parts>
[[noreturn]] void not_scanned(lm_scan scan, const Parts &...parts) {
  std::ostringstream reason;
  (reason << ... << parts);
  throw scan_failure(scan, reason.str());
}

}  // namespace libmatch::detail
