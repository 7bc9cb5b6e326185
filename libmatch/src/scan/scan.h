// From the bytes of files to codes and digests, many files side by side, each with an outcome of its own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backend/backend.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "hash/digest.h"
#include "libmatch/libmatch.h"
#include "scan/scanned_image.h"

namespace libmatch::detail {

// What is wanted of each file.
struct scan_request {
  lm_hash_options options;  // limits, EXIF, hash or hasher, orientations, borders, how many keypoints
  keypoint_role role = keypoint_role::reference;
  bool pixels = false;           // decode, and hash every image by the options' hash or hasher
  std::vector<lm_hash> digests;  // of the bytes
};

// A file in memory, or by its path when `path` is not null.
struct scan_source {
  const char *path;
  lm_buffer buffer;
};

struct scan_result {
  lm_scan scan = LM_SCAN_OK;          // not LM_SCAN_OK: `images` holds what could be scanned all the same
  std::string reason;                 // "" when scanned
  std::vector<scanned_image> images;  // distinct ones, in the order of the file; none unless asked for
  bool readable = false;              // whether `digests` holds anything: it may when the image could not be decoded
  std::vector<std::array<std::uint8_t, max_digest_size_bytes>> digests;  // in the order of the request
};

// Where images are decoded and hashed: on the calling thread, or in another process (isolation/). Everything else
// about a file, its digests included, is done here. Used by any number of threads at once.
class image_scanner {
 public:
  virtual ~image_scanner() = default;
  // Before any file is looked at: LM_ERROR_UNSUPPORTED for a request that cannot be done here.
  virtual void check(const scan_request & /*request*/) const {}
  // Decodes and hashes the images that a file's bytes hold, into result.images, which is empty. What cannot be
  // scanned is a scan_failure, LM_ERROR_LIMIT or std::bad_alloc; images that came before it stay.
  virtual void scan_image(std::span<const std::uint8_t> bytes, const scan_request &request,
                          scan_result &result) const = 0;
};

std::unique_ptr<const image_scanner> make_direct_scanner(std::shared_ptr<const backend> device);

// One file, on the calling thread. A file that cannot be scanned, lack of memory included, is a result, not an
// exception.
scan_result scan_file(const scan_source &source, const scan_request &request, const image_scanner &images);

// All of them, in order, if `images` can do what is requested. Progress counts files.
std::vector<scan_result> scan_files(const std::vector<scan_source> &sources, const scan_request &request,
                                    const image_scanner &images, thread_pool &threads, const lm_progress *progress);

}  // namespace libmatch::detail
