// By libheif, opened as the library opens it; the declarations are those of its C interface.
#include <dlfcn.h>

#include <algorithm>
#include <initializer_list>

#include "support/encoded_images.h"

// x265 3.5 does not give everything back that encoding took.
extern "C" __attribute__((visibility("default"))) const char *__lsan_default_suppressions() {  // NOLINT: its name
  return "leak:libx265\n";
}

namespace libmatch::test {

namespace {

struct heif_error {
  int code;
  int subcode;
  const char *message;
};

struct heif_writer {
  int version;
  heif_error (*write)(void *context, const void *data, std::size_t size, void *user);
};

// As of version 5.
struct heif_encoding_options {
  std::uint8_t version;
  std::uint8_t with_alpha;
  std::uint8_t workaround;
  std::uint8_t two_profiles;
  void *profile;
  std::uint8_t workaround_without_profile;
  int orientation;
};

constexpr int hevc = 1;
constexpr int av1 = 4;
constexpr int rgb_colorspace = 1;
constexpr int interleaved_rgb = 10;
constexpr int interleaved_rgba = 11;
constexpr int interleaved_channel = 10;

struct encoder_library {
  void *library = dlopen("libheif.so.1", RTLD_NOW | RTLD_LOCAL);

  template <typename Function>
  Function *find(const char *name) const {
    return library != nullptr ? reinterpret_cast<Function *>(dlsym(library, name)) : nullptr;
  }
};

heif_error append(void * /*context*/, const void *data, std::size_t size, void *user) {
  const auto *const from = static_cast<const std::uint8_t *>(data);
  static_cast<bytes *>(user)->assign(from, from + size);
  return {0, 0, "ok"};
}

class encoding {
 public:
  explicit encoding(const encoder_library &heif) : heif_(heif) {}
  encoding(const encoding &) = delete;
  encoding &operator=(const encoding &) = delete;
  ~encoding() {
    if (encoder_ != nullptr) {
      heif_.find<void(void *)>("heif_encoder_release")(encoder_);
    }
    heif_.find<void(void *)>("heif_context_free")(context_);
  }

  bool begin(int format) {
    const auto get = heif_.find<heif_error(void *, int, void **)>("heif_context_get_encoder_for_format");
    if (get(context_, format, &encoder_).code != 0) {
      return false;
    }
    heif_.find<heif_error(void *, int)>("heif_encoder_set_lossy_quality")(encoder_, 90);
    return true;
  }

  bool add(const raster &picture, int orientation) {
    void *image = nullptr;
    const int width = static_cast<int>(picture.width);
    const int height = static_cast<int>(picture.height);
    heif_.find<heif_error(int, int, int, int, void **)>("heif_image_create")(
        width, height, rgb_colorspace, picture.channels == 4 ? interleaved_rgba : interleaved_rgb, &image);
    heif_.find<heif_error(void *, int, int, int, int)>("heif_image_add_plane")(image, interleaved_channel, width,
                                                                               height, 8);
    int stride = 0;
    std::uint8_t *plane =
        heif_.find<std::uint8_t *(void *, int, int *)>("heif_image_get_plane")(image, interleaved_channel, &stride);
    const std::size_t row_size_bytes = std::size_t{picture.width} * picture.channels;
    for (std::uint32_t y = 0; y < picture.height; ++y, plane += stride) {
      std::copy_n(picture.samples.data() + y * row_size_bytes, row_size_bytes, plane);
    }
    auto *const options = heif_.find<heif_encoding_options *()>("heif_encoding_options_alloc")();
    const bool can_turn = options->version >= 5;
    if (can_turn) {
      options->orientation = orientation;
    }
    const auto encode = heif_.find<heif_error(void *, void *, void *, void *, void **)>("heif_context_encode_image");
    const bool done = encode(context_, image, encoder_, options, nullptr).code == 0;
    heif_.find<void(void *)>("heif_encoding_options_free")(options);
    heif_.find<void(void *)>("heif_image_release")(image);
    return done && (can_turn || orientation == 1);
  }

  bytes finish() {
    bytes file;
    heif_writer writer{1, append};
    heif_.find<heif_error(void *, heif_writer *, void *)>("heif_context_write")(context_, &writer, &file);
    return file;
  }

 private:
  const encoder_library &heif_;
  void *context_ = heif_.find<void *()>("heif_context_alloc")();
  void *encoder_ = nullptr;
};

}  // namespace

bytes encode_heif(const std::vector<raster> &pictures, const heif_settings &settings) {
  static const encoder_library heif;
  for (const char *name : {"heif_encoding_options_alloc", "heif_context_encode_image", "heif_context_write"}) {
    if (heif.find<void()>(name) == nullptr) {
      return {};
    }
  }
  encoding file(heif);
  if (!file.begin(settings.av1 ? av1 : hevc)) {
    return {};
  }
  for (const raster &picture : pictures) {
    if (!file.add(picture, settings.orientation)) {
      return {};
    }
  }
  return file.finish();
}

}  // namespace libmatch::test
