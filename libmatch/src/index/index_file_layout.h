// Header and section table of an index file: what stands where. docs/format.md has it byte by byte.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "core/checksum.h"
#include "core/error.h"
#include "index/byte_source.h"
#include "index/index.h"

namespace libmatch::detail {

enum class section_kind : std::uint32_t {
  rows = 1,
  ids = 2,
  label_offsets = 3,
  label_bytes = 4,
  // Derived from the rows of the codes:
  planes = 5,
  bucket_shape = 6,
  bucket_starts = 7,
  bucket_rows = 8,
  bucket_words = 9,
  // Of the references with keypoints, whose table is keypoint_table_number:
  keypoint_shape = 10,
  keypoint_starts = 11,
  plane_sizes = 12,
  keypoints = 13,
  keypoint_codes = 14,
  signatures = 15
};

inline constexpr std::uint32_t keypoint_table_number = 4;
// Those of the keypoints, in their order.
inline constexpr std::array keypoint_sections{
    section_kind::ids,       section_kind::keypoint_shape, section_kind::keypoint_starts, section_kind::plane_sizes,
    section_kind::keypoints, section_kind::keypoint_codes, section_kind::signatures};

struct file_section {
  section_kind kind{};
  std::uint32_t table = 0;   // place in index_snapshot::tables
  std::uint64_t offset = 0;  // in the file, a multiple of section_alignment
  std::uint64_t size = 0;    // bytes, never 0
  checksum sum;              // of these bytes
};

inline constexpr std::uint64_t section_alignment = 4096;
inline constexpr std::uint64_t max_table_rows = 0xFFFFFFFF;  // a row's place is held in 32 bits

// The section that says how much the others of the keypoints hold.
struct stored_keypoint_shape {
  std::uint64_t references = 0;
  std::uint64_t points = 0;  // of all references
  std::uint32_t signature_bytes = 0;
  std::uint32_t extraction = 0;  // what made them
};
static_assert(sizeof(stored_keypoint_shape) == 24);

// Places of points and rows of tables have 32 bits, and so has the place behind the last.
inline constexpr std::uint64_t max_file_points = 0xFFFFFFFE;

// Bytes of a section of the keypoints; 0: there is none.
std::uint64_t keypoint_section_bytes(const stored_keypoint_shape &shape, section_kind kind) noexcept;

struct file_layout {
  index_description description;
  std::int64_t next_id = 0;
  std::array<std::uint64_t, 4> counts{};  // rows of each table
  stored_keypoint_shape keypoints;        // no references: none are held
  std::vector<file_section> sections;     // as they lie in the file: by table, then by kind

  std::uint64_t header_size() const noexcept;  // with profile and section table
  std::uint64_t file_size() const noexcept;
  // Null when the table has none of the kind.
  const file_section *find(std::uint32_t table, section_kind kind) const noexcept;
};

// Puts the sections, whose kinds, tables and sizes are known, one behind the other.
void place_sections(file_layout &layout) noexcept;
// Bytes 0 to header_size(). LM_ERROR_INVALID_ARGUMENT when the description cannot be stored.
std::vector<std::uint8_t> encode_header(const file_layout &layout);
// Reads header and section table and verifies that every size and offset fits the file. LM_ERROR_FORMAT.
file_layout read_layout(const byte_source &source);
// LM_ERROR_UNSUPPORTED on a machine whose words are not those of the file.
void require_little_endian();

// Reads the shape of the buckets and verifies that the sections behind it are of its sizes. The arrays are not set;
// tables is 0 when the file has none.
bucket_layout read_bucket_shape(const byte_source &source, const file_layout &layout);

// "ids of md5"
std::string section_name(section_kind kind, std::uint32_t table);

template <typename... Parts>
[[noreturn]] void fail_in_section(const std::string &path, const file_section &section,
                                  std::uint64_t offset_in_section, const Parts &...parts) {
  fail(LM_ERROR_FORMAT, path, ": section ", section_name(section.kind, section.table), ", offset ",
       section.offset + offset_in_section, ": ", parts...);
}

// Fields are little-endian, and so is the machine (require_little_endian).
template <typename Integer>
Integer load_integer(const std::uint8_t *source) noexcept {
  Integer value;
  std::memcpy(&value, source, sizeof value);
  return value;
}

}  // namespace libmatch::detail
