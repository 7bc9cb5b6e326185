#include <algorithm>
#include <array>
#include <cstring>

#include "core/aligned_vector.h"
#include "core/progress.h"
#include "index/byte_source.h"
#include "index/index_file.h"
#include "index/index_file_content.h"
#include "index/index_file_derived.h"
#include "index/index_file_keypoints.h"
#include "index/index_file_layout.h"

namespace libmatch::detail {

namespace {

// A loaded table's memory.
struct table_storage {
  aligned_vector<std::uint64_t> rows;
  aligned_vector<std::int64_t> ids;
  aligned_vector<std::uint64_t> label_offsets;
  aligned_vector<char> label_bytes;
  aligned_vector<std::uint64_t> planes;
  aligned_vector<std::uint32_t> bucket_shape;
  aligned_vector<std::uint32_t> bucket_starts;
  aligned_vector<std::uint32_t> bucket_rows;
  aligned_vector<std::uint32_t> bucket_words;
};

struct keypoint_storage {
  aligned_vector<std::int64_t> ids;
  aligned_vector<std::uint32_t> starts;
  aligned_vector<stored_plane_size> planes;
  aligned_vector<keypoint> points;
  aligned_vector<std::uint64_t> codes;
  aligned_vector<std::uint8_t> signatures;
};

// Reads whole files: layout first, then section by section, verifying all of it.
class index_reader {
 public:
  index_reader(const byte_source &source, const lm_progress *progress, thread_pool *threads)
      : source_(source),
        layout_(read_layout(source)),
        empty_(empty_snapshot(layout_.description)),
        meter_(progress, source.size() + derived_bytes(layout_)),
        threads_(threads != nullptr ? *threads : own_thread_),
        end_(layout_.header_size()) {
    meter_.add(end_);
  }

  stored_index load() {
    stored_index result{layout_.description, empty_, source_.size()};
    result.snapshot.next_id = layout_.next_id;
    for (std::uint32_t t = 0; t < layout_.counts.size(); ++t) {
      if (layout_.counts[t] != 0) {
        result.snapshot.tables[t].segments.push_back({load_table(t), nullptr, 0});
      }
    }
    if (layout_.keypoints.references != 0) {
      result.snapshot.keypoints.segments.push_back({load_keypoints(), nullptr, nullptr, 0, 0});
    }
    return result;
  }

  void verify() {
    for (std::uint32_t t = 0; t < layout_.counts.size(); ++t) {
      if (layout_.counts[t] != 0) {
        verify_table(t);
      }
    }
    for (const section_kind kind : keypoint_sections) {
      if (const file_section *section = layout_.find(keypoint_table_number, kind)) {
        read_section(*section, make_keypoint_check(source_.name(), *section, layout_).get(), nullptr);
      }
    }
  }

  bool has_derived() const noexcept { return derived_bytes(layout_) != 0; }

  // After verify(), with the whole file in memory: what was derived from the rows is compared with them in an order
  // that pieces could not follow.
  void verify_derived(std::span<const std::uint8_t> bytes) {
    const file_layout layout = read_layout(memory_source(source_.name(), bytes));
    const stored_index mapped = map_index_bytes(source_.name(), bytes, nullptr);
    for (const segment_entry &entry : mapped.snapshot.tables[0].segments) {
      check_derived(source_.name(), layout, entry.view(), threads_, meter_);
    }
  }

 private:
  std::shared_ptr<const segment> load_table(std::uint32_t table) {
    const auto storage = std::make_shared<table_storage>();
    load_section(*layout_.find(table, section_kind::rows), rows_check(table), storage->rows);
    load_section(*layout_.find(table, section_kind::ids), ids_check(table), storage->ids);
    if (const file_section *labels = layout_.find(table, section_kind::label_bytes)) {
      const file_section &offsets = *layout_.find(table, section_kind::label_offsets);
      load_section(offsets, make_label_offsets_check(source_.name(), offsets, labels->size), storage->label_offsets);
      // What was checked is what is kept, even if the file changes meanwhile.
      const memory_source loaded(source_.name(),
                                 {reinterpret_cast<const std::uint8_t *>(storage->label_offsets.data()),
                                  static_cast<std::size_t>(offsets.size)});
      load_section(*labels, make_labels_check(source_.name(), *labels, loaded, 0, layout_.counts[table]),
                   storage->label_bytes);
    }
    const segment::arrays arrays{storage->rows, storage->ids, storage->label_offsets, storage->label_bytes};
    auto made = std::make_shared<const segment>(empty_.tables[table].words(), arrays, storage);
    if (table == 0) {
      load_layouts(*made, *storage);
    }
    return made;
  }

  void load_layouts(const segment &rows, table_storage &storage) {
    if (const file_section *planes = layout_.find(0, section_kind::planes)) {
      load_section(*planes, nullptr, storage.planes);
      rows.layouts().adopt_planes(storage.planes.data(), static_cast<std::size_t>(planes->size), true);
    }
    if (const file_section *shape = layout_.find(0, section_kind::bucket_shape)) {
      load_section(*shape, nullptr, storage.bucket_shape);
      load_section(*layout_.find(0, section_kind::bucket_starts), nullptr, storage.bucket_starts);
      load_section(*layout_.find(0, section_kind::bucket_rows), nullptr, storage.bucket_rows);
      load_section(*layout_.find(0, section_kind::bucket_words), nullptr, storage.bucket_words);
      bucket_layout buckets = read_bucket_shape(source_, layout_);
      buckets.starts = storage.bucket_starts.data();
      buckets.rows = storage.bucket_rows.data();
      buckets.words = storage.bucket_words.data();
      find_largest(buckets);
      rows.layouts().adopt_buckets(buckets, true);
    }
    check_derived(source_.name(), layout_, rows.view(), threads_, meter_);
  }

  std::shared_ptr<const keypoint_segment> load_keypoints() {
    const auto storage = std::make_shared<keypoint_storage>();
    aligned_vector<std::uint8_t> shape;
    load_keypoint_section(section_kind::ids, storage->ids);
    load_keypoint_section(section_kind::keypoint_shape, shape);
    load_keypoint_section(section_kind::keypoint_starts, storage->starts);
    load_keypoint_section(section_kind::plane_sizes, storage->planes);
    load_keypoint_section(section_kind::keypoints, storage->points);
    load_keypoint_section(section_kind::keypoint_codes, storage->codes);
    load_keypoint_section(section_kind::signatures, storage->signatures);
    const keypoint_segment::arrays arrays{storage->ids,    storage->starts, storage->planes,
                                          storage->points, storage->codes,  storage->signatures};
    return std::make_shared<const keypoint_segment>(layout_.keypoints.signature_bytes, arrays, storage);
  }

  template <typename Element>
  void load_keypoint_section(section_kind kind, aligned_vector<Element> &destination) {
    if (const file_section *section = layout_.find(keypoint_table_number, kind)) {
      load_section(*section, make_keypoint_check(source_.name(), *section, layout_), destination);
    }
  }

  void verify_table(std::uint32_t table) {
    const file_section &rows = *layout_.find(table, section_kind::rows);
    const file_section &ids = *layout_.find(table, section_kind::ids);
    read_section(rows, rows_check(table).get(), nullptr);
    read_section(ids, ids_check(table).get(), nullptr);
    if (const file_section *labels = layout_.find(table, section_kind::label_bytes)) {
      const file_section &offsets = *layout_.find(table, section_kind::label_offsets);
      read_section(offsets, make_label_offsets_check(source_.name(), offsets, labels->size).get(), nullptr);
      const auto check = make_labels_check(source_.name(), *labels, source_, offsets.offset, layout_.counts[table]);
      read_section(*labels, check.get(), nullptr);
    }
    for (const section_kind kind : {section_kind::planes, section_kind::bucket_shape, section_kind::bucket_starts,
                                    section_kind::bucket_rows, section_kind::bucket_words}) {
      if (const file_section *section = table == 0 ? layout_.find(table, kind) : nullptr) {
        read_section(*section, nullptr, nullptr);
      }
    }
  }

  std::unique_ptr<content_check> rows_check(std::uint32_t table) const {
    if (table == 0) {
      return nullptr;  // codes: any bits, in any order
    }
    return make_digest_rows_check(source_.name(), *layout_.find(table, section_kind::rows),
                                  empty_.tables[table].bits);
  }

  std::unique_ptr<content_check> ids_check(std::uint32_t table) const {
    return make_ids_check(source_.name(), *layout_.find(table, section_kind::ids), layout_.next_id);
  }

  template <typename Element>
  void load_section(const file_section &section, const std::unique_ptr<content_check> &check,
                    aligned_vector<Element> &destination) {
    destination.resize(static_cast<std::size_t>(section.size) / sizeof(Element));
    read_section(section, check.get(), reinterpret_cast<std::uint8_t *>(destination.data()));
  }

  // Passes a section through checksum and check. `destination` takes all of it; null: nothing is kept.
  void read_section(const file_section &section, content_check *check, std::uint8_t *destination) {
    check_padding(section.offset);
    // Digest rows of 16, 24 and 32 bytes and everything smaller come whole in each piece.
    constexpr std::size_t step = piece_bytes / 96 * 96;
    if (destination == nullptr) {
      buffer_.resize(step);
    }
    checksum_stream sum;
    for (std::uint64_t done = 0; done < section.size;) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(step, section.size - done));
      std::uint8_t *piece = destination != nullptr ? destination + done : buffer_.data();
      source_.read(piece, size, section.offset + done);
      sum.update(piece, size);
      if (check != nullptr) {
        check->feed(piece, size, done);
      }
      done += size;
      meter_.add(size);
    }
    if (!(sum.value() == section.sum)) {
      fail_in_section(source_.name(), section, 0, "its ", section.size, " bytes are not those that were written");
    }
    if (check != nullptr) {
      check->finish();
    }
    end_ = section.offset + section.size;
  }

  // Between the end of what was read last and the next section, less than section_alignment bytes.
  void check_padding(std::uint64_t next) {
    std::array<std::uint8_t, section_alignment> padding;
    const auto size = static_cast<std::size_t>(next - end_);
    source_.read(padding.data(), size, end_);
    for (std::size_t i = 0; i < size; ++i) {
      if (padding[i] != 0) {
        fail(LM_ERROR_FORMAT, source_.name(), ": section padding, offset ", end_ + i, ": not zero");
      }
    }
    meter_.add(size);
  }

  const byte_source &source_;
  const file_layout layout_;
  const index_snapshot empty_;
  progress_meter meter_;
  thread_pool own_thread_{1};
  thread_pool &threads_;
  std::uint64_t end_;  // of what has been read
  std::vector<std::uint8_t> buffer_;
};

template <typename Element>
std::span<const Element> mapped_section(std::span<const std::uint8_t> bytes, const file_section *section) {
  if (section == nullptr) {
    return {};
  }
  return {reinterpret_cast<const Element *>(bytes.data() + section->offset),
          static_cast<std::size_t>(section->size) / sizeof(Element)};
}

}  // namespace

stored_index load_index_file(const std::string &path, const lm_progress *progress, thread_pool *threads) {
  const file_source source(path);
  return index_reader(source, progress, threads).load();
}

void verify_index_file(const std::string &path, const lm_progress *progress) {
  const file_source source(path);
  index_reader reader(source, progress, nullptr);
  reader.verify();
  if (reader.has_derived()) {
    const mapped_file mapped(path);
    reader.verify_derived(mapped.bytes());
  }
}

stored_index map_index_file(const std::string &path) {
  const auto file = std::make_shared<const mapped_file>(path);
  return map_index_bytes(path, file->bytes(), file);
}

stored_index load_index_bytes(const std::string &name, std::span<const std::uint8_t> bytes,
                              const lm_progress *progress) {
  const memory_source source(name, bytes);
  return index_reader(source, progress, nullptr).load();
}

void verify_index_bytes(const std::string &name, std::span<const std::uint8_t> bytes, const lm_progress *progress) {
  const memory_source source(name, bytes);
  index_reader reader(source, progress, nullptr);
  reader.verify();
  if (reader.has_derived()) {
    const aligned_vector<std::uint8_t> aligned(bytes.begin(), bytes.end());
    reader.verify_derived(aligned);
  }
}

stored_index map_index_bytes(const std::string &name, std::span<const std::uint8_t> bytes,
                             const std::shared_ptr<const void> &storage) {
  const file_layout layout = read_layout(memory_source(name, bytes));
  stored_index result{layout.description, empty_snapshot(layout.description), bytes.size()};
  result.snapshot.next_id = layout.next_id;
  for (std::uint32_t t = 0; t < layout.counts.size(); ++t) {
    if (layout.counts[t] == 0) {
      continue;
    }
    const segment::arrays arrays{mapped_section<std::uint64_t>(bytes, layout.find(t, section_kind::rows)),
                                 mapped_section<std::int64_t>(bytes, layout.find(t, section_kind::ids)),
                                 mapped_section<std::uint64_t>(bytes, layout.find(t, section_kind::label_offsets)),
                                 mapped_section<char>(bytes, layout.find(t, section_kind::label_bytes))};
    index_table &table = result.snapshot.tables[t];
    auto made = std::make_shared<const segment>(table.words(), arrays, storage);
    if (t == 0) {
      map_derived(bytes, name, layout, *made);
    }
    table.segments.push_back({std::move(made), nullptr, 0});
  }
  if (auto keypoints = map_keypoints(bytes, layout, storage)) {
    result.snapshot.keypoints.segments.push_back({std::move(keypoints), nullptr, nullptr, 0, 0});
  }
  return result;
}

}  // namespace libmatch::detail
