#include "core/error.h"
#include "store/loading.h"
#include "store/removed_file.h"
#include "store/segment_file.h"
#include "store/store.h"

namespace libmatch::detail {

void verify_store(const std::string &folder, const reader_options &options, const lm_progress *progress) {
  store_folder place{options.files != nullptr ? options.files : machine_file_system(), folder, {{}, options.key}};
  const manifest content = read_manifest(*place.files, folder, options.key);
  place.identity.id = content.id;
  std::uint64_t bytes = 0;
  for (const manifest_segment &segment : content.segments) {
    const std::string path = file_path(folder, file_type::segment, segment.number);
    bytes += block_file(*place.files, path, file_type::segment, place.identity).header().body_bytes;
  }
  progress_meter meter(progress, bytes);
  for (const manifest_segment &segment : content.segments) {
    const std::string path = file_path(folder, file_type::segment, segment.number);
    verify_segment_file(*place.files, path, place.identity,
                        {segment.number, hash_of_manifest(segment.hash), segment.bits, segment.rows}, meter);
  }
  open_segments open;
  store_state state(load_segments(place, content, open, nullptr));
  log_reader log(*place.files, file_path(folder, file_type::log, content.log_file), content.log_file, place.identity);
  apply_records(state, log.path(), log.read_new());
}

}  // namespace libmatch::detail
