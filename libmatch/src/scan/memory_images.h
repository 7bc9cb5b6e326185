// Pixels in memory, taken as uploads are: as files of one image that are decoded already.
#pragma once

#include <span>
#include <vector>

#include "backend/backend.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "scan/scan.h"

namespace libmatch::detail {

// One result an image, with the codes that a file of the same pixels gives; there are no bytes to take digests of.
// Grey counts as red, green and blue, alpha is laid over white. An image that cannot be hashed is a result, not an
// exception. Progress counts images.
std::vector<scan_result> scan_images(std::span<const lm_image> images, const scan_request &request,
                                     const backend &device, thread_pool &threads, const lm_progress *progress);

}  // namespace libmatch::detail
