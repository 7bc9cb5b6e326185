// Keypoints, one thread: the plane of an image, the steps on it, the whole extraction, and the vote on one reference.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "hash/corner_detector.h"
#include "hash/keypoint_pyramid.h"
#include "hash/keypoints.h"
#include "match/geometric_vote.h"
#include "match/verification.h"
#include "support/pixels.h"
#include "support/shape_picture.h"

namespace {

using namespace libmatch::detail;

void plane(benchmark::State &state) {
  const auto width = static_cast<std::uint32_t>(state.range(0));
  const libmatch::test::pixels image = libmatch::test::noise(1, width, width * 3 / 4, LM_PIXEL_RGB8);
  for (auto iteration : state) {
    plane_builder builder(image.width, image.height, query_plane_side);
    builder.rows(image.height, image.bytes.data(), image.stride_bytes());
    benchmark::DoNotOptimize(builder.finish());
  }
}
BENCHMARK(plane)->Name("keypoints/plane")->Arg(1024)->Arg(4000)->Unit(benchmark::kMillisecond);

gray_plane picture(std::int64_t side) {
  const auto width = static_cast<std::uint32_t>(side);
  return libmatch::test::shape_picture(1, width, width * 3 / 4);
}

void levels(benchmark::State &state) {
  const gray_plane of = picture(state.range(0));
  for (auto iteration : state) {
    benchmark::DoNotOptimize(pyramid_of(of, 48));
  }
}
BENCHMARK(levels)->Name("keypoints/pyramid")->Arg(1024)->Unit(benchmark::kMillisecond);

void smoothing(benchmark::State &state) {
  const gray_plane of = picture(state.range(0));
  for (auto iteration : state) {
    benchmark::DoNotOptimize(smoothed(of));
  }
}
BENCHMARK(smoothing)->Name("keypoints/smoothed_level")->Arg(1024)->Unit(benchmark::kMillisecond);

void corners(benchmark::State &state) {
  const gray_plane of = picture(state.range(0));
  std::size_t found = 0;
  for (auto iteration : state) {
    found = corners_of(of, 16).size();
    benchmark::DoNotOptimize(found);
  }
  state.counters["corners"] = static_cast<double>(found);
}
BENCHMARK(corners)->Name("keypoints/corners_of_level")->Arg(1024)->Unit(benchmark::kMillisecond);

void extraction(benchmark::State &state) {
  const gray_plane of = picture(state.range(0));
  const auto points = static_cast<std::uint32_t>(state.range(1));
  const keypoint_role role = state.range(0) > reference_plane_side ? keypoint_role::query : keypoint_role::reference;
  std::size_t found = 0;
  for (auto iteration : state) {
    found = extract_keypoints(of, {points, role}).points.size();
    benchmark::DoNotOptimize(found);
  }
  state.counters["points"] = static_cast<double>(found);
}
BENCHMARK(extraction)
    ->Name("keypoints/extract")
    ->Args({reference_plane_side, reference_points_default})
    ->Args({query_plane_side, query_points_default})
    ->Unit(benchmark::kMillisecond);

// So many pairs at random, of which none or 20 agree.
void voting(benchmark::State &state) {
  keypoint_set query;
  keypoint_set reference;
  query.width = query.height = 1024;
  reference.width = reference.height = 512;
  std::vector<point_pair> pairs;
  libmatch::test::number_sequence numbers(9);
  for (std::uint32_t i = 0; i < state.range(0); ++i) {
    const auto x = static_cast<std::uint16_t>(numbers.next() % 16384);
    const auto y = static_cast<std::uint16_t>(numbers.next() % 16384);
    query.points.push_back({x, y, 16, 7});
    if (i < state.range(1)) {
      reference.points.push_back({static_cast<std::uint16_t>(x / 2), static_cast<std::uint16_t>(y / 2), 0, 7});
    } else {
      reference.points.push_back(
          {static_cast<std::uint16_t>(numbers.next() % 8192), static_cast<std::uint16_t>(numbers.next() % 8192),
           static_cast<std::uint8_t>(numbers.next() % 32), static_cast<std::uint8_t>(numbers.next())});
    }
    pairs.push_back({i, i, static_cast<std::uint8_t>(numbers.next() % 33), false});
  }
  std::uint32_t votes = 0;
  for (auto iteration : state) {
    votes = vote(query, reference, pairs).votes;
    benchmark::DoNotOptimize(votes);
  }
  state.counters["votes"] = votes;
}
BENCHMARK(voting)
    ->Name("keypoints/vote")
    ->Args({30, 0})
    ->Args({100, 20})
    ->Args({256, 20})
    ->Args({4000, 20})
    ->Unit(benchmark::kMicrosecond);

void verification(benchmark::State &state) {
  const keypoint_set query =
      extract_keypoints(picture(query_plane_side), {query_points_default, keypoint_role::query});
  const keypoint_set reference = extract_keypoints(picture(reference_plane_side), {});
  const plane_transform half{0.5, 0, 0, 0, 0.5, 0};
  for (auto iteration : state) {
    benchmark::DoNotOptimize(verify(query, reference, half));
  }
}
BENCHMARK(verification)->Name("keypoints/verify")->Unit(benchmark::kMicrosecond);

}  // namespace
