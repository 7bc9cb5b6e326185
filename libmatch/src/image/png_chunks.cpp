#include "image/png_chunks.h"

#include <zlib.h>

#include <cstddef>
#include <string_view>

#include "image/byte_order.h"
#include "image/decoders.h"

namespace libmatch::detail {

namespace {

constexpr std::size_t chunk_frame_size_bytes = 12;  // length, type; checksum behind the data
constexpr std::uint32_t header_size_bytes = 13;
constexpr std::uint32_t animation_control_size_bytes = 8;

// What of the chunks before is known when one is read.
struct passed {
  bool picture = false;
  bool frame_control = false;
};

void read_chunk(const png_chunk &chunk, png_chunks &chunks, passed &passed) {
  if (chunk.offset == png_signature_size_bytes) {  // an IHDR of its full size; a later one says nothing
    chunks.width = read_u32_be(chunk.data.data());
    chunks.height = read_u32_be(chunk.data.data() + 4);
  } else if (chunk.type == "acTL" && chunk.data.size() == animation_control_size_bytes) {
    check_png_checksum(chunk);
    chunks.is_animated = true;
    chunks.frames = read_u32_be(chunk.data.data());
  } else if (chunk.type == "eXIf" && chunks.exif.empty()) {
    check_png_checksum(chunk);
    chunks.exif = chunk.data;
  } else if (chunk.type == "tRNS") {
    check_png_checksum(chunk);
  } else if (chunk.type == "fcTL") {
    chunks.picture_is_beside = chunks.picture_is_beside || (passed.picture && !passed.frame_control);
    passed.frame_control = true;
  } else if (chunk.type == "IDAT") {
    passed.picture = true;
  }
}

}  // namespace

bool next_png_chunk(std::span<const std::uint8_t> file, std::size_t &position, png_chunk &chunk) {
  if (file.size() - position < chunk_frame_size_bytes) {
    return false;
  }
  const std::uint8_t *const frame = file.data() + position;
  const std::uint32_t length = read_u32_be(frame);
  if (length > file.size() - position - chunk_frame_size_bytes) {
    return false;
  }
  chunk = {position, std::string_view(reinterpret_cast<const char *>(frame) + 4, 4),
           file.subspan(position + 8, length)};
  position += chunk_frame_size_bytes + length;
  return true;
}

void check_png_checksum(const png_chunk &chunk) {
  const std::uint8_t *const type = chunk.data.data() - 4;
  const uLong computed = crc32(crc32(0, nullptr, 0), type, static_cast<uInt>(chunk.data.size() + 4));
  if (computed != read_u32_be(chunk.data.data() + chunk.data.size())) {
    not_scanned(LM_SCAN_DAMAGED, "png: wrong checksum of the ", chunk.type, " chunk at byte ", chunk.offset);
  }
}

png_chunks read_png_chunks(std::span<const std::uint8_t> file) {
  png_chunks chunks;
  passed passed;
  std::size_t position = png_signature_size_bytes;
  while (file.size() - position >= chunk_frame_size_bytes) {
    const std::uint8_t *const frame = file.data() + position;
    const std::uint32_t length = read_u32_be(frame);
    const std::string_view type(reinterpret_cast<const char *>(frame) + 4, 4);
    if (position == png_signature_size_bytes) {
      if (type == "CgBI") {
        not_scanned(LM_SCAN_UNSUPPORTED, "png: Apple's variety (CgBI) is not decoded");
      }
      if (type != "IHDR" || length != header_size_bytes) {
        not_scanned(LM_SCAN_DAMAGED, "png: does not begin with an IHDR chunk of 13 bytes");
      }
    }
    png_chunk whole;
    if (!next_png_chunk(file, position, whole)) {
      std::string name;
      for (const char letter : type) {
        name += letter >= ' ' && letter <= '~' ? letter : '?';
      }
      chunks.cut_off = "the chunk " + name + " at byte " + std::to_string(position) + " has " +
                       std::to_string(length) + " bytes and the file ends before";
      break;
    }
    read_chunk(whole, chunks, passed);
    if (type == "IEND") {
      return chunks;
    }
  }
  if (position == png_signature_size_bytes) {
    not_scanned(LM_SCAN_DAMAGED, "png: the file ends in its first chunk");
  }
  if (chunks.cut_off.empty()) {
    chunks.cut_off = "the file ends at byte " + std::to_string(file.size());
  }
  return chunks;
}

}  // namespace libmatch::detail
