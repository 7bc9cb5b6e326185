// Makes segments.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "core/aligned_vector.h"
#include "index/segment.h"

namespace libmatch::detail {

// Collects rows, then freezes them into a segment that owns its arrays.
class segment_builder {
 public:
  segment_builder(std::uint32_t words, std::size_t expected_size);

  // Appends a copy of a row. `label` is UTF-8 without a zero byte; "" for none.
  void append(const std::uint64_t *row, std::int64_t id, std::string_view label);

  // In the order of appending, or sorted by (row, id) as digest tables want it. Spends the builder.
  std::shared_ptr<const segment> finish(bool sorted);

 private:
  struct owned_arrays {
    aligned_vector<std::uint64_t> rows;
    std::vector<std::int64_t> ids;
    std::vector<std::uint64_t> label_offsets;  // empty while no row has a label
    std::vector<char> label_bytes;
  };

  std::shared_ptr<const segment> freeze();
  std::shared_ptr<const segment> sort_and_freeze();

  std::uint32_t words_;
  std::shared_ptr<owned_arrays> arrays_;
};

}  // namespace libmatch::detail
