// What stands behind the handles of libmatch.h, and checks that several functions share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "backend/backend.h"
#include "c_api/guard.h"
#include "core/hashes.h"
#include "core/parallel.h"
#include "hash/keypoints.h"
#include "index/index.h"
#include "libmatch/libmatch.h"
#include "lists/hash_list.h"
#include "lists/plain_formats.h"
#include "live/live_view.h"
#include "scan/scan.h"

struct lm_context {
  std::shared_ptr<const libmatch::detail::backend> device;
  std::unique_ptr<libmatch::detail::thread_pool> threads;
  std::unique_ptr<const libmatch::detail::image_scanner> images;
  bool is_isolated = false;
};

struct lm_list {
  libmatch::detail::hash_list entries;
  libmatch::detail::list_summary summary;
  std::string left_out_kinds;
};

struct lm_keypoints {
  std::vector<libmatch::detail::keypoint_set> sets;
  // What lm_keypoints_data shows of them:
  std::vector<int64_t> offsets{0};
  std::vector<uint16_t> widths;
  std::vector<uint16_t> heights;
  std::vector<lm_keypoint> points;
  std::vector<uint8_t> codes;
  lm_keypoints_data data;
};

// The state of an index that a call works on.
struct index_state {
  std::shared_ptr<const libmatch::detail::index_snapshot> snapshot;
  std::shared_ptr<const libmatch::detail::live_state> live;  // null where the index is no live one
};

struct lm_index {
  // Of a live index its description and the policies of its layouts; the rows are those of `live`.
  libmatch::detail::code_index codes;
  std::unique_ptr<libmatch::detail::live_view> live = nullptr;

  index_state state() const;
};

// Texts of an entry of a live index, which end with a zero byte as the C API has them.
struct shown_entry {
  std::string label, list_id, withdrawn_by, reason;
};

// The answer to a search, with what is needed to say more of each match.
struct lm_matches {
  index_state state;
  std::size_t table;
  libmatch::detail::search_result result;
  lm_matches_data data;
  // Of the entry that was shown last:
  std::vector<std::uint8_t> code;
  shown_entry shown;
};

namespace libmatch::detail {

inline constexpr std::uint32_t max_threads = 1024;

// Options with every field checked.
lm_hash_options checked_hash_options(const lm_hash_options *options);

// Options of reading lists with every field checked, and what the readers of plain lists take of them.
lm_list_options checked_list_options(const lm_list_options *options);
plain_options to_plain(const lm_list_options &checked);
// The pages of a list: at least one.
std::vector<std::string> checked_paths(const char *const *paths, std::size_t n);

// n images, each with pixels of a known format and within the limit.
void require_images(const lm_image *images, std::size_t n, std::uint64_t max_pixels);

std::unique_ptr<lm_keypoints> to_keypoints(std::vector<keypoint_set> sets);

// LM_ERROR_UNSUPPORTED for a live index, which its writer changes.
void require_changeable(const lm_index &index);

// The hash of codes that an index can hold, of a width that it has.
const hash_description &checked_code_hash(lm_hash hash, std::uint32_t bits);

// The files named by `paths`; LM_ERROR_INVALID_ARGUMENT for a null one.
inline std::vector<scan_source> sources_of_paths(const char *const *paths, std::size_t n) {
  require_array(paths, n, "paths");
  std::vector<scan_source> sources;
  sources.reserve(n);
  for (std::size_t i = 0; i < n; ++i) {
    if (paths[i] == nullptr) {
      fail(LM_ERROR_INVALID_ARGUMENT, "paths[", i, "] is NULL");
    }
    sources.push_back({paths[i], {nullptr, 0}});
  }
  return sources;
}

inline std::vector<scan_source> sources_of_buffers(const lm_buffer *buffers, std::size_t n) {
  require_array(buffers, n, "buffers");
  std::vector<scan_source> sources;
  sources.reserve(n);
  for (std::size_t i = 0; i < n; ++i) {
    if (buffers[i].data == nullptr && buffers[i].size != 0) {
      fail(LM_ERROR_INVALID_ARGUMENT, "buffers[", i, "].data is NULL");
    }
    sources.push_back({nullptr, buffers[i]});
  }
  return sources;
}

}  // namespace libmatch::detail
