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

const char *hash_list::copy(std::string_view text) {
  if (text.empty()) {
    return "";
  }
  auto *copy = reinterpret_cast<char *>(allocate(text.size() + 1));
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  return copy;
}

void hash_list::add(const list_record &record) {
  std::uint8_t *code = nullptr;
  if (record.bits != 0) {
    code = allocate(record.bits / 8);
    std::memcpy(code, record.code, record.bits / 8);
  }
  entries_.push_back({record.hash, record.bits, code, record.id, copy(record.label), copy(record.list_id),
                      record.time, record.withdrawn ? 1 : 0});
}

}  // namespace libmatch::detail
