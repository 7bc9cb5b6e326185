#include "image/heif_items.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <unordered_set>

namespace libmatch::detail {

namespace {

// Bytes taken from the front. Where there are none left it has failed, and gives zeros.
class byte_reader {
 public:
  explicit byte_reader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  bool failed() const { return failed_; }
  std::size_t left() const { return bytes_.size(); }

  std::span<const std::uint8_t> take(std::uint64_t size_bytes) {
    if (size_bytes > bytes_.size()) {
      failed_ = true;
      return {};
    }
    const std::span<const std::uint8_t> taken = bytes_.first(static_cast<std::size_t>(size_bytes));
    bytes_ = bytes_.subspan(taken.size());
    return taken;
  }

  // Big-endian, of at most 8 bytes.
  std::uint64_t number(std::size_t size_bytes) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : take(size_bytes)) {
      value = (value << 8U) | byte;
    }
    return value;
  }

 private:
  std::span<const std::uint8_t> bytes_;
  bool failed_ = false;
};

struct box {
  std::string_view type;
  std::span<const std::uint8_t> content;
};

// False at the end, and where what is left is no box. One that reaches over the end is given up to there.
bool next_box(byte_reader &boxes, box &found) {
  constexpr std::uint64_t is_long = 1;
  constexpr std::uint64_t is_last = 0;
  std::uint64_t size_bytes = boxes.number(4);
  const std::span<const std::uint8_t> type = boxes.take(4);
  std::uint64_t header_size_bytes = 8;
  if (size_bytes == is_long) {
    size_bytes = boxes.number(8);
    header_size_bytes = 16;
  } else if (size_bytes == is_last) {
    size_bytes = header_size_bytes + boxes.left();
  }
  if (boxes.failed() || size_bytes < header_size_bytes) {
    return false;
  }
  found.type = std::string_view(reinterpret_cast<const char *>(type.data()), type.size());
  found.content = boxes.take(std::min<std::uint64_t>(size_bytes - header_size_bytes, boxes.left()));
  return true;
}

class item_reader {
 public:
  void read_file(std::span<const std::uint8_t> file) {
    byte_reader boxes(file);
    for (box found; next_box(boxes, found);) {
      if (found.type == "meta") {
        read_meta(found.content);
      }
    }
  }

  std::optional<std::uint32_t> av1_item_without_bytes() const {
    const auto found = std::find_if(without_bytes_.begin(), without_bytes_.end(),
                                    [this](std::uint32_t item) { return av1_items_.count(item) != 0; });
    return found != without_bytes_.end() ? std::optional(*found) : std::nullopt;
  }

 private:
  void read_meta(std::span<const std::uint8_t> content) {
    byte_reader boxes(content);
    boxes.take(version_and_flags_size_bytes);
    for (box found; next_box(boxes, found);) {
      if (found.type == "iinf") {
        read_item_infos(found.content);
      } else if (found.type == "iloc") {
        read_item_locations(found.content);
      }
    }
  }

  void read_item_infos(std::span<const std::uint8_t> content) {
    byte_reader boxes(content);
    const std::uint64_t version = boxes.number(version_and_flags_size_bytes) >> 24U;
    boxes.take(version == 0 ? 2 : 4);  // how many there are
    for (box found; next_box(boxes, found);) {
      if (found.type != "infe") {
        continue;
      }
      byte_reader info(found.content);
      const std::uint64_t info_version = info.number(version_and_flags_size_bytes) >> 24U;
      const auto item = static_cast<std::uint32_t>(info.number(info_version >= 3 ? 4 : 2));
      info.take(2);  // its protection
      const std::span<const std::uint8_t> type = info.take(4);
      if (std::string_view(reinterpret_cast<const char *>(type.data()), type.size()) == "av01") {
        av1_items_.insert(item);
      }
    }
  }

  void read_item_locations(std::span<const std::uint8_t> content) {
    byte_reader bytes(content);
    const std::uint64_t version = bytes.number(version_and_flags_size_bytes) >> 24U;
    const std::uint64_t sizes = bytes.number(2);
    const std::size_t offset_size_bytes = number_size_bytes(sizes >> 12U);
    const std::size_t length_size_bytes = number_size_bytes(sizes >> 8U);
    const std::size_t base_size_bytes = number_size_bytes(sizes >> 4U);
    const std::size_t index_size_bytes = version == 0 ? 0 : number_size_bytes(sizes);
    const std::uint64_t items = bytes.number(version < 2 ? 2 : 4);
    for (std::uint64_t i = 0; i < items && !bytes.failed(); ++i) {
      const auto item = static_cast<std::uint32_t>(bytes.number(version < 2 ? 2 : 4));
      bytes.take((version == 0 ? 0 : 2) + 2 + base_size_bytes);
      const std::uint64_t extents = bytes.number(2);
      bool has_bytes = false;
      for (std::uint64_t k = 0; k < extents && !bytes.failed(); ++k) {
        bytes.take(index_size_bytes + offset_size_bytes);
        has_bytes = bytes.number(length_size_bytes) != 0 || has_bytes;
      }
      if (!bytes.failed() && !has_bytes) {
        without_bytes_.insert(item);
      }
    }
  }

  // Of the sizes that four bits can say there are only these.
  static std::size_t number_size_bytes(std::uint64_t bits) {
    const std::uint64_t size_bytes = bits & 15U;
    return size_bytes == 4 || size_bytes == 8 ? static_cast<std::size_t>(size_bytes) : 0;
  }

  static constexpr std::size_t version_and_flags_size_bytes = 4;
  std::unordered_set<std::uint32_t> av1_items_;
  std::unordered_set<std::uint32_t> without_bytes_;
};

}  // namespace

std::optional<std::uint32_t> av1_item_without_bytes(std::span<const std::uint8_t> file) {
  item_reader items;
  items.read_file(file);
  return items.av1_item_without_bytes();
}

}  // namespace libmatch::detail
