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
#include "scan/scan.h"

struct lm_context {
  std::shared_ptr<const libmatch::detail::backend> device;
  std::unique_ptr<libmatch::detail::thread_pool> threads;
};

struct lm_list {
  libmatch::detail::hash_list entries;
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

struct lm_index {
  libmatch::detail::code_index codes;
};

namespace libmatch::detail {

inline constexpr std::uint32_t max_threads = 1024;

// Options with every field checked.
lm_hash_options checked_hash_options(const lm_hash_options *options);

// n images, each with pixels of a known format and within the limit.
void require_images(const lm_image *images, std::size_t n, std::uint64_t max_pixels);

std::unique_ptr<lm_keypoints> to_keypoints(std::vector<keypoint_set> sets);

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
