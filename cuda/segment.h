// Segments on the device: uploaded when a search first meets them, kept until they are forgotten or the memory is
// needed for others. A list grows by segments of its own, so none is ever reallocated; removing rows changes bits
// that lie beside the rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "backend_table.h"
#include "device.h"
#include "search_views.h"

namespace libmatch::cuda {

// What kernels are given.
struct segment_arrays {
  const std::uint32_t *rows = nullptr;  // size x width_words, as the host has them
  // Word w of row r is at plane[w x plane_stride + r], w < plane_words: bits first in a code decide about nearly all.
  const std::uint32_t *plane = nullptr;
  const std::int64_t *ids = nullptr;       // null until they are asked for
  const std::uint32_t *removed = nullptr;  // bit r & 31 of word r >> 5; null: none is
  std::uint64_t plane_stride = 0;          // rows, a multiple of rows_of_alignment
  std::uint32_t size = 0;                  // rows
  std::uint32_t width_words = 0;           // 32-bit words of a row
  std::uint32_t plane_words = 0;           // at most 3
  keypoint_table_part keypoint_tables{};   // arrays are null until they are asked for
  bucket_part buckets{};                   // likewise, and where there was no room for them
};

// Arrays end with zeros up to a multiple of so many rows, so that tiles may be read whole.
inline constexpr std::uint64_t rows_of_alignment = 1024;

// Tables of multi-index hashing: not wanted; used where they are, and made once as many queries have asked for them
// as pay for it; made and used; made though they are uneven or take much memory.
enum class bucket_need : std::uint8_t { none, by_use, build, build_anyway };

// What of a segment an operation wants on the device.
struct segment_needs {
  bool plane = false;
  bool ids = false;
  bool keypoint_tables = false;  // those of the table_segment
  bucket_need buckets = bucket_need::none;
  std::uint64_t queries = 0;  // that ask for buckets
};

class resident_segment;
class removed_bits;

// Keeps what a call uses on the device while the call lasts.
class segment_use {
 public:
  const segment_arrays &arrays() const noexcept { return arrays_; }

 private:
  friend class segment_store;
  std::shared_ptr<resident_segment> rows_;
  std::shared_ptr<removed_bits> removed_;
  segment_arrays arrays_;
};

// All segments of a device. Used by any number of threads at once.
class segment_store {
 public:
  segment_store();
  ~segment_store();

  // Uploads what is not there yet; waits for another call that uploads the same.
  segment_use use(device_call &call, const table_segment &segment, const segment_needs &needs);
  std::vector<segment_use> use_all(device_call &call, const search_request &request, const segment_needs &needs);

  void forget(std::uint64_t identity);
  // Drops what no call uses, the longest unused first, until so many bytes are free; returns whether any was dropped.
  bool make_room(std::size_t bytes);

  std::size_t bytes() const;

 private:
  std::shared_ptr<resident_segment> find_or_add(const table_segment &segment);

  mutable std::mutex mutex_;
  std::list<std::shared_ptr<resident_segment>> segments_;  // the last used first
};

}  // namespace libmatch::cuda
