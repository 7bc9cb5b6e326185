// Entries read from a list, whatever its format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <vector>

#include "libmatch/libmatch.h"
#include "lists/record.h"

namespace libmatch::detail {

// Lists have tens of millions of entries: codes and labels lie one behind the other in large blocks that never move,
// and a growing list is never copied.
class hash_list final : public record_sink {
 public:
  std::size_t size() const noexcept { return entries_.size(); }
  // i < size(). The pointers live as long as the list, also when it is moved.
  const lm_list_entry &operator[](std::size_t i) const noexcept { return entries_[i]; }

  // Appends a copy.
  void add(const list_record &record) override;

 private:
  std::uint8_t *allocate(std::size_t size);
  const char *copy(std::string_view text);

  std::deque<lm_list_entry> entries_;
  std::vector<std::unique_ptr<std::uint8_t[]>> blocks_;
  std::uint8_t *free_ = nullptr;  // where the last block's unused bytes begin
  std::size_t free_bytes_ = 0;
};

}  // namespace libmatch::detail
