#include "lists/source.h"

#include <algorithm>

namespace libmatch::detail {

list_source source_of(std::span<const char> text) {
  return [text](char *destination, std::size_t size) mutable {
    const std::size_t count = std::min(size, text.size());
    std::copy_n(text.data(), count, destination);
    text = text.subspan(count);
    return count;
  };
}

}  // namespace libmatch::detail
