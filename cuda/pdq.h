// PDQ on a device: the host's side of pdq.cuh.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "backend_table.h"
#include "device.h"
#include "pdq_views.h"

namespace libmatch::cuda {

// How many images of up to a size are hashed at once, and the memory on the device that this takes.
struct hash_plan {
  std::uint32_t blocks;
  std::uint64_t block_bytes;  // a multiple of 256
  std::uint64_t workspace_bytes() const noexcept { return cosines_size * sizeof(float) + blocks * block_bytes; }
};

// bytes_most: not less than for one image, which may be more.
hash_plan plan_hashing(const device_facts &facts, std::uint64_t n_images, std::uint32_t width, std::uint32_t height,
                       std::uint64_t bytes_most);

// Puts the hashing of a batch into the stream; nothing is waited for or allocated. Images, codes and workspace, which
// is aligned to 256, are on the device; codes are cleared first. What of the batch follows from the rest is set here.
void launch_hashing(image_batch batch, lm_orientations orientations, const hash_plan &plan, std::uint8_t *workspace,
                    cudaStream_t stream);

// The entries of the table. LM_ERROR_INVALID_ARGUMENT: an unknown format or orientations, or too small a workspace.
void hash_pdq(device &on, const hash_request &request, table_image_codes *out_codes);

std::uint64_t batch_workspace_bytes(const device &on, std::uint64_t n_images, std::uint32_t width,
                                    std::uint32_t height);
void hash_batch(const device &on, const batch_request &request);

}  // namespace libmatch::cuda
