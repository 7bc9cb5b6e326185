// PDQ on a device: the host's side of pdq.cuh.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "backend_table.h"
#include "device.h"
#include "pdq_views.h"

namespace libmatch::cuda {

// How many images of up to this size are hashed at once, and the memory on the device that this takes.
struct hash_plan {
  std::uint32_t blocks;
  std::uint64_t workspace_bytes;  // of each block, a multiple of 256
  std::uint64_t bytes() const noexcept { return blocks * workspace_bytes; }
};

// bytes_most: not less than for one image, which may be more.
hash_plan plan_hashing(const device_facts &facts, std::uint64_t n_images, std::uint32_t width, std::uint32_t height,
                       std::uint64_t bytes_most);

// Bytes of the cosines that launch_hashing() wants on the device, and what they are.
inline constexpr std::uint64_t cosines_bytes = std::uint64_t{frequencies} * sample_side * sizeof(float);
const float *cosines_of_host();

// Sets what follows from orientations alone.
void set_orientations(image_batch &batch, lm_orientations orientations);

// Puts the hashing of a batch into the stream; nothing is waited for or allocated. All that the batch points to is on
// the device; its codes are cleared first.
void launch_hashing(const image_batch &batch, const hash_plan &plan, cudaStream_t stream);

// The entry of the table. LM_ERROR_INVALID_ARGUMENT: an unknown format or orientations.
void hash_pdq(device &on, const hash_request &request, table_image_codes *out_codes);

}  // namespace libmatch::cuda
