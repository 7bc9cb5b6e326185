// Where the program libmatch-worker lies.
#pragma once

#include <string>

namespace libmatch::detail {

// `wanted` if it is not empty; else $LM_WORKER; else beside the library, or where an installation puts it relative to
// the library. LM_ERROR_UNSUPPORTED names the places when none has a program.
std::string find_worker(const std::string &wanted);

}  // namespace libmatch::detail
