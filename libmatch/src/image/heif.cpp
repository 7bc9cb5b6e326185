// HEIC and AVIF by libheif and the codecs it finds: every image of the file that stands for itself, the primary one
// first. libheif turns, mirrors and crops as the file says, so the orientation in Exif, which repeats it, is not
// read.
#include "image/heif.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "image/decoders.h"
#include "image/formulas.h"
#include "image/heif_items.h"

namespace libmatch::detail {

namespace {

constexpr int max_side_pixels = 32768;  // libheif's own limit

const char *format_of(std::span<const std::uint8_t> file) {
  const std::string_view brand(reinterpret_cast<const char *>(file.data()) + 8, 4);
  return brand.substr(0, 3) == "avi" ? "avif" : brand.substr(0, 2) == "he" ? "heic" : "heif";
}

class heif_reader {
 public:
  heif_reader(const heif_library &heif, std::span<const std::uint8_t> file, image_writer &writer)
      : heif_(heif),
        writer_(writer),
        format_(format_of(file)),
        context_(heif.context_alloc(), heif.context_free),
        file_(file) {}

  file_info give_images() {
    if (context_ == nullptr) {
      throw std::bad_alloc();
    }
    if (const std::optional<std::uint32_t> item = av1_item_without_bytes(file_)) {
      not_scanned(LM_SCAN_DAMAGED, format_, ": item ", *item, " has no bytes");
    }
    const std::uint64_t max_pixels = writer_.options().max_pixels;
    heif_.context_set_maximum_image_size_limit(
        context_.get(), static_cast<int>(std::min<std::uint64_t>(max_pixels, max_side_pixels)));
    if (heif_.context_set_max_decoding_threads != nullptr) {
      heif_.context_set_max_decoding_threads(context_.get(), 0);  // the calling thread; codecs may have their own
    }
    check(heif_.context_read_from_memory_without_copy(context_.get(), file_.data(), file_.size(), nullptr));
    const std::vector<std::uint32_t> ids = images();
    for (std::size_t i = 0; i < ids.size() && writer_.wants_more(); ++i) {
      give(ids[i], static_cast<std::uint32_t>(i));
    }
    return {format_, static_cast<std::uint32_t>(ids.size()), 1};
  }

 private:
  template <typename T>
  using handle = std::unique_ptr<T, void (*)(const T *)>;

  void check(const heif_error &error) const {
    if (error.code == heif_ok) {
      return;
    }
    const lm_scan scan = error.code == heif_unsupported_filetype || error.code == heif_unsupported_feature
                             ? LM_SCAN_UNSUPPORTED
                         : error.code == heif_memory_allocation_error ? LM_SCAN_LIMIT
                                                                      : LM_SCAN_DAMAGED;
    std::string message = error.message != nullptr ? error.message : "damaged";
    for (char &letter : message) {
      letter = letter >= ' ' && letter <= '~' ? letter : '?';
    }
    not_scanned(scan, format_, ": ", message);
  }

  // The primary image first.
  std::vector<std::uint32_t> images() const {
    const int count = heif_.context_get_number_of_top_level_images(context_.get());
    const std::uint64_t most = std::uint64_t{writer_.options().max_frames} + 1;
    std::vector<std::uint32_t> ids(
        static_cast<std::size_t>(std::min<std::uint64_t>(static_cast<std::uint64_t>(std::max(count, 0)), most)));
    const int filled =
        heif_.context_get_list_of_top_level_image_ids(context_.get(), ids.data(), static_cast<int>(ids.size()));
    ids.resize(static_cast<std::size_t>(std::max(filled, 0)));
    std::uint32_t primary = 0;
    check(heif_.context_get_primary_image_id(context_.get(), &primary));
    const auto found = std::find(ids.begin(), ids.end(), primary);
    if (found != ids.end()) {
      std::rotate(ids.begin(), found, found + 1);
    } else {
      ids.insert(ids.begin(), primary);
    }
    return ids;
  }

  void give(std::uint32_t id, std::uint32_t number) {
    heif_image_handle *found = nullptr;
    check(heif_.context_get_image_handle(context_.get(), id, &found));
    const handle<heif_image_handle> image(found, heif_.image_handle_release);
    writer_.count_pixels(format_, unsigned_of(heif_.image_handle_get_width(image.get())),
                         unsigned_of(heif_.image_handle_get_height(image.get())));
    const bool has_alpha = heif_.image_handle_has_alpha_channel(image.get()) != 0;
    const bool is_multiplied = has_alpha && heif_.image_handle_is_premultiplied_alpha != nullptr &&
                               heif_.image_handle_is_premultiplied_alpha(image.get()) != 0;
    heif_image *decoded = nullptr;
    check(heif_.decode_image(image.get(), &decoded, heif_colorspace_rgb,
                             has_alpha ? heif_chroma_interleaved_rgba : heif_chroma_interleaved_rgb, nullptr));
    const handle<heif_image> pixels(decoded, heif_.image_release);
    give_pixels(pixels.get(), has_alpha, is_multiplied, number);
  }

  static std::uint64_t unsigned_of(int side) { return static_cast<std::uint64_t>(std::max(side, 0)); }

  void give_pixels(const heif_image *pixels, bool has_alpha, bool is_multiplied, std::uint32_t number) {
    int stride_bytes = 0;
    const std::uint8_t *const plane = heif_.image_get_plane_readonly(pixels, heif_channel_interleaved, &stride_bytes);
    const std::uint64_t width = unsigned_of(heif_.image_get_width(pixels, heif_channel_interleaved));
    const std::uint64_t height = unsigned_of(heif_.image_get_height(pixels, heif_channel_interleaved));
    // The coded picture may have other sides than its header said.
    check_pixels(format_, width, height, writer_.options());
    const std::size_t pixel_size_bytes = has_alpha ? 4 : 3;
    if (plane == nullptr || stride_bytes < 0 || static_cast<std::uint64_t>(stride_bytes) < width * pixel_size_bytes) {
      not_scanned(LM_SCAN_DAMAGED, format_, ": no pixels");
    }
    writer_.begin({static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height), number}, 1);
    for (std::size_t y = 0; writer_.rows_left();) {
      const image_writer::band band = writer_.next_band();
      for (std::uint32_t i = 0; i < band.rows; ++i, ++y) {
        const std::uint8_t *const row = plane + y * static_cast<std::size_t>(stride_bytes);
        std::uint8_t *const to = band.rgb + i * writer_.stride_bytes();
        if (!has_alpha) {
          std::memcpy(to, row, width * 3);
        } else if (is_multiplied) {
          for (std::size_t x = 0; x < width * 3; ++x) {
            to[x] = multiplied_over_white(row[x / 3 * 4 + x % 3], row[x / 3 * 4 + 3]);
          }
        } else {
          blend_over_white(row, width, to);
        }
      }
      writer_.band_filled();
    }
    writer_.end();
  }

  const heif_library &heif_;
  image_writer &writer_;
  const char *format_;
  std::unique_ptr<heif_context, void (*)(heif_context *)> context_;
  std::span<const std::uint8_t> file_;
};

}  // namespace

file_info decode_heif_by(const heif_library &heif, std::span<const std::uint8_t> file, image_writer &writer) {
  if (!heif.missing.empty()) {
    not_scanned(LM_SCAN_UNSUPPORTED, format_of(file), ": ", heif.missing);
  }
  return heif_reader(heif, file, writer).give_images();
}

file_info decode_heif(std::span<const std::uint8_t> file, image_writer &writer) {
  return decode_heif_by(the_heif_library(), file, writer);
}

}  // namespace libmatch::detail
