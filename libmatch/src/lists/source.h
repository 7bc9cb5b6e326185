// Where the bytes of a list come from.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>

namespace libmatch::detail {

// Writes up to `size` bytes of the text and returns how many; 0 at its end.
using list_source = std::function<std::size_t(char *destination, std::size_t size)>;

// Lives as long as `text`.
list_source source_of(std::span<const char> text);

}  // namespace libmatch::detail
