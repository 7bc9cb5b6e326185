// libpng does not know APNG. The chunks of a frame are put together as a PNG of their own, which it decodes.
#include "image/png_animation.h"

#include <zlib.h>

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "image/byte_order.h"
#include "image/canvas.h"
#include "image/decoders.h"

namespace libmatch::detail {

namespace {

constexpr std::size_t frame_control_size_bytes = 26;
constexpr std::size_t sequence_number_size_bytes = 4;

constexpr std::size_t longest_colors_size_bytes = std::size_t{256} * (3 + 1) + 2 * std::size_t{12};  // PLTE, tRNS

struct frame_control {
  frame_place place{};
  frame_disposal disposal = frame_disposal::keep;
  bool blends = false;
};

void put_u32(std::vector<std::uint8_t> &to, std::size_t value) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    to.push_back(static_cast<std::uint8_t>((value >> shift) & 255U));
  }
}

void put_chunk(std::vector<std::uint8_t> &to, std::string_view type, std::span<const std::uint8_t> data) {
  put_u32(to, data.size());
  const std::size_t checked = to.size();
  to.insert(to.end(), type.begin(), type.end());
  to.insert(to.end(), data.begin(), data.end());
  put_u32(to, crc32(crc32(0, nullptr, 0), to.data() + checked, static_cast<uInt>(to.size() - checked)));
}

class animation {
 public:
  animation(std::span<const std::uint8_t> file, const png_chunks &chunks, int orientation, image_writer &writer)
      : file_(file),
        chunks_(chunks),
        orientation_(orientation),
        writer_(writer),
        canvas_(chunks.width, chunks.height) {}

  void give_frames() {
    std::size_t position = png_signature_size_bytes;
    png_chunk chunk;
    while (next_png_chunk(file_, position, chunk) && chunk.type != "IEND") {
      if (chunk.type == "fcTL") {
        paint_frame();
        if (!writer_.wants_more()) {
          return;
        }
        check_sequence(chunk);
        begin_frame(chunk);
      } else if (chunk.type == "fdAT") {
        check_sequence(chunk);
        put_chunk(data_, "IDAT", chunk.data.subspan(sequence_number_size_bytes));

      } else if (chunk.type == "IDAT" && frames_begun_ == 1) {
        put_chunk(data_, "IDAT", chunk.data);

      } else if (chunk.type == "IHDR" && header_.empty()) {
        header_.assign(chunk.data.begin(), chunk.data.end());
      } else if ((chunk.type == "PLTE" || chunk.type == "tRNS") &&
                 colors_.size() + 12 + chunk.data.size() <= longest_colors_size_bytes) {
        put_chunk(colors_, chunk.type, chunk.data);
      }
    }
    if (data_.empty() && !chunks_.cut_off.empty()) {
      fail_short();
    }
    paint_frame();
    if (frames_begun_ < chunks_.frames && writer_.wants_more()) {
      fail_short();
    }
  }

 private:
  // Frames and their data are numbered through, so that a chunk that is missing is noticed.
  void check_sequence(const png_chunk &chunk) {
    check_png_checksum(chunk);
    if (chunk.data.size() < sequence_number_size_bytes || read_u32_be(chunk.data.data()) != next_number_) {
      not_scanned(LM_SCAN_DAMAGED, "png: the ", chunk.type, " chunk at byte ", chunk.offset, " is not number ",
                  next_number_);
    }
    ++next_number_;
  }

  void begin_frame(const png_chunk &chunk) {
    if (chunk.data.size() != frame_control_size_bytes) {
      not_scanned(LM_SCAN_DAMAGED, "png: the fcTL chunk at byte ", chunk.offset, " has not 26 bytes");
    }
    const std::uint8_t *const data = chunk.data.data();
    const frame_place place{read_u32_be(data + 12), read_u32_be(data + 16), read_u32_be(data + 4),
                            read_u32_be(data + 8)};
    if (place.width == 0 || place.height == 0 || std::uint64_t{place.left} + place.width > chunks_.width ||
        std::uint64_t{place.top} + place.height > chunks_.height) {
      not_scanned(LM_SCAN_DAMAGED, "png: the frame at byte ", chunk.offset, " does not lie on the canvas");
    }
    constexpr std::array disposals{frame_disposal::keep, frame_disposal::clear, frame_disposal::restore};
    control_.place = place;
    control_.disposal = data[24] < disposals.size() ? disposals[data[24]] : frame_disposal::keep;
    control_.blends = data[25] == 1;
    data_.clear();
    ++frames_begun_;
  }

  // The frame whose chunks were read, if there is one.
  void paint_frame() {
    if (frames_begun_ == 0) {
      return;
    }
    if (data_.empty()) {
      not_scanned(LM_SCAN_DAMAGED, "png: frame ", frames_begun_, " has no data");
    }
    writer_.count_pixels("png", chunks_.width, chunks_.height);
    const frame_place place = control_.place;
    const std::unique_ptr<std::uint8_t[]> rgba = decode_frame();
    canvas_.begin_frame(place, control_.disposal);
    for (std::uint32_t y = 0; y < place.height; ++y) {
      const std::uint8_t *const row = rgba.get() + std::size_t{y} * place.width * 4;
      if (control_.blends) {
        canvas_.blend(place.left, place.top + y, row, place.width);
      } else {
        canvas_.replace(place.left, place.top + y, row, place.width);
      }
    }
    if (frames_begun_ > 1 || chunks_.picture_is_beside) {
      canvas_.give(writer_, chunks_.picture_is_beside ? frames_begun_ : frames_begun_ - 1, orientation_, false);
    }
  }

  std::unique_ptr<std::uint8_t[]> decode_frame() const {
    std::vector<std::uint8_t> png(file_.begin(), file_.begin() + png_signature_size_bytes);
    std::vector<std::uint8_t> header;
    put_u32(header, control_.place.width);
    put_u32(header, control_.place.height);
    header.insert(header.end(), header_.begin() + 8, header_.end());
    put_chunk(png, "IHDR", header);
    png.insert(png.end(), colors_.begin(), colors_.end());
    png.insert(png.end(), data_.begin(), data_.end());
    put_chunk(png, "IEND", {});
    try {
      return decode_png_rgba(png);
    } catch (const scan_failure &failure) {
      not_scanned(failure.scan(), "png: frame ", frames_begun_, ": ", failure.what());
    }
  }

  [[noreturn]] void fail_short() const {
    if (!chunks_.cut_off.empty()) {
      not_scanned(LM_SCAN_DAMAGED, "png: ", chunks_.cut_off);
    }
    not_scanned(LM_SCAN_DAMAGED, "png: ", chunks_.frames, " frames are announced and the file holds ", frames_begun_);
  }

  std::span<const std::uint8_t> file_;
  const png_chunks &chunks_;
  int orientation_;
  image_writer &writer_;
  canvas canvas_;
  std::vector<std::uint8_t> header_;  // the data of IHDR
  std::vector<std::uint8_t> colors_;  // PLTE and tRNS
  std::uint32_t next_number_ = 0;
  std::uint32_t frames_begun_ = 0;
  frame_control control_;
  std::vector<std::uint8_t> data_;  // the frame's IDAT chunks
};

}  // namespace

void give_png_animation(std::span<const std::uint8_t> file, const png_chunks &chunks, int orientation,
                        image_writer &writer) {
  animation(file, chunks, orientation, writer).give_frames();
}

}  // namespace libmatch::detail
