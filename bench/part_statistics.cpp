// What the vote and the verification see of pairs of images: a line a pair that at least four votes agree on, by
// which the rules of match/part_match.cpp are chosen.
// Usage: part_statistics REFERENCES QUERIES, two files with the path of an image on each line.
#include <algorithm>
#include <cstdint>
#include <cstdio>
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
#include "hash/keypoints.h"
#include "image/decode.h"
#include "match/geometric_vote.h"
#include "match/verification.h"
#include "search/keypoint_search.h"
#include "search/keypoint_tables.h"

namespace {

namespace lm = libmatch::detail;

constexpr std::uint32_t votes_min = 4;

class plane_sink final : public lm::image_sink {
 public:
  explicit plane_sink(std::uint32_t side) : side_(side) {}
  void begin(const lm::image_header &header) override { builder_.emplace(header.width, header.height, side_); }
  void rows(std::uint32_t, std::uint32_t count, const std::uint8_t *rgb, std::size_t stride_bytes) override {
    builder_->rows(count, rgb, stride_bytes);
  }
  bool end() override { return false; }
  lm::gray_plane finish() { return builder_->finish(); }

 private:
  std::uint32_t side_;
  std::optional<lm::plane_builder> builder_;
};

// Empty for a file that is no image.
lm::keypoint_set keypoints_of(const std::string &path, lm::keypoint_role role) {
  const bool is_query = role == lm::keypoint_role::query;
  std::ifstream stream(path, std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  plane_sink sink(is_query ? lm::query_plane_side : lm::reference_plane_side);
  try {
    lm::decode_images({reinterpret_cast<const std::uint8_t *>(bytes.data()), bytes.size()},
                      {std::uint64_t{1} << 30, std::uint64_t{1} << 28, 1, true}, sink);
  } catch (const lm::scan_failure &failure) {
    std::fprintf(stderr, "%s: %s\n", path.c_str(), failure.what());
    return {};
  }
  return lm::extract_keypoints(sink.finish(),
                               {is_query ? lm::query_points_default : lm::reference_points_default, role});
}

std::vector<std::string> lines_of(const char *path) {
  std::ifstream stream(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
  }
  return lines;
}

struct reference_list {
  std::vector<lm::keypoint_set> sets;
  lm::aligned_vector<std::uint64_t> codes;
  std::vector<std::uint32_t> starts{0};
  lm::owned_keypoint_tables tables;
};

reference_list list_of(const std::vector<std::string> &paths, lm::thread_pool &threads) {
  reference_list list;
  list.sets.resize(paths.size());
  threads.for_each(paths.size(),
                   [&](std::size_t i) { list.sets[i] = keypoints_of(paths[i], lm::keypoint_role::reference); });
  for (const lm::keypoint_set &set : list.sets) {
    list.codes.insert(list.codes.end(), set.codes.begin(), set.codes.end());
    list.starts.push_back(static_cast<std::uint32_t>(list.codes.size() / lm::keypoint_code_words));
  }
  list.tables = lm::build_keypoint_tables(list.codes.data(), list.starts.back(), threads);
  return list;
}

double span_of(const lm::vote_result &voted, const lm::keypoint_set &reference) {
  int left = 1 << 20;
  int top = left;
  int right = 0;
  int bottom = 0;
  for (const lm::point_pair &pair : voted.inliers) {
    const lm::keypoint &point = reference.points[pair.reference_point];
    left = std::min<int>(left, point.x);
    right = std::max<int>(right, point.x);
    top = std::min<int>(top, point.y);
    bottom = std::max<int>(bottom, point.y);
  }
  return (right - left) / 16.0 * ((bottom - top) / 16.0) / (double{1} * reference.width * reference.height);
}

// Places that the transform does not explain: what another transform would rest on.
std::uint32_t rival_votes(const lm::keypoint_set &query, const lm::keypoint_set &reference,
                          const std::vector<lm::point_pair> &pairs, const lm::plane_transform &transform) {
  const auto [a, b, c, d, e, f] = transform;
  std::vector<lm::point_pair> others;
  for (const lm::point_pair &pair : pairs) {
    const double x = query.points[pair.query_point].x / 16.0;
    const double y = query.points[pair.query_point].y / 16.0;
    const double off_x = a * x + b * y + c - reference.points[pair.reference_point].x / 16.0;
    const double off_y = d * x + e * y + f - reference.points[pair.reference_point].y / 16.0;
    if (off_x * off_x + off_y * off_y > 40.0 * 40.0) {
      others.push_back(pair);
    }
  }
  return lm::vote(query, reference, others).votes;
}

void print_pair(std::size_t query_number, std::size_t reference_number, const lm::keypoint_set &query,
                const lm::keypoint_set &reference, const std::vector<lm::point_pair> &pairs) {
  const lm::vote_result voted = lm::vote(query, reference, pairs);
  if (voted.votes < votes_min) {
    return;
  }
  const lm::verification_result seen = lm::verify(query, reference, voted.transform);
  double distance = 0;
  for (const lm::point_pair &pair : voted.inliers) {
    distance += pair.distance;
  }
  std::printf("%zu\t%zu\t%zu\t%u\t%.3f\t%.2f\t%u\t%zu\t%zu", query_number, reference_number, pairs.size(),
              voted.votes, span_of(voted, reference), distance / voted.votes, seen.visible_cells,
              reference.points.size(), query.points.size());
  std::printf("\t%u\t", rival_votes(query, reference, pairs, voted.transform));
  for (const lm::step_counts &block : seen.agreement) {
    std::printf("%02x%02x%02x", block.compared, block.equal, block.missing);
  }
  for (const double value : voted.transform) {
    std::printf("\t%.4f", value);
  }
  std::printf("\n");
}

void look_up(std::size_t number, const lm::keypoint_set &query, const reference_list &list,
             const lm::search_environment &environment) {
  const auto points = static_cast<std::uint32_t>(query.points.size());
  lm::aligned_vector<std::uint64_t> codes(query.codes.begin(), query.codes.end());
  for (std::size_t c = 0; c < query.codes.size(); c += lm::keypoint_code_words) {
    const auto mirrored = lm::mirrored_code(query.codes.data() + c);
    codes.insert(codes.end(), mirrored.begin(), mirrored.end());
  }
  const std::vector<std::uint32_t> sets{0, points, 2 * points};
  lm::keypoint_codes view;
  view.rows = list.codes.data();
  view.size = list.starts.back();
  view.starts = list.starts;
  view.tables = &list.tables.layout;
  lm::keypoint_search_options options;
  options.max_distance = lm::keypoint_distance_max;
  const lm::keypoint_candidates found = lm::search_keypoints({&view, 1}, {codes.data(), sets}, options, environment);
  std::vector<std::vector<lm::point_pair>> pairs(list.sets.size());
  for (const lm::keypoint_candidate &candidate : found.candidates) {
    for (const lm::keypoint_pair &pair : found.pairs_of(candidate)) {
      pairs[candidate.reference.row].push_back(
          {pair.query_point, pair.reference_point, static_cast<std::uint8_t>(pair.distance), candidate.set == 1});
    }
  }
  for (std::size_t r = 0; r < pairs.size(); ++r) {
    if (pairs[r].size() >= votes_min) {
      print_pair(number, r, query, list.sets[r], pairs[r]);
    }
  }
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: part_statistics REFERENCES QUERIES\n");
    return 2;
  }
  lm::thread_pool threads(2);
  lm::progress_meter progress(nullptr, 0);
  const lm::instruction_set set =
      *std::find_if(lm::instruction_sets_best_first.begin(), lm::instruction_sets_best_first.end(), lm::can_run);
  const reference_list list = list_of(lines_of(argv[1]), threads);
  std::fprintf(stderr, "%zu references\n", list.sets.size());
  const std::vector<std::string> queries = lines_of(argv[2]);
  for (std::size_t q = 0; q < queries.size(); ++q) {
    look_up(q, keypoints_of(queries[q], lm::keypoint_role::query), list,
            {lm::kernels_for(set), set, threads, progress});
    std::fflush(stdout);
  }
}
