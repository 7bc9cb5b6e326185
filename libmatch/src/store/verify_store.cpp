#include <deque>

#include "core/error.h"
#include "store/loading.h"
#include "store/removed_file.h"
#include "store/segment_file.h"
#include "store/store.h"

namespace libmatch::detail {

namespace {

// A store's files, open: a writer may remove them meanwhile.
struct open_store {
  manifest content;
  std::deque<block_file> segments;
  removed_by_file removed;
  std::unique_ptr<log_reader> log;
};

open_store open_files(store_folder &folder) {
  open_store opened;
  opened.content = read_manifest(*folder.files, folder.path, folder.identity.key);
  folder.identity.id = opened.content.id;
  for (const manifest_segment &segment : opened.content.segments) {
    opened.segments.emplace_back(*folder.files, file_path(folder.path, file_type::segment, segment.number),
                                 file_type::segment, folder.identity);
  }
  if (const std::uint64_t number = opened.content.removed_file; number != 0) {
    opened.removed =
        read_removed_file(*folder.files, file_path(folder.path, file_type::removed, number), number, folder.identity);
  }
  opened.log =
      std::make_unique<log_reader>(*folder.files, file_path(folder.path, file_type::log, opened.content.log_file),
                                   opened.content.log_file, folder.identity);
  return opened;
}

// Who misses a file has read a manifest that was replaced, or the store is damaged.
open_store open_files_of_one_manifest(store_folder &folder) {
  for (;;) {
    const std::string identity = folder.files->identity(manifest_path(folder.path));
    try {
      return open_files(folder);
    } catch (const error &) {
      if (folder.files->identity(manifest_path(folder.path)) == identity) {
        throw;
      }
    }
  }
}

}  // namespace

void verify_store(const std::string &folder, const reader_options &options, const lm_progress *progress) {
  store_folder place{options.files != nullptr ? options.files : machine_file_system(), folder, {{}, options.key}};
  if (!place.files->exists(manifest_path(folder))) {
    read_manifest(*place.files, folder, options.key);  // says that there is none
  }
  open_store opened = open_files_of_one_manifest(place);
  std::uint64_t bytes = 0;
  for (const block_file &file : opened.segments) {
    bytes += file.header().body_bytes;
  }
  progress_meter meter(progress, bytes);
  open_segments verified;
  for (std::size_t i = 0; i < opened.segments.size(); ++i) {
    const manifest_segment &segment = opened.content.segments[i];
    const expected_segment expected{segment.number, hash_of_manifest(segment.hash), segment.bits, segment.rows};
    verified.emplace(segment.number,
                     verify_segment_file(opened.segments[i], file_path(folder, file_type::segment, segment.number),
                                         expected, meter));
  }
  store_state state(arrange_segments(place, opened.content, verified, opened.removed));
  apply_records(state, opened.log->path(), opened.log->read_new());
}

}  // namespace libmatch::detail
