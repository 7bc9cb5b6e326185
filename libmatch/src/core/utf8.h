// Unicode text as bytes.
#pragma once

#include <string_view>

namespace libmatch::detail {

// Whether text is well-formed UTF-8 (Unicode 15, table 3-7): no overlong form, no surrogate, nothing over U+10FFFF.
bool is_utf8(std::string_view text) noexcept;

}  // namespace libmatch::detail
