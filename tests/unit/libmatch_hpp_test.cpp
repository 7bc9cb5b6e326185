#include "libmatch/libmatch.hpp"

#include <gtest/gtest.h>

#include "libmatch/cuda.hpp"

#include "support/synthetic_image.h"

using namespace std::string_literals;

namespace {

template <typename Call>
void expect_refused(const Call &call, const std::string &reason) {
  try {
    call();
    ADD_FAILURE() << "no error";
  } catch (const libmatch::error &failure) {
    EXPECT_EQ(failure.status(), LM_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(failure.what(), reason);
  }
}

}  // namespace

TEST(CppWrapper, TakesNoTextWithAZeroByte) {
  const libmatch::context context("scalar", 1);
  const std::vector<std::string> texts{"whole", "cut\0 off"s};
  const std::string reason = "text 1 holds a zero byte: \"cut\\0...\"";
  expect_refused([&] { libmatch::c_strings(texts); }, reason);
  expect_refused([&] { libmatch::hash_files(context, texts); }, reason);
  libmatch::index index(context, 64, LM_HASH_CODE);
  expect_refused([&] { index.add(std::vector<std::uint8_t>(16), {}, texts); }, reason);
  EXPECT_EQ(index.size(), 0);
  expect_refused([&] { libmatch::match_files(context, index, texts); }, reason);
}

TEST(CppWrapper, PlansSearchesByTheLayoutsThereAre) {
  const libmatch::context context("scalar", 1);
  libmatch::index index(context, 128, LM_HASH_CODE);
  EXPECT_STREQ(index.plan(context, 1, 7).method, "none");
  std::vector<std::uint8_t> codes(16 * 100);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    codes[i] = static_cast<std::uint8_t>(i * i / 7);
  }
  index.add(codes);
  index.prepare(context);
  EXPECT_EQ(index.plan(context, 1, 7).buckets_codes, 0);  // too few for them to pay

  lm_layout_options options = LM_LAYOUT_OPTIONS_INIT;
  options.buckets = LM_LAYOUT_ALWAYS;
  index.set_layouts(options);
  index.set_layouts();
  index.prepare(context);
  EXPECT_EQ(index.plan(context, 1, 7).buckets_codes, 0);
  index.set_layouts(options);
  index.prepare(context);
  const lm_plan_data plan = index.plan(context, 1, 7);
  EXPECT_EQ(plan.codes, 100);
  EXPECT_EQ(plan.planes_codes, 0);
  EXPECT_EQ(plan.buckets_codes, 100);
  EXPECT_GT(plan.microseconds, 0);
  EXPECT_GT(index.data().layout_bytes, 0);
  options.planes = 7;
  expect_refused([&] { index.set_layouts(options); }, "options->planes is 7: no layout policy");
}

TEST(CppWrapper, MatchesPixels) {
  const libmatch::context context("scalar", 1);
  const libmatch::test::pixels picture = libmatch::test::synthetic_image(5, 100, 80);
  const lm_image image = picture.view();
  std::vector<std::uint8_t> code(32);
  libmatch::check(lm_hash_images(context.get(), nullptr, &image, 1, nullptr, code.data(), nullptr));
  libmatch::index index(context, 256, LM_HASH_PDQ256);
  index.add(code);
  const libmatch::verdicts verdicts = libmatch::match_images(context, index, {&image, 1});
  ASSERT_EQ(verdicts.size(), 1U);
  EXPECT_EQ(verdicts.verdict(0), LM_VERDICT_MATCH);
  EXPECT_EQ(verdicts.matches(0).at(0).distance, 0U);
}

// tests/simt/view_test.cpp has what works.
TEST(CppWrapper, SaysThatThereIsNoCudaDevice) {
  const libmatch::context context("scalar", 1);
  const libmatch::index index(context);
  const auto expect_none = [](const auto &call) {
    try {
      call();
      ADD_FAILURE() << "no error";
    } catch (const libmatch::error &failure) {
      EXPECT_EQ(failure.status(), LM_ERROR_UNSUPPORTED);
      EXPECT_EQ(failure.what(), "context: its backend is \"scalar\", not one CUDA device"s);
    }
  };
  expect_none([&] { const libmatch::cuda_view view(index, context); });
  expect_none([&] { libmatch::cuda_set_allocator(context, nullptr); });
  expect_none([&] { libmatch::cuda_wait_for_stream(context, nullptr, nullptr); });
  EXPECT_EQ(libmatch::cuda_hash_workspace_bytes(context, 1, 9, 9), 0U);
  std::uint8_t pixel = 0;
  const lm_cuda_images images{{&pixel, 1, 1, 1, LM_PIXEL_GRAY8}, 1, 1};
  lm_cuda_image_codes codes{};
  expect_none([&] {
    alignas(256) std::byte room[256];
    libmatch::cuda_hash_images(context, images, LM_ORIENTATIONS_PLAIN, {&codes, 1}, {room, sizeof room});
  });
  EXPECT_THROW(libmatch::cuda_hash_images(context, images, LM_ORIENTATIONS_PLAIN, {&codes, 2}, {}),
               std::invalid_argument);
}

// The command line uses plug-ins by way of the wrapper; here only how it fails.
TEST(CppWrapper, SaysWhyAPlugInCannotBeLoaded) {
  try {
    const libmatch::hasher hasher("no/such/hasher.so");
    ADD_FAILURE() << "no error";
  } catch (const libmatch::error &failure) {
    EXPECT_EQ(failure.status(), LM_ERROR_IO);
    EXPECT_EQ(failure.what(), "no/such/hasher.so: cannot open: No such file or directory"s);
  }
}
