// libheif, found when it is needed: machines without it decode everything else. The declarations are those of
// libheif's C interface since 1.6, which never changed; so the header is not needed to build.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

struct heif_context;
struct heif_image_handle;
struct heif_image;

namespace libmatch::detail {

struct heif_error {
  int code;  // enum heif_error_code
  int subcode;
  const char *message;
};

enum heif_error_code {
  heif_ok = 0,
  heif_unsupported_filetype = 3,
  heif_unsupported_feature = 4,
  heif_memory_allocation_error = 6
};
inline constexpr int heif_colorspace_rgb = 1;
inline constexpr int heif_chroma_interleaved_rgb = 10;
inline constexpr int heif_chroma_interleaved_rgba = 11;
inline constexpr int heif_channel_interleaved = 10;

struct heif_library {
  std::string missing;  // why it cannot be used; "" when it can

  heif_context *(*context_alloc)();
  void (*context_free)(heif_context *);
  heif_error (*context_read_from_memory_without_copy)(heif_context *, const void *, std::size_t, const void *options);
  void (*context_set_maximum_image_size_limit)(heif_context *, int side);
  void (*context_set_max_decoding_threads)(heif_context *, int threads);  // since 1.13; null before
  int (*context_get_number_of_top_level_images)(heif_context *);
  int (*context_get_list_of_top_level_image_ids)(heif_context *, std::uint32_t *ids, int count);
  heif_error (*context_get_primary_image_id)(heif_context *, std::uint32_t *id);
  heif_error (*context_get_image_handle)(heif_context *, std::uint32_t id, heif_image_handle **handle);
  void (*image_handle_release)(const heif_image_handle *);
  int (*image_handle_get_width)(const heif_image_handle *);
  int (*image_handle_get_height)(const heif_image_handle *);
  int (*image_handle_has_alpha_channel)(const heif_image_handle *);
  int (*image_handle_is_premultiplied_alpha)(const heif_image_handle *);  // since 1.12; null before
  heif_error (*decode_image)(const heif_image_handle *, heif_image **, int colorspace, int chroma,
                             const void *options);
  int (*image_get_width)(const heif_image *, int channel);
  int (*image_get_height)(const heif_image *, int channel);
  const std::uint8_t *(*image_get_plane_readonly)(const heif_image *, int channel, int *stride_bytes);
  void (*image_release)(const heif_image *);
};

// Never closed.
heif_library open_heif_library(const char *name);
// libheif.so.1, opened once.
const heif_library &the_heif_library();

}  // namespace libmatch::detail
