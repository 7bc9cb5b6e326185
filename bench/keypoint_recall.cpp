// What the tables of keypoints lose in a long list, and how soon they answer. The files are references, lengthened to
// REFERENCES by synthetic ones whose codes are spread as theirs. Of every file a noisy part is a query: 50 to 90 % of
// each side, half of them mirrored. Told of the true reference: verdicts of its parts after an exact search of the
// files alone, and after a search by tables of the whole list.
// Usage: keypoint_recall REFERENCES FILE…
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/cpu_features.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "distance/dispatch.h"
#include "hash/gray_plane.h"
#include "hash/keypoints.h"
#include "image/decode.h"
#include "match/part_match.h"
#include "search/keypoint_search.h"
#include "search/keypoint_tables.h"
#include "support/keypoint_codes.h"

namespace {

namespace lm = libmatch::detail;

constexpr std::size_t synthetic_points = 200;

lm::instruction_set best_set() {
  for (const lm::instruction_set set : lm::instruction_sets_best_first) {
    if (lm::can_run(set)) {
      return set;
    }
  }
  return lm::instruction_set::scalar;
}

struct reference_and_query {
  lm::keypoint_set reference;
  lm::keypoint_set query;
};

lm::gray_plane plane_of(const std::uint8_t *rgb, std::size_t stride_bytes, std::uint32_t width, std::uint32_t height,
                        std::uint32_t side) {
  lm::plane_builder builder(width, height, side);
  builder.rows(height, rgb, stride_bytes);
  return builder.finish();
}

// The part starts and ends anywhere; every sample is moved by up to 8.
lm::gray_plane altered_part(const lm::decoded_image &image, libmatch::test::random_source &random) {
  const auto below = [&](std::uint32_t end) { return static_cast<std::uint32_t>(random.below(end)); };
  const std::uint32_t width = image.width * (50 + below(41)) / 100;
  const std::uint32_t height = image.height * (50 + below(41)) / 100;
  const std::uint32_t left = below(image.width - width + 1);
  const std::uint32_t top = below(image.height - height + 1);
  const bool mirrored = random.below(2) == 1;
  std::vector<std::uint8_t> rgb;
  rgb.reserve(std::size_t{width} * height * 3);
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      const std::size_t from = mirrored ? left + width - 1 - x : left + x;
      const std::uint8_t *pixel = &image.rgb[((top + y) * std::size_t{image.width} + from) * 3];
      for (int channel = 0; channel < 3; ++channel) {
        const int moved = pixel[channel] + static_cast<int>(random.below(17)) - 8;
        rgb.push_back(static_cast<std::uint8_t>(std::clamp(moved, 0, 255)));
      }
    }
  }
  return plane_of(rgb.data(), std::size_t{width} * 3, width, height, lm::query_plane_side);
}

// Nothing for what is no image, too small or without corners.
std::optional<reference_and_query> keypoints_of(const std::string &path, std::uint64_t seed) {
  std::ifstream stream(path, std::ios::binary);
  const std::vector<std::uint8_t> file((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  try {
    const lm::decoded_image image = lm::decode(file, {std::uint64_t{1} << 30, std::uint64_t{1} << 28, 1, true});
    libmatch::test::random_source random(seed);
    if (std::min(image.width, image.height) < 96) {
      return std::nullopt;
    }
    const lm::gray_plane plane =
        plane_of(image.rgb.get(), std::size_t{image.width} * 3, image.width, image.height, lm::reference_plane_side);
    reference_and_query result{
        lm::extract_keypoints(plane, {lm::reference_points_default, lm::keypoint_role::reference}),
        lm::extract_keypoints(altered_part(image, random), {lm::query_points_default, lm::keypoint_role::query})};
    return result.reference.points.empty() ? std::nullopt : std::optional(std::move(result));
  } catch (const lm::scan_failure &failure) {
    std::fprintf(stderr, "%s: %s\n", path.c_str(), failure.what());
    return std::nullopt;
  }
}

std::vector<reference_and_query> all_keypoints(int argc, char **argv, lm::thread_pool &threads) {
  std::vector<std::optional<reference_and_query>> read(static_cast<std::size_t>(argc - 2));
  threads.for_each(read.size(), [&](std::size_t i) { read[i] = keypoints_of(argv[i + 2], i); });
  std::vector<reference_and_query> result;
  for (std::optional<reference_and_query> &each : read) {
    if (each) {
      result.push_back(std::move(*each));
    }
  }
  return result;
}

struct list_of_codes {
  lm::aligned_vector<std::uint64_t> codes;
  std::vector<std::uint32_t> starts{0};
  lm::owned_keypoint_tables tables;

  void add(const lm::keypoint_set &set) {
    codes.insert(codes.end(), set.codes.begin(), set.codes.end());
    starts.push_back(static_cast<std::uint32_t>(codes.size() / lm::keypoint_code_words));
  }

  void lengthen(std::size_t references) {
    const std::size_t missing = references - std::min(references, starts.size() - 1);
    const std::vector<std::uint64_t> given(codes.begin(), codes.end());
    const auto bulk = libmatch::test::bulk_codes(given, missing * synthetic_points, 1);
    codes.insert(codes.end(), bulk.begin(), bulk.end());
    for (std::size_t i = 0; i < missing; ++i) {
      starts.push_back(starts.back() + static_cast<std::uint32_t>(synthetic_points));
    }
  }

  lm::keypoint_codes view() const {
    lm::keypoint_codes result;
    result.rows = codes.data();
    result.size = starts.back();
    result.starts = starts;
    result.tables = tables.starts.empty() ? nullptr : &tables.layout;
    return result;
  }
};

struct answer {
  std::optional<lm::part_match> match;
  std::size_t references = 0;  // candidates
  double milliseconds = 0;
};

// The search, and the verdict on reference `own`.
answer answer_of(const reference_and_query &pair, std::uint32_t own, const list_of_codes &list,
                 lm::keypoint_method method, const lm::search_environment &environment) {
  const auto points = static_cast<std::uint32_t>(pair.query.points.size());
  lm::aligned_vector<std::uint64_t> codes(pair.query.codes.begin(), pair.query.codes.end());
  for (std::size_t c = 0; c < pair.query.codes.size(); c += lm::keypoint_code_words) {
    const auto mirrored = lm::mirrored_code(pair.query.codes.data() + c);
    codes.insert(codes.end(), mirrored.begin(), mirrored.end());
  }
  const std::vector<std::uint32_t> sets{0, points, 2 * points};
  lm::keypoint_search_options options;
  options.max_distance = lm::keypoint_distance_max;
  options.method = method;
  const lm::keypoint_codes view = list.view();
  const auto begin = std::chrono::steady_clock::now();
  const lm::keypoint_candidates found = lm::search_keypoints({&view, 1}, {codes.data(), sets}, options, environment);
  answer result;
  result.milliseconds = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  result.references = found.candidates.size();
  std::vector<lm::point_pair> pairs;
  for (const lm::keypoint_candidate &candidate : found.candidates) {
    for (const lm::keypoint_pair &each : found.pairs_of(candidate)) {
      if (candidate.reference.row == own) {
        pairs.push_back(
            {each.query_point, each.reference_point, static_cast<std::uint8_t>(each.distance), candidate.set == 1});
      }
    }
  }
  result.match = lm::match_parts(pair.query, pair.reference, pairs);
  return result;
}

void measure(const std::vector<reference_and_query> &all, const list_of_codes &files, const list_of_codes &list,
             const lm::search_environment &environment) {
  std::size_t exact_found = 0;
  std::size_t exact_matches = 0;
  std::size_t found = 0;
  std::size_t matches = 0;
  std::vector<double> milliseconds;
  double candidates = 0;
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    const answer exact = answer_of(all[i], i, files, lm::keypoint_method::exact, environment);
    const answer tables = answer_of(all[i], i, list, lm::keypoint_method::automatic, environment);
    exact_found += exact.match ? 1 : 0;
    exact_matches += exact.match && exact.match->certain ? 1 : 0;
    found += tables.match ? 1 : 0;
    matches += tables.match && tables.match->certain ? 1 : 0;
    milliseconds.push_back(tables.milliseconds);
    candidates += static_cast<double>(tables.references) / static_cast<double>(all.size());
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  std::printf("%zu queries; exact, files alone: %zu match, %zu match or review; tables, whole list: %zu, %zu\n",
              all.size(), exact_matches, exact_found, matches, found);
  std::printf("search by tables: median %.0f ms, most %.0f ms; %.0f candidates a query\n",
              milliseconds[milliseconds.size() / 2], milliseconds.back(), candidates);
}

}  // namespace

int main(int argc, char **argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: keypoint_recall REFERENCES FILE...\n");
    return 2;
  }
  const std::size_t references = std::strtoull(argv[1], nullptr, 10);
  lm::thread_pool threads(2);
  lm::progress_meter progress(nullptr, 0);
  const lm::instruction_set set = best_set();
  const std::vector<reference_and_query> all = all_keypoints(argc, argv, threads);
  list_of_codes files;
  for (const reference_and_query &each : all) {
    files.add(each.reference);
  }
  if (all.empty()) {
    std::fprintf(stderr, "no image with keypoints\n");
    return 1;
  }
  list_of_codes list = files;
  list.lengthen(references);
  const auto begin = std::chrono::steady_clock::now();
  list.tables = lm::build_keypoint_tables(list.codes.data(), list.starts.back(), threads);
  const std::size_t count = list.starts.size() - 1;
  std::printf("%zu references, %zu of them files; tables of %.0f bytes a reference, made in %.0f s\n", count,
              all.size(),
              static_cast<double>(lm::keypoint_table_bytes(list.tables.layout)) / static_cast<double>(count),
              std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  measure(all, files, list, {lm::kernels_for(set), set, threads, progress});
}
