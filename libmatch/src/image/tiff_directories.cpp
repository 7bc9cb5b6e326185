#include "image/tiff_directories.h"

#include <algorithm>
#include <cstddef>
#include <unordered_set>

#include "image/byte_order.h"

namespace libmatch::detail {

namespace {

constexpr std::uint64_t subfile_type_tag = 254;
constexpr std::uint64_t width_tag = 256;
constexpr std::uint64_t height_tag = 257;
constexpr std::uint64_t subfile_mask_flag = 4;

class directory_reader {
 public:
  explicit directory_reader(std::span<const std::uint8_t> file)
      : file_(file), is_little_endian_(file[0] == 'I'), is_big_(unsigned_at(2, 2) == 43) {}

  std::uint64_t first() const {
    const std::size_t place = is_big_ ? 8 : 4;
    return has(place, offset_size_bytes()) ? unsigned_at(place, offset_size_bytes()) : file_.size();
  }

  // False when the directory does not lie in the file. `next`: where the one behind it is, 0 for none.
  bool read(std::uint64_t offset, tiff_page &page, std::uint64_t &next) const {
    const std::size_t count_size_bytes = is_big_ ? 8 : 2;
    const std::size_t entry_size_bytes = is_big_ ? 20 : 12;
    if (!has(offset, count_size_bytes)) {
      return false;
    }
    const std::uint64_t first_entry = offset + count_size_bytes;
    const std::uint64_t entries = unsigned_at(offset, count_size_bytes);
    if (entries > (file_.size() - first_entry) / entry_size_bytes ||
        !has(first_entry + entries * entry_size_bytes, offset_size_bytes())) {
      return false;
    }
    page.offset = offset;
    for (std::uint64_t i = 0; i < entries; ++i) {
      read_entry(first_entry + i * entry_size_bytes, page);
    }
    next = unsigned_at(first_entry + entries * entry_size_bytes, offset_size_bytes());
    return true;
  }

 private:
  std::size_t offset_size_bytes() const { return is_big_ ? 8 : 4; }
  bool has(std::uint64_t offset, std::uint64_t size) const {
    return offset <= file_.size() && size <= file_.size() - offset;
  }

  std::uint64_t unsigned_at(std::uint64_t offset, std::size_t size_bytes) const {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size_bytes; ++i) {
      const std::size_t from_high = is_little_endian_ ? size_bytes - 1 - i : i;
      value = (value << 8U) | file_[static_cast<std::size_t>(offset) + from_high];
    }
    return value;
  }

  void read_entry(std::uint64_t offset, tiff_page &page) const {
    constexpr std::uint64_t type_short = 3;
    constexpr std::uint64_t type_long = 4;
    constexpr std::uint64_t type_long8 = 16;
    const std::uint64_t tag = unsigned_at(offset, 2);
    const std::uint64_t type = unsigned_at(offset + 2, 2);
    const std::uint64_t place = offset + 4 + offset_size_bytes();
    const std::size_t size_bytes = type == type_short ? 2 : type == type_long || type == type_long8 ? 4 : 0;
    if (size_bytes == 0) {
      return;
    }
    const std::uint64_t value = unsigned_at(place, type == type_long8 && is_big_ ? 8 : size_bytes);
    if (tag == subfile_type_tag) {
      page.is_mask = (value & subfile_mask_flag) != 0;
    } else if (tag == width_tag) {
      page.width = value;
    } else if (tag == height_tag) {
      page.height = value;
    }
  }

  std::span<const std::uint8_t> file_;
  bool is_little_endian_;
  bool is_big_;
};

}  // namespace

tiff_directories read_tiff_directories(std::span<const std::uint8_t> file, std::uint32_t max_pages) {
  const directory_reader reader(file);
  tiff_directories result;
  std::unordered_set<std::uint64_t> seen;
  std::uint64_t offset = reader.first();
  while (offset != 0 && result.pages.size() <= max_pages) {
    if (!seen.insert(offset).second) {
      result.damage = "its directories go in circles at byte " + std::to_string(offset);
      break;
    }
    tiff_page page;
    if (!reader.read(offset, page, offset)) {
      result.damage = "the directory of page " + std::to_string(result.pages.size() + 1) + " does not lie in the " +
                      std::to_string(file.size()) + " bytes of the file";
      break;
    }
    result.pages.push_back(page);
  }
  return result;
}

}  // namespace libmatch::detail
