#include "image/heif_library.h"

#include <dlfcn.h>

namespace libmatch::detail {

namespace {

template <typename Function>
bool find(void *library, const char *name, Function &function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

bool find_all(void *library, heif_library &heif) {
  find(library, "heif_context_set_max_decoding_threads", heif.context_set_max_decoding_threads);
  find(library, "heif_image_handle_is_premultiplied_alpha", heif.image_handle_is_premultiplied_alpha);
  return find(library, "heif_context_alloc", heif.context_alloc) &&
         find(library, "heif_context_free", heif.context_free) &&
         find(library, "heif_context_read_from_memory_without_copy", heif.context_read_from_memory_without_copy) &&
         find(library, "heif_context_set_maximum_image_size_limit", heif.context_set_maximum_image_size_limit) &&
         find(library, "heif_context_get_number_of_top_level_images", heif.context_get_number_of_top_level_images) &&
         find(library, "heif_context_get_list_of_top_level_image_IDs",
              heif.context_get_list_of_top_level_image_ids) &&
         find(library, "heif_context_get_primary_image_ID", heif.context_get_primary_image_id) &&
         find(library, "heif_context_get_image_handle", heif.context_get_image_handle) &&
         find(library, "heif_image_handle_release", heif.image_handle_release) &&
         find(library, "heif_image_handle_get_width", heif.image_handle_get_width) &&
         find(library, "heif_image_handle_get_height", heif.image_handle_get_height) &&
         find(library, "heif_image_handle_has_alpha_channel", heif.image_handle_has_alpha_channel) &&
         find(library, "heif_decode_image", heif.decode_image) &&
         find(library, "heif_image_get_width", heif.image_get_width) &&
         find(library, "heif_image_get_height", heif.image_get_height) &&
         find(library, "heif_image_get_plane_readonly", heif.image_get_plane_readonly) &&
         find(library, "heif_image_release", heif.image_release);
}

}  // namespace

heif_library open_heif_library(const char *name) {
  heif_library heif{};
  void *const library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    heif.missing = "libheif is not installed";
    return heif;
  }
  if (!find_all(library, heif)) {
    heif.missing = "the libheif that is installed is too old";
    return heif;
  }
  // Registers the codecs that are plug-ins, where this version has such.
  heif_error (*initialise)(const void *parameters) = nullptr;
  if (find(library, "heif_init", initialise)) {
    initialise(nullptr);
  }
  return heif;
}

const heif_library &the_heif_library() {
  static const heif_library library = open_heif_library("libheif.so.1");
  return library;
}

}  // namespace libmatch::detail
