#include "index/segment.h"

#include "core/error.h"

namespace libmatch::detail {

std::size_t segment::memory_bytes() const noexcept {
  return data_.rows.size_bytes() + data_.ids.size_bytes() + data_.label_offsets.size_bytes() +
         data_.label_bytes.size_bytes() + layouts_.memory_bytes();
}

segment_view segment::view() const noexcept {
  segment_view view;
  view.rows = data_.rows.data();
  view.ids = data_.ids.data();
  view.size = size();
  view.words = words_;
  view.planes.planes = layouts_.planes();
  view.buckets = layouts_.buckets();
  view.identity = identity_.number();
  return view;
}

std::string_view segment::label(std::size_t r) const {
  if (data_.label_offsets.empty()) {
    return "";
  }
  const std::uint64_t begin = data_.label_offsets[r];
  const std::uint64_t end = data_.label_offsets[r + 1];
  if (begin >= end || end > data_.label_bytes.size()) {
    fail(LM_ERROR_FORMAT, "damaged index: the label of row ", r, " lies at ", begin, " to ", end, " of ",
         data_.label_bytes.size(), " bytes");
  }
  const std::string_view text(data_.label_bytes.data() + begin, static_cast<std::size_t>(end - begin - 1));
  if (text.data()[text.size()] != '\0') {
    fail(LM_ERROR_FORMAT, "damaged index: the label of row ", r, " does not end with a zero byte");
  }
  if (text.find('\0') != std::string_view::npos) {
    fail(LM_ERROR_FORMAT, "damaged index: the label of row ", r, " has a zero byte within");
  }
  if (!is_utf8(text)) {
    fail(LM_ERROR_FORMAT, "damaged index: the label of row ", r, " is not UTF-8");
  }
  return text;
}

std::size_t index_table::live() const noexcept {
  std::size_t count = 0;
  for (const segment_entry &entry : segments) {
    count += entry.live();
  }
  return count;
}

std::vector<segment_view> index_table::views() const {
  std::vector<segment_view> list;
  list.reserve(segments.size());
  for (const segment_entry &entry : segments) {
    list.push_back(entry.view());
    list.back().device_buckets = device_buckets;
  }
  return list;
}

}  // namespace libmatch::detail
