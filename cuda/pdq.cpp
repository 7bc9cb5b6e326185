#include "pdq.h"

#include <algorithm>
#include <span>
#include <vector>

#include "hash/luma.h"
#include "hash/orientation.h"
#include "hash/pdq_coefficients.h"
#include "pdq.cuh"

namespace libmatch::cuda {

namespace {

using detail::fail;

constexpr std::uint64_t blocks_of_multiprocessor = 4;
// Of workspace, and of pixels that are brought to the device at once.
constexpr std::uint64_t workspace_bytes_most = std::uint64_t{512} << 20;
constexpr std::uint64_t pixel_bytes_at_once = std::uint64_t{64} << 20;
constexpr std::uint64_t images_at_once = 4096;
constexpr std::uint64_t alignment = 256;

constexpr std::uint64_t aligned(std::uint64_t bytes) noexcept {
  return (bytes + alignment - 1) / alignment * alignment;
}

std::uint64_t row_bytes(const lm_image &image) {
  return std::uint64_t{image.width} * detail::pixel_size_bytes(image.format);
}

void check_orientations(lm_orientations orientations) {
  if (orientations < LM_ORIENTATIONS_PLAIN || orientations > LM_ORIENTATIONS_SAMPLED) {
    fail(LM_ERROR_INVALID_ARGUMENT, "there are no orientations ", orientations);
  }
}

void check_image(const lm_image &image, std::uint64_t number) {
  if (image.format < LM_PIXEL_GRAY8 || image.format > LM_PIXEL_RGBA8) {
    fail(LM_ERROR_INVALID_ARGUMENT, "image ", number, " has an unknown pixel format: ", image.format);
  }
  if (image.pixels == nullptr || image.stride_bytes < row_bytes(image)) {
    fail(LM_ERROR_INVALID_ARGUMENT, "image ", number, " has no pixels, or rows that lie in each other");
  }
}

void place_table(float *cosines, cudaStream_t stream) {
  for (std::uint32_t first = 0; first < cosines_size; first += cosines_size / 2) {
    cosines_half half;
    std::copy_n(detail::cosines().data() + first, cosines_size / 2, half.values);
    check(launch({dim3(1), dim3(hash_block_threads), 0, stream}, place_cosines, half, cosines + first),
          "bringing cosines to a device");
  }
}

// How many of the images are hashed together: at least one.
std::uint64_t images_of_chunk(std::span<const lm_image> images, bool on_device) {
  std::uint64_t bytes = 0;
  std::uint64_t n = 0;
  for (; n < std::min<std::uint64_t>(images.size(), images_at_once); ++n) {
    bytes += on_device ? 0 : aligned(row_bytes(images[n]) * images[n].height);
    if (n > 0 && bytes > pixel_bytes_at_once) {
      break;
    }
  }
  return n;
}

// Rows behind each other, without what lay between them.
void upload_pixels(device_call &call, const lm_image &image, std::uint8_t *to) {
  const std::uint64_t bytes = row_bytes(image);
  if (image.stride_bytes == bytes) {
    call.upload(to, image.pixels, bytes * image.height);
    return;
  }
  std::vector<std::uint8_t> rows(bytes * image.height);
  for (std::uint32_t y = 0; y < image.height; ++y) {
    std::copy_n(image.pixels + y * image.stride_bytes, bytes, rows.data() + y * bytes);
  }
  call.upload(to, rows.data(), rows.size());
}

void hash_chunk(device_call &call, std::span<const lm_image> images, const hash_request &request,
                table_image_codes *out_codes) {
  const bool on_device = request.on_device != 0;
  std::uint64_t pixel_bytes = 0;
  std::uint32_t width = 1;
  std::uint32_t height = 1;
  for (const lm_image &image : images) {
    pixel_bytes += on_device ? 0 : aligned(row_bytes(image) * image.height);
    width = std::max(width, image.width);
    height = std::max(height, image.height);
  }
  const device_array<std::uint8_t> pixels(call, pixel_bytes);
  std::vector<image_on_device> described;
  std::uint8_t *next = pixels.data();
  for (const lm_image &image : images) {
    described.push_back({image.pixels, image.stride_bytes, image.width, image.height, image.format, 0});
    if (!on_device) {
      upload_pixels(call, image, next);
      described.back().pixels = next;
      described.back().stride_bytes = row_bytes(image);
      next += aligned(row_bytes(image) * image.height);
    }
  }
  const hash_plan plan = plan_hashing(call.owner().facts(), images.size(), width, height, workspace_bytes_most);
  const device_array<image_on_device> described_there(call, described.data(), described.size());
  const device_array<std::uint8_t> workspace(call, plan.workspace_bytes());
  const device_array<table_image_codes> codes(call, images.size());
  image_batch batch{};
  batch.images = described_there.data();
  batch.size = static_cast<std::uint32_t>(images.size());
  batch.codes = codes.data();
  launch_hashing(batch, request.orientations, plan, workspace.data(), call.stream());
  call.download(out_codes, codes.data(), images.size() * sizeof(table_image_codes));
}

}  // namespace

hash_plan plan_hashing(const device_facts &facts, std::uint64_t n_images, std::uint32_t width, std::uint32_t height,
                       std::uint64_t bytes_most) {
  // An image that is turned may lie on its side.
  const std::uint64_t words = std::max(hash_workspace(width, height).size, hash_workspace(height, width).size);
  const std::uint64_t bytes = aligned(words * 4);
  const auto multiprocessors = static_cast<std::uint64_t>(std::max(facts.multiprocessors, 1));
  const std::uint64_t blocks = std::min(
      {n_images, multiprocessors * blocks_of_multiprocessor, std::max<std::uint64_t>(bytes_most / bytes, 1)});
  return {static_cast<std::uint32_t>(blocks), bytes};
}

void launch_hashing(image_batch batch, lm_orientations orientations, const hash_plan &plan, std::uint8_t *workspace,
                    cudaStream_t stream) {
  if (batch.size == 0) {
    return;
  }
  batch.orientations = orientations;
  for (int i = 0; i < 8; ++i) {
    const detail::turn way = detail::turn_of(i);
    const bool bottom_up = way.transposed ? way.reversed_horizontally : way.reversed_vertically;
    const bool right_to_left = way.transposed ? way.reversed_vertically : way.reversed_horizontally;
    batch.turns.set(static_cast<std::uint32_t>(i),
                    {(bottom_up ? 2U : 0U) + (right_to_left ? 1U : 0U), way.transposed});
  }
  auto *const cosines = reinterpret_cast<float *>(workspace);
  place_table(cosines, stream);
  batch.cosines = cosines;
  batch.workspace = workspace + cosines_size * sizeof(float);
  batch.workspace_bytes = plan.block_bytes;
  check(cudaMemsetAsync(batch.codes, 0, batch.size * sizeof(table_image_codes), stream), "clearing codes");
  check(launch({dim3(plan.blocks), dim3(hash_block_threads), 0, stream}, hash_images, batch), "hashing images");
}

void hash_pdq(device &on, const hash_request &request, table_image_codes *out_codes) {
  check_orientations(request.orientations);
  const std::span<const lm_image> images(request.images, request.n_images);
  for (std::uint64_t i = 0; i < images.size(); ++i) {
    check_image(images[i], i);
  }
  device_call call(on);
  for (std::uint64_t first = 0; first < images.size();) {
    const std::uint64_t size = images_of_chunk(images.subspan(first), request.on_device != 0);
    hash_chunk(call, images.subspan(first, size), request, out_codes + first);
    first += size;
  }
}

std::uint64_t batch_workspace_bytes(const device &on, std::uint64_t n_images, std::uint32_t width,
                                    std::uint32_t height) {
  return plan_hashing(on.facts(), n_images, width, height, workspace_bytes_most).workspace_bytes();
}

void hash_batch(const device &on, const batch_request &request) {
  check_orientations(request.orientations);
  check_image(request.first, 0);
  if (request.n_images > UINT32_MAX) {
    fail(LM_ERROR_INVALID_ARGUMENT, request.n_images, " images are more than a batch can have");
  }
  const lm_image &first = request.first;
  const hash_plan plan = plan_hashing(on.facts(), request.n_images, first.width, first.height, workspace_bytes_most);
  if (request.workspace_bytes < plan.workspace_bytes()) {
    fail(LM_ERROR_INVALID_ARGUMENT, "a workspace of ", request.workspace_bytes, " bytes for images that take ",
         plan.workspace_bytes());
  }
  const device_scope scope(on.number());
  image_batch batch{};
  batch.same = {first.pixels, first.stride_bytes, first.width, first.height, first.format, 0};
  batch.image_stride_bytes = request.image_stride_bytes;
  batch.size = static_cast<std::uint32_t>(request.n_images);
  batch.codes = request.codes;
  launch_hashing(batch, request.orientations, plan, static_cast<std::uint8_t *>(request.workspace),
                 static_cast<cudaStream_t>(request.stream));
}

}  // namespace libmatch::cuda
