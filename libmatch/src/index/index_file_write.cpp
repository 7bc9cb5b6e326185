#include <algorithm>
#include <cstring>
#include <vector>

#include "core/aligned_vector.h"
#include "core/file.h"
#include "core/progress.h"
#include "index/index_file.h"
#include "index/index_file_content.h"
#include "index/index_file_keypoints.h"
#include "index/index_file_layout.h"

namespace libmatch::detail {

namespace {

// A segment of digests on its way into the merged order.
struct merge_cursor {
  segment_view view;
  const segment *rows;
  std::size_t row = 0;

  // To the next row that is not removed; false at the end.
  bool settle() noexcept {
    while (row < view.size && view.is_removed(row)) {
      ++row;
    }
    return row < view.size;
  }
};

// By row, then by id.
bool comes_later(const merge_cursor &a, const merge_cursor &b) noexcept {
  const std::uint64_t *row_a = a.view.rows + a.row * a.view.words;
  const std::uint64_t *row_b = b.view.rows + b.row * b.view.words;
  const auto [difference_a, difference_b] = std::mismatch(row_a, row_a + a.view.words, row_b);
  if (difference_a == row_a + a.view.words) {
    return a.view.ids[a.row] > b.view.ids[b.row];
  }
  return *difference_a > *difference_b;
}

// Calls visit(segment, row) for every row that is not removed, sorted segments merged into one order.
template <typename Visit>
void for_each_live_merged(const index_table &table, const Visit &visit) {
  std::vector<merge_cursor> heap;
  for (const segment_entry &entry : table.segments) {
    if (merge_cursor cursor{entry.view(), entry.rows.get()}; cursor.settle()) {
      heap.push_back(cursor);
    }
  }
  std::make_heap(heap.begin(), heap.end(), comes_later);
  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end(), comes_later);
    merge_cursor &first = heap.back();
    visit(*first.rows, first.row);
    ++first.row;
    if (first.settle()) {
      std::push_heap(heap.begin(), heap.end(), comes_later);
    } else {
      heap.pop_back();
    }
  }
}

// The same in the order that the file has: digests sorted, codes as they were added.
template <typename Visit>
void for_each_live(const index_snapshot &snapshot, std::uint32_t table, const Visit &visit) {
  if (table != 0) {
    for_each_live_merged(snapshot.tables[table], visit);
    return;
  }
  for (const segment_entry &entry : snapshot.tables[table].segments) {
    const segment_view view = entry.view();
    for (std::size_t row = 0; row < view.size; ++row) {
      if (!view.is_removed(row)) {
        visit(*entry.rows, row);
      }
    }
  }
}

// The layouts of the codes, where they are those of the rows that are written: of one segment without removed rows.
// A file that is mapped may be damaged, and what is derived from it is not written with a checksum that says it is
// well: its layouts are made anew when they are wanted.
segment_view layouts_to_write(const index_table &codes) {
  if (codes.segments.size() != 1 || codes.segments[0].removed_count != 0 ||
      !codes.segments[0].rows->layouts().sound()) {
    return {};
  }
  return codes.segments[0].view();
}

template <typename Add>
void plan_layouts(const segment_view &rows, const Add &add) {
  if (rows.planes.planes != nullptr) {
    add(section_kind::planes, plane_layout::words(rows.size) * sizeof(std::uint64_t));
  }
  if (const bucket_layout *buckets = rows.buckets) {
    add(section_kind::bucket_shape, sizeof(bucket_shape));
    add(section_kind::bucket_starts, buckets->tables * buckets->starts_of_table() * sizeof(std::uint32_t));
    add(section_kind::bucket_rows, buckets->tables * buckets->rows_of_table() * sizeof(std::uint32_t));
    add(section_kind::bucket_words, buckets->tables * buckets->words_of_table() * sizeof(std::uint32_t));
  }
}

file_layout plan(const index_description &description, const index_snapshot &snapshot, const segment_view &layouts) {
  file_layout layout;
  layout.description = description;
  layout.description.library_version = LM_VERSION;
  layout.next_id = snapshot.next_id;
  for (std::uint32_t t = 0; t < snapshot.tables.size(); ++t) {
    const std::uint64_t count = snapshot.tables[t].live();
    if (count > max_table_rows) {
      fail(LM_ERROR_LIMIT, count, " entries in one table are more than the ", max_table_rows,
           " that a file can hold");
    }
    layout.counts[t] = count;
    if (count == 0) {
      continue;
    }
    std::uint64_t label_bytes = count;  // a zero byte each
    for_each_live(snapshot, t, [&](const segment &rows, std::size_t row) { label_bytes += rows.label(row).size(); });
    const auto add = [&](section_kind kind, std::uint64_t size) {
      layout.sections.push_back({kind, t, 0, size, {}});
    };
    add(section_kind::rows, count * snapshot.tables[t].words() * sizeof(std::uint64_t));
    add(section_kind::ids, count * sizeof(std::int64_t));
    if (label_bytes != count) {
      add(section_kind::label_offsets, (count + 1) * sizeof(std::uint64_t));
      add(section_kind::label_bytes, label_bytes);
    }
    if (t == 0) {
      plan_layouts(layouts, add);
    }
  }
  plan_keypoint_sections(snapshot.keypoints, layout);
  place_sections(layout);
  return layout;
}

class index_writer {
 public:
  index_writer(const std::string &path, const index_description &description, const index_snapshot &snapshot,
               const lm_progress *progress)
      : snapshot_(snapshot),
        layouts_(layouts_to_write(snapshot.tables[0])),
        layout_(plan(description, snapshot, layouts_)),
        source_name_("index to be written to " + path),
        meter_(progress, layout_.file_size()),
        file_(path) {
    encode_header(layout_);  // refuses what cannot be stored before anything is written
    buffer_.reserve(piece_bytes);
  }

  void write() {
    // Its place is kept; it is written last, when the checksums are known.
    const std::vector<std::uint8_t> blank(static_cast<std::size_t>(layout_.header_size()));
    file_.write(blank.data(), blank.size());
    end_ = blank.size();
    for (file_section &section : layout_.sections) {
      write_padding(section.offset);
      write_section(section);
      end_ = section.offset + section.size;
    }
    const std::vector<std::uint8_t> header = encode_header(layout_);
    file_.write_at(header.data(), header.size(), 0);
    meter_.add(header.size());
    file_.commit();
  }

 private:
  void write_section(file_section &section) {
    sum_ = std::make_unique<checksum_stream>();
    check_ = nullptr;
    written_ = 0;
    if (section.table == keypoint_table_number) {
      check_ = make_keypoint_check(source_name_, section, layout_);
      write_keypoint_section(snapshot_.keypoints, layout_, section.kind,
                             [&](const void *data, std::uint64_t size) { append_all(data, size); });
      end_section(section);
      return;
    }
    switch (section.kind) {
      case section_kind::rows:
        if (section.table != 0) {
          check_ = make_digest_rows_check(source_name_, section, snapshot_.tables[section.table].bits);
        }
        for_each_live(snapshot_, section.table, [&](const segment &rows, std::size_t row) {
          append(rows.row(row), rows.words() * sizeof(std::uint64_t));
        });
        break;
      case section_kind::ids:
        check_ = make_ids_check(source_name_, section, layout_.next_id);
        for_each_live(snapshot_, section.table, [&](const segment &rows, std::size_t row) {
          append(&rows.data().ids[row], sizeof(std::int64_t));
        });
        break;
      case section_kind::label_offsets: {
        std::uint64_t place = 0;
        append(&place, sizeof place);
        for_each_live(snapshot_, section.table, [&](const segment &rows, std::size_t row) {
          place += rows.label(row).size() + 1;
          append(&place, sizeof place);
        });
        break;
      }
      case section_kind::label_bytes:
        for_each_live(snapshot_, section.table, [&](const segment &rows, std::size_t row) {
          const std::string_view label = rows.label(row);
          append(label.data(), label.size() + 1);
        });
        break;
      case section_kind::planes:
        append_all(layouts_.planes.planes, section.size);
        break;
      case section_kind::bucket_shape: {
        const bucket_shape shape = shape_of(*layouts_.buckets);
        append(&shape, sizeof shape);
        break;
      }
      case section_kind::bucket_starts:
        append_all(layouts_.buckets->starts, section.size);
        break;
      case section_kind::bucket_rows:
        append_all(layouts_.buckets->rows, section.size);
        break;
      case section_kind::bucket_words:
        append_all(layouts_.buckets->words, section.size);
        break;
      default:
        break;  // no table of codes or digests has others
    }
    end_section(section);
  }

  void end_section(file_section &section) {
    flush();
    if (written_ != section.size) {
      fail_in_section(source_name_, section, 0, written_, " bytes where ", section.size,
                      " were planned: a mapped file was changed meanwhile");
    }
    section.sum = sum_->value();
  }

  // Rows, ids and offsets stay whole in each piece; a label longer than a piece is a piece of its own.
  void append(const void *data, std::size_t size) {
    if (buffer_.size() + size > piece_bytes) {
      flush();
    }
    const auto *bytes = static_cast<const std::uint8_t *>(data);
    buffer_.insert(buffer_.end(), bytes, bytes + size);
  }

  // An array of any size, piece by piece.
  void append_all(const void *data, std::uint64_t size) {
    const auto *bytes = static_cast<const std::uint8_t *>(data);
    for (std::uint64_t done = 0; done < size;) {
      const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(piece_bytes, size - done));
      append(bytes + done, piece);
      done += piece;
    }
  }

  void flush() {
    if (check_ != nullptr) {
      check_->feed(buffer_.data(), buffer_.size(), written_);
    }
    sum_->update(buffer_.data(), buffer_.size());
    file_.write(buffer_.data(), buffer_.size());
    written_ += buffer_.size();
    meter_.add(buffer_.size());
    buffer_.clear();
  }

  void write_padding(std::uint64_t next) {
    const std::vector<std::uint8_t> zeros(static_cast<std::size_t>(next - end_));
    file_.write(zeros.data(), zeros.size());
    meter_.add(zeros.size());
  }

  const index_snapshot &snapshot_;
  const segment_view layouts_;  // taken once: a search may make more of them meanwhile
  file_layout layout_;
  const std::string source_name_;
  progress_meter meter_;
  atomic_file file_;
  std::uint64_t end_ = 0;      // of what has been written, sections whole
  std::uint64_t written_ = 0;  // of the section
  std::unique_ptr<checksum_stream> sum_;
  std::unique_ptr<content_check> check_;  // a mapped file's damage must not get a valid checksum
  std::vector<std::uint8_t> buffer_;
};

}  // namespace

void write_index_file(const std::string &path, const index_description &description, const index_snapshot &snapshot,
                      const lm_progress *progress) {
  require_little_endian();
  index_writer(path, description, snapshot, progress).write();
}

}  // namespace libmatch::detail
