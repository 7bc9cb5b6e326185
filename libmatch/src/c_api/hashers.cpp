// Plug-in hashers.
#include "c_api/guard.h"
#include "c_api/handles.h"
#include "hash/hasher.h"

namespace libmatch::detail {

namespace {

// What the plug-in is given are pixels of a decoder and in an orientation: they are part of what makes its codes.
std::string profile_over(const lm_hasher &table, int32_t ignore_exif_orientation) {
  lm_hash_options options = LM_HASH_OPTIONS_INIT;
  options.ignore_exif_orientation = ignore_exif_orientation;
  return std::string("plugin:") + table.name + ' ' + table.version + ' ' + lm_hash_profile(&options);
}

}  // namespace

}  // namespace libmatch::detail

using namespace libmatch::detail;

lm_status lm_hasher_load(const char *path, lm_hasher_handle **out_hasher) {
  return guarded([&] {
    require_handle(path, "path");
    require_handle(out_hasher, "out_hasher");
    auto handle = std::make_unique<lm_hasher_handle>(path);
    handle->profile = profile_over(handle->hasher.table(), 0);
    handle->profile_as_stored = profile_over(handle->hasher.table(), 1);
    *out_hasher = handle.release();
  });
}

void lm_hasher_free(lm_hasher_handle *hasher) { delete hasher; }

lm_status lm_hasher_view(const lm_hasher_handle *hasher, lm_hasher_data *out_data) {
  return guarded([&] {
    require_handle(hasher, "hasher");
    require_handle(out_data, "out_data");
    const lm_hasher &table = hasher->hasher.table();
    lm_hasher_data data{};
    data.struct_size = view_size(out_data->struct_size, "out_data->struct_size");
    data.name = table.name;
    data.version = table.version;
    data.hash = hasher->hasher.hash();
    data.bits = hasher->hasher.bits();
    data.max_distance = table.max_distance;
    data.thread_safe = (table.flags & LM_HASHER_THREAD_SAFE) != 0 ? 1 : 0;
    write_view(out_data, data);
  });
}
