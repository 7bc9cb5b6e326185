#include "index/index_file_derived.h"

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

void check_buckets(const std::string &path, const file_layout &layout, const segment_view &rows) {
  const bucket_fault fault = find_bucket_fault(*rows.buckets, rows.rows, rows.words);
  if (fault.where == bucket_fault::array::none) {
    return;
  }
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

void check_derived(const std::string &path, const file_layout &layout, const segment_view &rows) {
  if (rows.planes.planes != nullptr) {
    check_planes(path, layout, rows);
  }
  if (rows.buckets != nullptr) {
    check_buckets(path, layout, rows);
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
