#include "isolation/messages.h"

#include <gtest/gtest.h>

#include "hash/frame_signature.h"
#include "hash/hasher.h"

using namespace libmatch::detail;

namespace {

scan_request some_request() {
  scan_request request;
  request.options = LM_HASH_OPTIONS_INIT;
  request.options.orientations = LM_ORIENTATIONS_DERIVED;
  request.options.trim_borders = 1;
  request.options.max_images = 2;
  request.options.keypoints = 2;
  request.pixels = true;
  return request;
}

scanned_image some_image(std::uint32_t frame, bool trimmed) {
  scanned_image image;
  image.frame = frame;
  image.trimmed = trimmed;
  image.width = 300;
  image.height = 200;
  image.part = trimmed ? pixel_rectangle{10, 20, 290, 180} : pixel_rectangle{0, 0, 300, 200};
  image.quality = 77;
  image.codes.assign(8 * 32, static_cast<std::uint8_t>(frame + 1));
  if (!trimmed) {
    image.keypoints.width = 300;
    image.keypoints.height = 200;
    image.keypoints.points = {{16, 32, 5, 6}, {4799, 3199, 0, 0}};
    image.keypoints.codes = {1, 2, 3, 4, 5, 6, 7, 8};
    image.keypoints.signature.assign(frame_signature_size_bytes, 9);
  }
  return image;
}

scan_result some_result() {
  scan_result result;
  result.images = {some_image(0, false), some_image(0, true), some_image(5, false)};
  return result;
}

scan_result refused(lm_scan scan, std::string reason) {
  scan_result result;
  result.scan = scan;
  result.reason = std::move(reason);
  return result;
}

bool is_taken(const scan_result &result) {
  scan_result read;
  return read_reply(write_reply(result), some_request(), read);
}

// Whether a result is taken after one of its images was changed.
template <typename Change>
bool is_taken_with(const Change &change) {
  scan_result result = some_result();
  change(result.images[1]);
  return is_taken(result);
}

}  // namespace

TEST(Reply, IsReadAsItWasWritten) {
  scan_result read;
  ASSERT_TRUE(read_reply(write_reply(some_result()), some_request(), read));
  EXPECT_EQ(read.scan, LM_SCAN_OK);
  ASSERT_EQ(read.images.size(), 3U);
  EXPECT_EQ(read.images[2].frame, 5U);
  EXPECT_TRUE(read.images[1].trimmed);
  EXPECT_EQ(read.images[1].width, 300U);
  EXPECT_EQ(read.images[1].height, 200U);
  EXPECT_EQ(read.images[1].part.y, 20U);
  EXPECT_EQ(read.images[1].part.height, 180U);
  EXPECT_EQ(read.images[1].quality, 77);
  EXPECT_EQ(read.images[2].codes, some_result().images[2].codes);
  const keypoint_set &keypoints = read.images[2].keypoints;
  EXPECT_EQ(keypoints.height, 200);
  ASSERT_EQ(keypoints.points.size(), 2U);
  EXPECT_EQ(keypoints.points[0].y, 32);
  EXPECT_EQ(keypoints.points[0].angle, 6);
  EXPECT_EQ(keypoints.codes, (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(keypoints.signature.size(), frame_signature_size_bytes);
}

TEST(Reply, ARefusalMayHaveImages) {
  scan_result result = some_result();
  result.scan = LM_SCAN_DAMAGED;
  result.reason = "gif: no";
  scan_result read;
  ASSERT_TRUE(read_reply(write_reply(result), some_request(), read));
  EXPECT_EQ(read.scan, LM_SCAN_DAMAGED);
  EXPECT_EQ(read.reason, "gif: no");
  EXPECT_EQ(read.images.size(), 3U);
  EXPECT_TRUE(is_taken(refused(LM_SCAN_DAMAGED, "png: no")));
}

TEST(Reply, OfAnyOtherLengthIsNone) {
  const std::vector<std::uint8_t> whole = write_reply(some_result());
  scan_result read;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(read_reply(std::span(whole).first(size), some_request(), read)) << size;
  }
  std::vector<std::uint8_t> longer = whole;
  longer.push_back(0);
  EXPECT_FALSE(read_reply(longer, some_request(), read));
}

TEST(Reply, ThatCannotBeIsNone) {
  EXPECT_FALSE(is_taken(refused(-1, "no")));
  EXPECT_FALSE(is_taken(refused(LM_SCAN_UNREADABLE, "no")));
  EXPECT_FALSE(is_taken(refused(LM_SCAN_CRASHED, "no")));
  EXPECT_FALSE(is_taken(refused(LM_SCAN_OK, "a reason")));
  EXPECT_FALSE(is_taken(refused(LM_SCAN_OK, "")));
  EXPECT_FALSE(is_taken(refused(LM_SCAN_DAMAGED, "")));
  scan_result many = some_result();
  many.images.resize(5, some_image(9, false));
  EXPECT_FALSE(is_taken(many));
}

TEST(Reply, OnlyAHasherCanFail) {
  const lm_hasher_handle picky(LIBMATCH_TEST_PLUGINS "/picky.so");
  scan_request request = some_request();
  const std::vector<std::uint8_t> failed = write_reply(refused(LM_SCAN_NOT_HASHED, "the hasher picky failed: no"));
  scan_result read;
  EXPECT_FALSE(read_reply(failed, request, read));
  request.options = LM_HASH_OPTIONS_INIT;
  request.options.hasher = &picky;
  ASSERT_TRUE(read_reply(failed, request, read));
  EXPECT_EQ(read.scan, LM_SCAN_NOT_HASHED);
  EXPECT_EQ(read.reason, "the hasher picky failed: no");
  EXPECT_FALSE(read_reply(write_reply(refused(LM_SCAN_CRASHED, "no")), request, read));
}

TEST(Reply, ACodeIsAsLongAsTheHashersIs) {
  const lm_hasher_handle picky(LIBMATCH_TEST_PLUGINS "/picky.so");
  scan_request request = some_request();
  request.options = LM_HASH_OPTIONS_INIT;
  request.options.hasher = &picky;
  scan_result result;
  result.images = {some_image(0, false)};
  result.images[0].keypoints = {};
  scan_result read;
  for (const std::size_t size : {0U, 7U, 8U, 9U, 32U}) {
    result.images[0].codes.assign(size, 1);
    EXPECT_EQ(read_reply(write_reply(result), request, read), size == 8) << size;
  }
}

TEST(Reply, WhoseImagesDoNotHoldTogetherIsNone) {
  EXPECT_TRUE(is_taken_with([](scanned_image &) {}));
  EXPECT_FALSE(is_taken_with([](scanned_image &image) { image.quality = 101; }));
  EXPECT_FALSE(is_taken_with([](scanned_image &image) { image.codes.pop_back(); }));
  EXPECT_FALSE(is_taken_with([](scanned_image &image) { image.codes.resize(9 * 32); }));
  EXPECT_FALSE(is_taken_with([](scanned_image &image) { image.part.x = 11; }));
  EXPECT_FALSE(is_taken_with([](scanned_image &image) { image.part.y = UINT32_MAX; }));
  EXPECT_FALSE(is_taken_with([](scanned_image &image) { image.part.width = 0; }));
  EXPECT_FALSE(is_taken_with([](scanned_image &image) { image.width = UINT32_MAX; }));
  scan_result trimmed = some_result();
  trimmed.images.erase(trimmed.images.begin());
  EXPECT_FALSE(is_taken(trimmed));  // what a border frames has no image
}

TEST(Reply, WhoseKeypointsDoNotHoldTogetherIsNone) {
  const auto is_taken_with_set = [](const auto &change) {
    scan_result result = some_result();
    change(result.images[0].keypoints);
    return is_taken(result);
  };
  EXPECT_TRUE(is_taken_with_set([](keypoint_set &set) { set = {}; }));
  EXPECT_TRUE(is_taken_with_set([](keypoint_set &set) {
    set.points.clear();
    set.codes.clear();
  }));
  EXPECT_FALSE(is_taken_with_set([](keypoint_set &set) { set.width = 301; }));
  EXPECT_FALSE(is_taken_with_set([](keypoint_set &set) { set.points[1].x = 4800; }));
  EXPECT_FALSE(is_taken_with_set([](keypoint_set &set) { set.points[1].y = 3200; }));
  EXPECT_FALSE(is_taken_with_set([](keypoint_set &set) { set.codes.pop_back(); }));
  EXPECT_FALSE(is_taken_with_set([](keypoint_set &set) { set.signature.pop_back(); }));
  EXPECT_FALSE(is_taken_with_set([](keypoint_set &set) { set.view = {1, 1, {0}}; }));
  EXPECT_FALSE(is_taken_with_set([](keypoint_set &set) {
    set.points.resize(3);
    set.codes.resize(12);
  }));
}

TEST(Reply, ItsTextIsPrintableAndShort) {
  scan_result read;
  ASSERT_TRUE(read_reply(write_reply(refused(LM_SCAN_DAMAGED, "a\x1b[2Jb\n\xff")), some_request(), read));
  EXPECT_EQ(read.reason, "a?[2Jb??");
  ASSERT_TRUE(read_reply(write_reply(refused(LM_SCAN_DAMAGED, std::string(10000, 'x'))), some_request(), read));
  EXPECT_EQ(read.reason, std::string(500, 'x'));
  // A worker that was taken over does not write by these rules.
  std::vector<std::uint8_t> written = write_reply(refused(LM_SCAN_DAMAGED, "abc"));
  written[sizeof(lm_scan) + sizeof(std::uint32_t)] = '\x1b';
  EXPECT_FALSE(read_reply(written, some_request(), read));
  written = write_reply(refused(LM_SCAN_DAMAGED, "abc"));
  written[sizeof(lm_scan) + 3] = 0xff;  // the text's length
  EXPECT_FALSE(read_reply(written, some_request(), read));
}
