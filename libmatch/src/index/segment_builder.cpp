#include "index/segment_builder.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace libmatch::detail {

segment_builder::segment_builder(std::uint32_t words, std::size_t expected_size)
    : words_(words), arrays_(std::make_shared<owned_arrays>()) {
  arrays_->rows.reserve(expected_size * words);
  arrays_->ids.reserve(expected_size);
}

void segment_builder::append(const std::uint64_t *row, std::int64_t id, std::string_view label) {
  owned_arrays &arrays = *arrays_;
  arrays.rows.insert(arrays.rows.end(), row, row + words_);
  arrays.ids.push_back(id);
  if (arrays.label_offsets.empty()) {
    if (label.empty()) {
      return;
    }
    // The first label: every row before it has none, which is an empty text each.
    arrays.label_bytes.assign(arrays.ids.size() - 1, '\0');
    arrays.label_offsets.resize(arrays.ids.size());
    std::iota(arrays.label_offsets.begin(), arrays.label_offsets.end(), std::uint64_t{0});
  }
  arrays.label_bytes.insert(arrays.label_bytes.end(), label.begin(), label.end());
  arrays.label_bytes.push_back('\0');
  arrays.label_offsets.push_back(arrays.label_bytes.size());
}

std::shared_ptr<const segment> segment_builder::finish(bool sorted) { return sorted ? sort_and_freeze() : freeze(); }

std::shared_ptr<const segment> segment_builder::freeze() {
  const owned_arrays &arrays = *arrays_;
  const segment::arrays views{arrays.rows, arrays.ids, arrays.label_offsets, arrays.label_bytes};
  return std::make_shared<const segment>(words_, views, std::move(arrays_));
}

std::shared_ptr<const segment> segment_builder::sort_and_freeze() {
  const std::shared_ptr<const segment> unsorted = freeze();
  std::vector<std::size_t> order(unsorted->size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const std::uint64_t *left = unsorted->row(a);
    const std::uint64_t *right = unsorted->row(b);
    const auto compared = std::lexicographical_compare_three_way(left, left + words_, right, right + words_);
    if (compared != 0) {
      return compared < 0;
    }
    return std::tie(unsorted->data().ids[a], a) < std::tie(unsorted->data().ids[b], b);
  });
  segment_builder result(words_, order.size());
  for (const std::size_t r : order) {
    result.append(unsorted->row(r), unsorted->data().ids[r], unsorted->label(r));
  }
  return result.freeze();
}

}  // namespace libmatch::detail
