// What the tests and the fuzzer of index files share: the content of a snapshot as plain values, and files whose
// checksums are made right again after damage. Field offsets are those of docs/format.md, written out once more so
// that the tests do not stand on the code that they test.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <random>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "core/checksum.h"
#include "core/error.h"
#include "index/index.h"
#include "index/index_file.h"
#include "search/keypoint_search.h"
#include "support/files.h"
#include "support/keypoint_sets.h"

namespace libmatch::test {

struct entry {
  std::vector<std::uint64_t> row;
  std::int64_t id;
  std::string label;

  friend bool operator==(const entry &a, const entry &b) {
    return std::tie(a.row, a.id, a.label) == std::tie(b.row, b.id, b.label);
  }
};

// The live entries of each table, in their order.
using content = std::array<std::vector<entry>, 4>;

inline content content_of(const libmatch::detail::index_snapshot &snapshot) {
  content all;
  for (std::size_t t = 0; t < all.size(); ++t) {
    for (const libmatch::detail::segment_entry &part : snapshot.tables[t].segments) {
      for (std::size_t r = 0; r < part.rows->size(); ++r) {
        if (!part.view().is_removed(r)) {
          const std::uint64_t *row = part.rows->row(r);
          all[t].push_back(
              {{row, row + part.rows->words()}, part.rows->data().ids[r], std::string(part.rows->label(r))});
        }
      }
    }
  }
  return all;
}

// Searches the keypoints of a snapshot, every code and by tables, for the first codes of each segment.
inline void search_every_way(const libmatch::detail::index_snapshot &snapshot) {
  using namespace libmatch::detail;
  thread_pool threads(1);
  progress_meter progress(nullptr, 0);
  for (const keypoint_entry &part : snapshot.keypoints.segments) {
    part.references->tables().make(part.references->view(), threads);
    const keypoint_codes codes = part.view();
    const std::array<std::uint32_t, 2> starts{0, static_cast<std::uint32_t>(std::min<std::size_t>(codes.size, 20))};
    for (const keypoint_method method : {keypoint_method::automatic, keypoint_method::exact}) {
      keypoint_search_options options;
      options.least_points = 1;
      options.method = method;
      search_keypoints({&codes, 1}, {codes.rows, starts}, options,
                       {scalar_kernels, instruction_set::scalar, threads, progress});
    }
  }
}

// Reads every byte of a snapshot that nobody has verified, and looks digests up in it. Returns how many labels are
// damaged.
inline std::size_t touch_everything(const libmatch::detail::index_snapshot &snapshot) {
  std::size_t damaged = 0;
  volatile std::uint64_t sink = 0;
  for (const libmatch::detail::index_table &table : snapshot.tables) {
    for (const libmatch::detail::segment_entry &part : table.segments) {
      for (std::size_t r = 0; r < part.rows->size(); ++r) {
        for (std::uint32_t w = 0; w < part.rows->words(); ++w) {
          sink = sink ^ part.rows->row(r)[w];
        }
        sink = sink ^ static_cast<std::uint64_t>(part.rows->data().ids[r]);
        sink = sink ^ libmatch::detail::find_equal(table, part.rows->row(r)).size();
        try {
          for (const char c : part.rows->label(r)) {
            sink = sink ^ static_cast<std::uint8_t>(c);
          }
        } catch (const libmatch::detail::error &) {
          ++damaged;
        }
      }
    }
  }
  search_every_way(snapshot);
  for (const held_keypoints &reference : keypoints_of(snapshot)) {
    sink = sink ^ reference.points.size() ^ reference.signature.size();
  }
  return damaged;
}

template <typename Integer>
Integer get(const bytes &file, std::size_t offset) {
  Integer value{};
  std::memcpy(&value, file.data() + offset, sizeof value);
  return value;
}

template <typename Integer>
void put(bytes &file, std::size_t offset, Integer value) {
  std::memcpy(file.data() + offset, &value, sizeof value);
}

inline void put_checksum(bytes &file, std::size_t offset, const libmatch::detail::checksum_stream &sum) {
  put(file, offset, sum.value().low);
  put(file, offset + 8, sum.value().high);
}

// Makes every checksum right, wherever header and section table still make sense.
inline void repair_checksums(bytes &file) {
  if (file.size() < 104) {
    return;
  }
  const std::uint64_t size = file.size();
  const std::uint64_t header_size = std::min<std::uint64_t>(get<std::uint32_t>(file, 24), size);
  const std::uint64_t sections = std::min<std::uint64_t>(get<std::uint32_t>(file, 28), 28);
  for (std::uint64_t i = 0; i < sections && 104 + (i + 1) * 40 <= size; ++i) {
    const std::size_t at = 104 + i * 40;
    const auto offset = get<std::uint64_t>(file, at + 8);
    const auto length = get<std::uint64_t>(file, at + 16);
    if (offset <= size && length <= size - offset) {
      libmatch::detail::checksum_stream sum;
      sum.update(file.data() + offset, length);
      put_checksum(file, at + 24, sum);
    }
  }
  if (header_size >= 48) {
    libmatch::detail::checksum_stream sum;
    sum.update(file.data(), 32);
    sum.update(file.data() + 48, header_size - 48);
    put_checksum(file, 32, sum);
  }
}

// Entries with reproducible codes: table 0 to 3, ids from first_id on, labels for every row r with r % 3 != 2.
struct generated_entries {
  generated_entries(std::uint64_t seed, std::size_t table_number, std::uint32_t bits, std::size_t size,
                    std::int64_t first_id, bool with_labels)
      : codes(size * bits / 8), table(table_number) {
    std::mt19937_64 random(seed);
    for (std::uint8_t &byte : codes) {
      byte = static_cast<std::uint8_t>(random());
    }
    for (std::size_t r = 0; r < size; ++r) {
      ids.push_back(first_id + static_cast<std::int64_t>(r));
      texts.push_back("table " + std::to_string(table) + ", entry " + std::to_string(ids.back()) +
                      " \xC3\xA9\xE2\x82\xAC");
    }
    for (std::size_t r = 0; r < size && with_labels; ++r) {
      labels.push_back(r % 3 != 2 ? texts[r].c_str() : nullptr);
    }
  }

  libmatch::detail::new_entries view() const {
    return {table, ids.size(), codes.data(), ids.data(), labels.empty() ? nullptr : labels.data()};
  }

  bytes codes;
  std::size_t table;
  std::vector<std::int64_t> ids;
  std::vector<std::string> texts;
  std::vector<const char *> labels;
};

inline void add(libmatch::detail::code_index &index, const generated_entries &entries) {
  const std::array groups{entries.view()};
  index.add(groups);
}

// Files of every shape: empty; codes alone; labels; digests; several tables; rows removed; vectors that end within a
// word; keypoints beside codes, and alone and without signatures.
inline std::vector<bytes> index_files_of_every_shape() {
  const temporary_folder folder;
  const std::array<std::uint32_t, 4> digest_bits{0, 128, 160, 256};
  std::vector<bytes> files;
  for (std::uint64_t shape = 0; shape < 9; ++shape) {
    const std::uint32_t bits = shape == 1 ? 64 : shape == 3 ? 2048 : shape == 6 ? 144 : 256;
    const lm_hash hash = shape == 6 ? LM_HASH_VECTOR8 : bits == 256 ? LM_HASH_PDQ256 : LM_HASH_CODE;
    libmatch::detail::code_index index({hash, bits, shape % 2 == 0 ? "profile" : "", LM_VERSION});
    if (shape != 0 && shape != 4 && shape != 8) {
      add(index, generated_entries(shape, 0, bits, 20 + shape * 40, 0, shape >= 2));
    }
    for (std::size_t t = 1; t < 4 && shape >= 3 && shape < 7; ++t) {
      add(index, generated_entries(10 * shape + t, t, digest_bits[t], 50, 1000, shape != 4));
      add(index, generated_entries(20 * shape + t, t, digest_bits[t], 20, 2000, shape != 4));
    }
    if (shape == 5) {
      index.remove(std::array<std::int64_t, 4>{1, 17, 1001, 2002});
    }
    if (shape >= 7) {
      const std::vector<libmatch::detail::keypoint_set> sets =
          random_keypoint_sets(12, 20, shape == 7 ? 40 : 0, shape);
      index.add_keypoints(std::array<std::int64_t, 12>{1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 11, 12}, sets);
      index.remove(std::array<std::int64_t, 2>{2, 9});
    }
    const std::string path = folder / "original";
    libmatch::detail::write_index_file(path, index.description(), *index.snapshot(), nullptr);
    files.push_back(read_bytes(path));
  }
  return files;
}

}  // namespace libmatch::test
