#include "store/segment_file.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <vector>

#include "core/error.h"
#include "core/hashes.h"
#include "search/buckets.h"
#include "search/planes.h"

namespace libmatch::detail {

namespace {

enum class section : std::uint32_t {
  rows = 1,
  ids,
  label_offsets,
  labels,
  lists,
  times,
  list_id_offsets,
  list_ids,
  reason_offsets,
  reasons,
  keys,
  key_rows,
  planes,
  bucket_shape,
  bucket_starts,
  bucket_rows,
  bucket_words
};
constexpr std::size_t n_sections = 17;

// The body's first page.
struct section_place {
  std::uint64_t offset;  // in the body
  std::uint64_t bytes;   // 0: the segment has no such section
};
struct directory {
  std::uint32_t hash;
  std::uint32_t bits;
  std::uint64_t rows;
  std::array<section_place, n_sections> sections;
};
static_assert(sizeof(directory) <= page_bytes);

std::uint64_t next_page(std::uint64_t offset) { return (offset + page_bytes - 1) / page_bytes * page_bytes; }

struct stored_section {
  const void *data = nullptr;
  std::size_t bytes = 0;
};

template <typename Element>
stored_section bytes_of(std::span<const Element> elements) {
  return {elements.data(), elements.size_bytes()};
}

using stored_sections = std::array<stored_section, n_sections>;

// `shape` outlives what is returned.
stored_sections sections_of(const store_segment &segment, bucket_shape &shape) {
  stored_sections sections;
  const auto put = [&](section kind, stored_section bytes) { sections[static_cast<std::size_t>(kind) - 1] = bytes; };
  const segment::arrays &data = segment.entry.rows->data();
  const entry_records &records = *segment.records;
  put(section::rows, bytes_of(data.rows));
  put(section::ids, bytes_of(data.ids));
  put(section::label_offsets, bytes_of(data.label_offsets));
  put(section::labels, bytes_of(data.label_bytes));
  put(section::lists, bytes_of(records.lists));
  put(section::times, bytes_of(records.times));
  put(section::list_id_offsets, bytes_of(records.list_ids.offsets));
  put(section::list_ids, bytes_of(records.list_ids.bytes));
  put(section::reason_offsets, bytes_of(records.reasons.offsets));
  put(section::reasons, bytes_of(records.reasons.bytes));
  put(section::keys, bytes_of(records.keys));
  put(section::key_rows, bytes_of(records.key_rows));
  const segment_view view = segment.entry.rows->view();
  if (view.planes.planes != nullptr) {
    put(section::planes, {view.planes.planes, plane_layout::words(view.size) * sizeof(std::uint64_t)});
  }
  if (const bucket_layout *buckets = view.buckets) {
    shape = shape_of(*buckets);
    put(section::bucket_shape, {&shape, sizeof shape});
    put(section::bucket_starts,
        {buckets->starts, buckets->tables * buckets->starts_of_table() * sizeof(std::uint32_t)});
    put(section::bucket_rows, {buckets->rows, buckets->tables * buckets->rows_of_table() * sizeof(std::uint32_t)});
    put(section::bucket_words, {buckets->words, buckets->tables * buckets->words_of_table() * sizeof(std::uint32_t)});
  }
  return sections;
}

// Reads the arrays of a segment out of a body, checking every size before it is believed.
class body_reader {
 public:
  body_reader(const std::string &name, const held_bytes &body, const expected_segment &expected)
      : name_(name), body_(body), expected_(expected) {
    if (body.bytes.size() < page_bytes) {
      refuse(0, "cut short within the first page");
    }
    std::memcpy(&directory_, body.bytes.data(), sizeof directory_);
    if (directory_.hash != static_cast<std::uint32_t>(expected.hash) || directory_.bits != expected.bits ||
        directory_.rows != expected.rows) {
      refuse(0, "kind or number of entries is not what the manifest says");
    }
    check_places();
  }

  store_segment read() const {
    const auto n = static_cast<std::size_t>(expected_.rows);
    const std::uint32_t words = (expected_.bits + 63) / 64;
    segment::arrays data;
    data.rows = array<std::uint64_t>(section::rows, n * words);
    data.ids = array<std::int64_t>(section::ids, n);
    if (has(section::label_offsets)) {
      data.label_offsets = array<std::uint64_t>(section::label_offsets, n + 1);
      data.label_bytes = texts(section::labels);
    }
    entry_records records;
    records.lists = array<std::uint32_t>(section::lists, n);
    records.times = array<std::uint32_t>(section::times, n);
    records.list_ids = column(section::list_id_offsets, section::list_ids);
    records.reasons = column(section::reason_offsets, section::reasons);
    records.keys = array<std::uint64_t>(section::keys, n);
    records.key_rows = array<std::uint32_t>(section::key_rows, n);
    records.storage = body_.storage;
    records.mapped = body_.is_mapped ? body_.bytes : std::span<const std::uint8_t>();
    store_segment made;
    made.entry.rows = std::make_shared<const segment>(words, data, body_.storage);
    made.records = std::make_shared<const entry_records>(std::move(records));
    made.file = expected_.number;
    adopt_layouts(*made.entry.rows);
    return made;
  }

 private:
  [[noreturn]] void refuse(std::uint64_t offset, const char *what) const {
    fail(LM_ERROR_FORMAT, name_, ": body, offset ", offset, ": ", what);
  }

  const section_place &place(section kind) const { return directory_.sections[static_cast<std::size_t>(kind) - 1]; }
  bool has(section kind) const { return place(kind).bytes != 0; }

  // One behind the other, each on its own page, up to the end of the body.
  void check_places() const {
    std::uint64_t end = page_bytes;
    for (const section_place &place : directory_.sections) {
      if (place.bytes == 0) {
        continue;
      }
      if (place.offset != next_page(end) || place.offset > body_.bytes.size() ||
          place.bytes > body_.bytes.size() - place.offset) {
        refuse(offset_of(place), "a section lies where none can be");
      }
      end = place.offset + place.bytes;
    }
    if (end != body_.bytes.size()) {
      refuse(end, "more bytes than the sections have");
    }
  }

  std::uint64_t offset_of(const section_place &place) const {
    return static_cast<std::uint64_t>(reinterpret_cast<const char *>(&place) -
                                      reinterpret_cast<const char *>(&directory_));
  }

  template <typename Element>
  std::span<const Element> array(section kind, std::size_t size) const {
    const section_place &at = place(kind);
    if (at.bytes != size * sizeof(Element)) {
      refuse(offset_of(at), "a section has another size than its entries take");
    }
    return {reinterpret_cast<const Element *>(body_.bytes.data() + at.offset), size};
  }

  std::span<const char> texts(section kind) const {
    const section_place &at = place(kind);
    return {reinterpret_cast<const char *>(body_.bytes.data() + at.offset), static_cast<std::size_t>(at.bytes)};
  }

  text_column column(section offsets, section bytes) const {
    if (!has(offsets)) {
      return {};
    }
    return {array<std::uint32_t>(offsets, static_cast<std::size_t>(expected_.rows) + 1), texts(bytes)};
  }

  void adopt_layouts(const segment &rows) const {
    const std::size_t n = rows.size();
    if (has(section::planes)) {
      const std::span<const std::uint64_t> planes = array<std::uint64_t>(section::planes, plane_layout::words(n));
      rows.layouts().adopt_planes(planes.data(), planes.size_bytes(), false);
    }
    if (!has(section::bucket_shape)) {
      return;
    }
    bucket_shape shape{};
    std::memcpy(&shape, array<bucket_shape>(section::bucket_shape, 1).data(), sizeof shape);
    if (!is_possible(shape, expected_.bits)) {
      refuse(place(section::bucket_shape).offset, "no shape of buckets for codes of this width");
    }
    bucket_layout buckets = layout_of(shape, n);
    buckets.starts = array<std::uint32_t>(section::bucket_starts, shape.tables * buckets.starts_of_table()).data();
    buckets.rows = array<std::uint32_t>(section::bucket_rows, shape.tables * buckets.rows_of_table()).data();
    buckets.words = array<std::uint32_t>(section::bucket_words, shape.tables * buckets.words_of_table()).data();
    find_largest(buckets);
    rows.layouts().adopt_buckets(buckets, false);
  }

  const std::string &name_;
  const held_bytes &body_;
  const expected_segment &expected_;
  directory directory_{};
};

void check_number(const block_file &file, const std::string &path, const expected_segment &expected) {
  if (file.header().number != expected.number) {
    fail(LM_ERROR_FORMAT, path, ": header, offset 24: the file is number ", file.header().number);
  }
}

void check_column(const std::string &name, const char *what, const text_column &column) {
  if (column.offsets.empty()) {
    return;
  }
  if (column.offsets.front() != 0 || column.offsets.back() != column.bytes.size() ||
      !std::is_sorted(column.offsets.begin(), column.offsets.end())) {
    fail(LM_ERROR_FORMAT, name, ": the offsets of the ", what, " are not in order");
  }
}

void check_keys(const std::string &name, const store_segment &segment, const expected_segment &expected) {
  const entry_records &records = *segment.records;
  const auto words = segment.entry.rows->words();
  std::vector<bool> seen(records.keys.size());
  for (std::size_t i = 0; i < records.keys.size(); ++i) {
    const std::uint32_t row = records.key_rows[i];
    const bool in_order = i == 0 || records.keys[i - 1] <= records.keys[i];
    if (row >= seen.size() || seen[row] || !in_order ||
        key_of(expected.hash, words, entry_at(segment, row)) != records.keys[i]) {
      fail(LM_ERROR_FORMAT, name, ": key ", i, " is not that of its row, or out of order");
    }
    seen[row] = true;
  }
}

void check_layouts(const std::string &name, const segment_view &view) {
  if (view.planes.planes != nullptr) {
    const std::size_t tile = find_wrong_planes(view.planes.planes, view.rows, view.size, view.words);
    if (tile * plane_layout::tile_rows < view.size) {
      fail(LM_ERROR_FORMAT, name, ": planes: tile ", tile, " does not hold the bits of its rows");
    }
  }
  if (view.buckets != nullptr) {
    for (std::uint32_t t = 0; t < view.buckets->tables; ++t) {
      const bucket_fault fault = find_bucket_fault(*view.buckets, view.rows, view.words, t);
      if (fault.where != bucket_fault::array::none) {
        fail(LM_ERROR_FORMAT, name, ": buckets: place ", fault.place, " is ", fault.what);
      }
    }
  }
}

}  // namespace

void write_segment_file(file_system &files, const std::string &path, std::uint64_t number,
                        const store_identity &identity, lm_hash hash, std::uint32_t bits,
                        const store_segment &segment) {
  block_file_writer writer(files, path, file_type::segment, number, identity);
  bucket_shape shape{};
  const stored_sections sections = sections_of(segment, shape);
  directory index{};
  index.hash = static_cast<std::uint32_t>(hash);
  index.bits = bits;
  index.rows = segment.entry.rows->size();
  std::uint64_t end = page_bytes;
  for (std::size_t i = 0; i < n_sections; ++i) {
    if (sections[i].bytes != 0) {
      index.sections[i] = {next_page(end), sections[i].bytes};
      end = next_page(end) + sections[i].bytes;
    }
  }
  writer.write(&index, sizeof index);
  for (const stored_section &part : sections) {
    if (part.bytes != 0) {
      writer.pad_to(page_bytes);
      writer.write(part.data, part.bytes);
    }
  }
  writer.finish();
}

store_segment segment_in(const std::string &name, const held_bytes &body, const expected_segment &expected) {
  return body_reader(name, body, expected).read();
}

store_segment open_segment_file(const file_system &files, const std::string &path, const store_identity &identity,
                                const expected_segment &expected, thread_pool *threads) {
  const block_file file(files, path, file_type::segment, identity);
  check_number(file, path, expected);
  if (!file.header().encrypted) {
    file.verify_blocks(0, 1);
  }
  return segment_in(path, file.body(true, threads), expected);
}

store_segment read_segment_file(const file_system &files, const std::string &path, const store_identity &identity,
                                const expected_segment &expected, const std::atomic<bool> *stop) {
  const block_file file(files, path, file_type::segment, identity);
  check_number(file, path, expected);
  return segment_in(path, file.body(false, nullptr, stop), expected);
}

void check_segment(const std::string &name, const store_segment &segment, const expected_segment &expected) {
  const segment::arrays &data = segment.entry.rows->data();
  for (std::size_t r = 0; r < data.ids.size(); ++r) {
    if (data.ids[r] < 0) {
      fail(LM_ERROR_FORMAT, name, ": id ", data.ids[r], " of row ", r, " is negative");
    }
    segment.entry.rows->label(r);
  }
  const hash_description *kind = describe(expected.hash);
  if (kind != nullptr && kind->is_digest) {
    const std::uint32_t words = segment.entry.rows->words();
    for (std::size_t r = 1; r < data.ids.size(); ++r) {
      const std::uint64_t *row = segment.entry.rows->row(r);
      if (std::lexicographical_compare(row, row + words, row - words, row)) {
        fail(LM_ERROR_FORMAT, name, ": row ", r, " is out of order");
      }
    }
  }
  check_column(name, "list's own ids", segment.records->list_ids);
  check_column(name, "reasons", segment.records->reasons);
  check_keys(name, segment, expected);
  check_layouts(name, segment.entry.view());
}

store_segment verify_segment_file(const block_file &file, const std::string &path, const expected_segment &expected,
                                  progress_meter &meter) {
  check_number(file, path, expected);
  file.verify(&meter);
  store_segment segment = segment_in(path, file.body(true, nullptr), expected);
  check_segment(path, segment, expected);
  return segment;
}

}  // namespace libmatch::detail
