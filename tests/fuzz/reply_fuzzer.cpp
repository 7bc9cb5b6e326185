// Any bytes that a worker may say are an answer to the request, or none; an answer is what it would be written as.
// Byte 0 chooses the request.
#include <algorithm>
#include <cstdlib>

#include "isolation/messages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  using namespace libmatch::detail;
  if (size == 0) {
    return 0;
  }
  scan_request request;
  request.options = LM_HASH_OPTIONS_INIT;
  request.pixels = true;
  request.options.orientations = (data[0] & 1U) != 0 ? LM_ORIENTATIONS_DERIVED : LM_ORIENTATIONS_PLAIN;
  request.options.trim_borders = (data[0] & 2U) != 0 ? 1 : 0;
  request.options.keypoints = 4;
  request.role = (data[0] & 4U) != 0 ? keypoint_role::query : keypoint_role::reference;
  const std::vector<std::uint8_t> reply(data + 1, data + size);
  scan_result result;
  if (!read_reply(reply, request, result)) {
    return 0;
  }
  const bool is_consistent =
      (result.scan == LM_SCAN_OK) == result.reason.empty() && result.images.size() <= 128 &&
      std::all_of(result.images.begin(), result.images.end(), [&](const scanned_image &image) {
        return image.codes.size() == ((data[0] & 1U) != 0 ? 256U : 32U) && image.quality <= 100;
      });
  if (!is_consistent || write_reply(result) != reply) {
    std::abort();
  }
  return 0;
}
