// What must hold of the content of each section, checked piece by piece so that a file larger than memory can be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "index/index_file_layout.h"

namespace libmatch::detail {

inline constexpr std::size_t piece_bytes = std::size_t{1} << 20;

// One section's check. It throws LM_ERROR_FORMAT, naming section and offset.
class content_check {
 public:
  virtual ~content_check() = default;
  // The next bytes, a whole number of units; `offset` is their place in the section.
  virtual void feed(const std::uint8_t *piece, std::size_t size, std::uint64_t offset) = 0;
  // After the last of them.
  virtual void finish() {}
};

// `path` and `section` outlive the checks and stand in their messages.

// Rows of digests: in order, and zero beyond `bits`. Rows of codes can be anything and get no check.
std::unique_ptr<content_check> make_digest_rows_check(const std::string &path, const file_section &section,
                                                      std::uint32_t bits);
// Not negative, and below next_id, except that INT64_MAX may be held: there is no id after it.
std::unique_ptr<content_check> make_ids_check(const std::string &path, const file_section &section,
                                              std::int64_t next_id);
// From 0, ever rising, up to the size of the labels.
std::unique_ptr<content_check> make_label_offsets_check(const std::string &path, const file_section &section,
                                                        std::uint64_t label_bytes);
// UTF-8, each label ending with the only zero byte that it has. `offsets` holds the label offsets, already checked,
// from offsets_begin on, and outlives the check.
std::unique_ptr<content_check> make_labels_check(const std::string &path, const file_section &section,
                                                 const byte_source &offsets, std::uint64_t offsets_begin,
                                                 std::uint64_t rows);

}  // namespace libmatch::detail
