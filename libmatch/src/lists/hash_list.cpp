#include "lists/hash_list.h"

#include <algorithm>
#include <cstring>

namespace libmatch::detail {

namespace {
constexpr std::size_t block_size_bytes = 1U << 20;
}

std::uint8_t *hash_list::allocate(std::size_t size) {
  if (size > free_bytes_) {
    const std::size_t block_size = std::max(size, block_size_bytes);
    blocks_.emplace_back(new std::uint8_t[block_size]);
    free_ = blocks_.back().get();
    free_bytes_ = block_size;
  }
  std::uint8_t *bytes = free_;
  free_ += size;
  free_bytes_ -= size;
  return bytes;
}

std::uint8_t *hash_list::add(lm_hash hash, std::uint32_t bits, std::int64_t id, std::string_view label) {
  const char *text = "";
  if (!label.empty()) {
    auto *copy = reinterpret_cast<char *>(allocate(label.size() + 1));
    std::memcpy(copy, label.data(), label.size());
    copy[label.size()] = '\0';
    text = copy;
  }
  std::uint8_t *code = allocate(bits / 8);
  entries_.push_back({hash, bits, code, id, text});
  return code;
}

}  // namespace libmatch::detail
