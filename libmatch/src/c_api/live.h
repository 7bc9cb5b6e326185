// What the functions of libmatch/live.h share.
#pragma once

#include <optional>

#include "libmatch/live.h"
#include "store/store.h"

namespace libmatch::detail {

lm_live_options checked_live_options(const lm_live_options *options);
// From the file or the callback that the options name; none for a folder that is not encrypted.
std::optional<store_key> key_of(const lm_live_options &checked);
reader_options reader_options_of(const lm_live_options &checked);
store_options store_options_of(const lm_live_options &checked);

}  // namespace libmatch::detail
