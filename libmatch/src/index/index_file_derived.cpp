#include "index/index_file_derived.h"

#include <algorithm>
#include <vector>

namespace libmatch::detail {

namespace {

void check_planes(const std::string &path, const file_layout &layout, const segment_view &rows) {
  const std::size_t tile = find_wrong_planes(rows.planes.planes, rows.rows, rows.size, rows.words);
  if (tile * plane_layout::tile_rows < rows.size) {
    fail_in_section(path, *layout.find(0, section_kind::planes),
                    tile * plane_layout::words_of_tile * sizeof(std::uint64_t), "tile ", tile,
                    " does not hold the bits of its rows");
  }
}

void check_buckets(const std::string &path, const file_layout &layout, const segment_view &rows, thread_pool &threads,
                   progress_meter &meter) {
  std::vector<bucket_fault> faults(rows.buckets->tables);
  threads.for_each(faults.size(), [&](std::size_t t) {
    faults[t] = find_bucket_fault(*rows.buckets, rows.rows, rows.words, static_cast<std::uint32_t>(t));
    meter.add(bucket_bytes(*rows.buckets) / rows.buckets->tables);
  });
  // The first in the file, whichever thread was faster.
  const auto found = std::find_if(faults.begin(), faults.end(),
                                  [](const bucket_fault &fault) { return fault.where != bucket_fault::array::none; });
  if (found == faults.end()) {
    return;
  }
  const bucket_fault &fault = *found;
  const section_kind kind = fault.where == bucket_fault::array::starts ? section_kind::bucket_starts
                            : fault.where == bucket_fault::array::rows ? section_kind::bucket_rows
                                                                       : section_kind::bucket_words;
  fail_in_section(path, *layout.find(0, kind), fault.place * sizeof(std::uint32_t), "place ", fault.place, " is ",
                  fault.what);
}

template <typename Element>
const Element *mapped_section(std::span<const std::uint8_t> bytes, const file_section &section) {
  return reinterpret_cast<const Element *>(bytes.data() + section.offset);
}

}  // namespace

std::uint64_t derived_bytes(const file_layout &layout) noexcept {
  std::uint64_t bytes = 0;
  for (const section_kind kind :
       {section_kind::planes, section_kind::bucket_starts, section_kind::bucket_rows, section_kind::bucket_words}) {
    const file_section *section = layout.find(0, kind);
    bytes += section != nullptr ? section->size : 0;
  }
  return bytes;
}

void check_derived(const std::string &path, const file_layout &layout, const segment_view &rows, thread_pool &threads,
                   progress_meter &meter) {
  if (rows.planes.planes != nullptr) {
    check_planes(path, layout, rows);
    meter.add(layout.find(0, section_kind::planes)->size);
  }
  if (rows.buckets != nullptr) {
    check_buckets(path, layout, rows, threads, meter);
  }
}

void map_derived(std::span<const std::uint8_t> bytes, const std::string &name, const file_layout &layout,
                 const segment &rows) {
  if (const file_section *planes = layout.find(0, section_kind::planes)) {
    rows.layouts().adopt_planes(mapped_section<std::uint64_t>(bytes, *planes), static_cast<std::size_t>(planes->size),
                                false);
  }
  bucket_layout buckets = read_bucket_shape(memory_source(name, bytes), layout);
  if (buckets.tables != 0) {
    buckets.starts = mapped_section<std::uint32_t>(bytes, *layout.find(0, section_kind::bucket_starts));
    buckets.rows = mapped_section<std::uint32_t>(bytes, *layout.find(0, section_kind::bucket_rows));
    buckets.words = mapped_section<std::uint32_t>(bytes, *layout.find(0, section_kind::bucket_words));
    find_largest(buckets);
    rows.layouts().adopt_buckets(buckets, false);
  }
}

}  // namespace libmatch::detail
