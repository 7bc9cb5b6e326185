// The key of an encrypted folder, as its users keep it.
#pragma once

#include <string>

#include "store/store.h"

namespace libmatch::detail {

// A file of 64 hexadecimal digits, perhaps with a line end behind them. LM_ERROR_IO, LM_ERROR_FORMAT; a message never
// quotes the file.
store_key read_key_file(const std::string &path);

}  // namespace libmatch::detail
