// PDQ of batches by the kernel of cuda/pdq.cuh, against the definition and the CPU's codes of whole images and of
// what their borders frame.
#include "cuda/pdq.h"

#include <gtest/gtest.h>
#include <libmatch/cuda.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "c_api/handles.h"
#include "simt/executor.h"
#include "support/backends.h"
#include "support/pixels.h"
#include "support/synthetic_image.h"
#include "support/tier_one.h"
#include "tools.h"

namespace libmatch::cuda {
namespace {

using test::pixels;

// ThreadSanitizer is slow, and what races does so in images of any size.
constexpr std::size_t image_step = simt::thread_sanitizer ? 5 : 1;

constexpr lm_pixel_format formats[] = {LM_PIXEL_GRAY8, LM_PIXEL_RGB8, LM_PIXEL_RGBA8};

pixels made_image(std::uint32_t seed, std::uint32_t width, std::uint32_t height, lm_pixel_format format,
                  std::size_t padding_bytes) {
  const pixels colours = test::synthetic_image(seed, width, height);
  test::number_sequence numbers(seed);
  pixels image(width, height, format, padding_bytes);
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      for (std::size_t channel = 0; channel < image.pixel_bytes(); ++channel) {
        image.at(x, y)[channel] = channel < 3 ? colours.at(x, y)[channel] : static_cast<std::uint8_t>(numbers.next());
      }
    }
  }
  return image;
}

// Lines of one colour on some sides.
void draw_border(pixels &image, std::uint32_t left, std::uint32_t top, std::uint32_t right, std::uint32_t bottom) {
  for (std::uint32_t y = 0; y < image.height; ++y) {
    for (std::uint32_t x = 0; x < image.width; ++x) {
      if (x < left || y < top || x + right >= image.width || y + bottom >= image.height) {
        std::fill_n(image.at(x, y), image.pixel_bytes(), static_cast<std::uint8_t>(9 + x % 2));
      }
    }
  }
}

std::vector<table_image_codes> by_device(const std::vector<pixels> &images, lm_orientations orientations) {
  std::vector<lm_image> views;
  for (const pixels &image : images) {
    views.push_back(image.view());
  }
  std::vector<table_image_codes> codes(images.size());
  const auto opened = device::open(0);
  hash_pdq(*opened, {views.data(), views.size(), orientations, 0}, codes.data());
  return codes;
}

void expect_codes(const std::uint8_t (&codes)[8][32], std::uint8_t quality, const detail::pdq_result &expected,
                  const std::string &what) {
  EXPECT_EQ(quality, expected.quality) << what;
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_TRUE(std::equal(codes[i], codes[i] + 32, expected.codes[i].begin())) << what << ", orientation " << i;
  }
}

void expect_as_by_cpu(const std::vector<pixels> &images, lm_orientations orientations, const std::string &what) {
  const std::vector<table_image_codes> found = by_device(images, orientations);
  for (std::size_t i = 0; i < images.size(); ++i) {
    const lm_image view = images[i].view();
    const std::string name = what + ", image " + std::to_string(i) + " of " + std::to_string(view.width) + " x " +
                             std::to_string(view.height) + ", orientations " + std::to_string(orientations);
    const test::tier_one_codes expected = test::tier_one(view, orientations, detail::instruction_set::scalar);
    expect_codes(found[i].whole, found[i].whole_quality, detail::pdq_definition(view, orientations), name);
    ASSERT_EQ(found[i].is_framed != 0, expected.framed.has_value()) << name;
    expect_codes(found[i].trimmed, found[i].trimmed_quality, expected.trimmed, name + ", trimmed");
    if (expected.framed) {
      EXPECT_EQ(found[i].left, expected.framed->x) << name;
      EXPECT_EQ(found[i].top, expected.framed->y) << name;
      EXPECT_EQ(found[i].width, expected.framed->width) << name;
      EXPECT_EQ(found[i].height, expected.framed->height) << name;
    }
  }
}

struct image_size {
  std::uint32_t width;
  std::uint32_t height;
};

// Too small, smaller than the samples, windows of 1, of 2 along one side and both, odd and even ones, long and flat.
constexpr image_size sizes[] = {{4, 90},    {5, 5},     {31, 64},   {64, 64},  {128, 40},  {129, 128},
                                {200, 256}, {257, 384}, {385, 300}, {520, 70}, {40, 1100}, {150, 513}};

std::vector<pixels> images_of_sizes(lm_pixel_format format) {
  std::vector<pixels> images;
  for (std::size_t i = 0; i < std::size(sizes); i += image_step) {
    const image_size &size = sizes[i];
    const auto seed = static_cast<std::uint32_t>(images.size() + 1);
    images.push_back(made_image(seed, size.width, size.height, format, images.size() % 3));
  }
  return images;
}

TEST(pdq, every_size_and_format_is_as_defined) {
  simt::set_schedule_seed(0);
  for (const lm_pixel_format format : formats) {
    expect_as_by_cpu(images_of_sizes(format), LM_ORIENTATIONS_SAMPLED, "format " + std::to_string(format));
  }
}

TEST(pdq, all_kinds_of_orientations) {
  simt::set_schedule_seed(1);
  const std::vector<pixels> images = images_of_sizes(LM_PIXEL_RGB8);
  for (const lm_orientations orientations : {LM_ORIENTATIONS_PLAIN, LM_ORIENTATIONS_DERIVED, LM_ORIENTATIONS_TRUE}) {
    expect_as_by_cpu(images, orientations, "all sizes");
  }
}

std::vector<pixels> framed_images() {
  const std::uint32_t borders[][4] = {{10, 0, 10, 0}, {0, 20, 0, 25},   {30, 12, 31, 17}, {0, 0, 0, 40},
                                      {1, 1, 1, 1},   {70, 70, 70, 70}, {3, 3, 0, 0}};
  std::vector<pixels> images;
  for (const auto &border : borders) {
    const auto seed = static_cast<std::uint32_t>(images.size() + 100);
    images.push_back(
        made_image(seed, 210, 190 + 40 * static_cast<std::uint32_t>(images.size()), formats[images.size() % 3], 0));
    draw_border(images.back(), border[0], border[1], border[2], border[3]);
  }
  // Of one colour; and one that is black but for its middle.
  images.emplace_back(100, 120, LM_PIXEL_GRAY8);
  images.push_back(made_image(7, 300, 200, LM_PIXEL_RGB8, 0));
  draw_border(images.back(), 110, 80, 110, 80);
  return images;
}

TEST(pdq, what_borders_frame_is_hashed_too) {
  simt::set_schedule_seed(2);
  const std::vector<pixels> images = framed_images();
  if (simt::thread_sanitizer) {
    expect_as_by_cpu({images[2]}, LM_ORIENTATIONS_SAMPLED, "framed");
    return;
  }
  expect_as_by_cpu(images, LM_ORIENTATIONS_SAMPLED, "framed");
  std::size_t framed = 0;
  for (const pixels &image : images) {
    framed += test::tier_one(image.view(), LM_ORIENTATIONS_PLAIN, detail::instruction_set::scalar).framed ? 1 : 0;
  }
  // Else the test would say little.
  EXPECT_GE(framed, 4U);
}

TEST(pdq, every_order_of_threads_and_blocks) {
  std::vector<pixels> images;
  images.push_back(made_image(1, 70, 90, LM_PIXEL_RGB8, 0));
  images.push_back(made_image(2, 150, 40, LM_PIXEL_RGBA8, 1));
  images.push_back(made_image(3, 60, 264, LM_PIXEL_GRAY8, 0));
  draw_border(images[2], 8, 20, 8, 20);
  for (std::uint64_t seed = 0; seed < (simt::thread_sanitizer ? 4 : 10); ++seed) {
    simt::set_schedule_seed(seed);
    expect_as_by_cpu(images, LM_ORIENTATIONS_SAMPLED, "seed " + std::to_string(seed));
  }
}

// The call of libmatch/cuda.h: pixels on the device, one after the other, and nothing waited for or allocated, so
// that a graph can be made of it.
TEST(pdq, a_batch_on_the_device_is_hashed_by_a_captured_stream) {
  simt::set_schedule_seed(3);
  std::vector<std::uint8_t> all;
  std::vector<pixels> images;
  for (std::uint32_t i = 0; i < 5; ++i) {
    images.push_back(made_image(30 + i, 90, 70, LM_PIXEL_RGB8, 0));
    all.insert(all.end(), images.back().bytes.begin(), images.back().bytes.end());
  }
  lm_context context;
  context.device = test::open_any_backend("simt");
  context.threads = std::make_unique<detail::thread_pool>(1);
  const auto opened = device::open(0);
  device_call call(*opened);
  const device_array<std::uint8_t> there(call, all.data(), all.size());
  const std::uint64_t workspace_bytes = lm_cuda_hash_workspace_bytes(&context, images.size(), 90, 70);
  const device_array<std::uint8_t> workspace(call, workspace_bytes);
  const device_array<lm_cuda_image_codes> codes(call, images.size());
  call.wait();
  const lm_cuda_images batch{{there.data(), 90, 70, 90 * 3, LM_PIXEL_RGB8}, 90 * 3 * 70, images.size()};
  const auto hash = [&](std::uint64_t bytes) {
    return lm_cuda_hash_images(&context, &batch, LM_ORIENTATIONS_SAMPLED, codes.data(), workspace.data(), bytes,
                               call.stream());
  };
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  ASSERT_EQ(cudaStreamBeginCapture(call.stream(), cudaStreamCaptureModeGlobal), cudaSuccess);
  ASSERT_EQ(hash(workspace_bytes), LM_OK) << lm_last_error();
  ASSERT_EQ(cudaStreamEndCapture(call.stream(), &graph), cudaSuccess);
  ASSERT_EQ(cudaGraphInstantiate(&executable, graph, 0), cudaSuccess);
  ASSERT_EQ(cudaGraphLaunch(executable, call.stream()), cudaSuccess);
  const std::vector<lm_cuda_image_codes> found = codes.download();
  for (std::size_t i = 0; i < images.size(); ++i) {
    expect_codes(found[i].whole, found[i].whole_quality,
                 detail::pdq_definition(images[i].view(), LM_ORIENTATIONS_SAMPLED), "image " + std::to_string(i));
  }
  EXPECT_EQ(cudaGraphExecDestroy(executable), cudaSuccess);
  EXPECT_EQ(cudaGraphDestroy(graph), cudaSuccess);
  EXPECT_EQ(hash(workspace_bytes - 1), LM_ERROR_INVALID_ARGUMENT);
}

TEST(pdq, pixels_that_lie_on_the_device_already) {
  simt::set_schedule_seed(4);
  const pixels image = made_image(5, 140, 100, LM_PIXEL_RGBA8, 4);
  const auto opened = device::open(0);
  table_image_codes codes;
  {
    device_call call(*opened);
    const device_array<std::uint8_t> there(call, image.bytes.data(), image.bytes.size());
    call.wait();
    lm_image view = image.view();
    view.pixels = there.data();
    hash_pdq(*opened, {&view, 1, LM_ORIENTATIONS_SAMPLED, 1}, &codes);
  }
  expect_codes(codes.whole, codes.whole_quality, detail::pdq_definition(image.view(), LM_ORIENTATIONS_SAMPLED), "");
}

TEST(pdq, too_little_memory_is_an_error_wherever_it_is_met) {
  simt::set_schedule_seed(0);
  const std::vector<pixels> images{made_image(1, 40, 50, LM_PIXEL_RGB8, 0)};
  for (std::size_t n = 1;; ++n) {
    simt::fail_allocation(n);
    const std::size_t before = simt::allocations_asked();
    try {
      by_device(images, LM_ORIENTATIONS_PLAIN);
    } catch (const detail::error &failure) {
      EXPECT_EQ(failure.status(), LM_ERROR_OUT_OF_MEMORY) << failure.what();
      continue;
    }
    // More were to fail than were asked for, or what failed could be done without.
    if (simt::allocations_asked() - before < n) {
      EXPECT_GT(n, 4U);
      break;
    }
  }
  simt::fail_allocation(0);
}

TEST(pdq, what_cannot_be_hashed_is_refused) {
  std::vector<pixels> images{made_image(1, 40, 50, LM_PIXEL_RGB8, 0)};
  const auto expect_refused = [&](lm_image view, lm_orientations orientations) {
    table_image_codes codes;
    const auto opened = device::open(0);
    try {
      hash_pdq(*opened, {&view, 1, orientations, 0}, &codes);
      ADD_FAILURE() << "hashed";
    } catch (const detail::error &failure) {
      EXPECT_EQ(failure.status(), LM_ERROR_INVALID_ARGUMENT) << failure.what();
    }
  };
  lm_image view = images[0].view();
  expect_refused(view, 9);
  view.format = 7;
  expect_refused(view, LM_ORIENTATIONS_PLAIN);
  view = images[0].view();
  view.stride_bytes = 119;
  expect_refused(view, LM_ORIENTATIONS_PLAIN);
}

}  // namespace
}  // namespace libmatch::cuda
