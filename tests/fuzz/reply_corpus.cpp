// Writes the seed corpus of reply_fuzzer: answers to each of its requests.
#include "hash/frame_signature.h"
#include "isolation/messages.h"
#include "support/write_corpus.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

// Of the planes of an image of 640 x 480 pixels.
keypoint_set some_keypoints(bool is_query) {
  keypoint_set set;
  set.width = is_query ? 640 : 512;
  set.height = is_query ? 480 : 384;
  set.points = {{1000, 2000, 3, 4}, {4000, 3000, 0, 255}};
  set.codes.assign(2 * keypoint_code_words, 0x123456789ABCDEF0);
  if (is_query) {
    set.view = {256, 192, std::vector<std::uint8_t>(std::size_t{256} * 192, 7)};
  } else {
    set.signature.assign(frame_signature_size_bytes, 0x5A);
  }
  return set;
}

scanned_image some_image(std::uint8_t choice, bool trimmed) {
  scanned_image image;
  image.trimmed = trimmed;
  image.width = 640;
  image.height = 480;
  image.part = {0, 0, 640, 480};
  image.quality = 100;
  image.codes.assign((choice & 1U) != 0 ? 256 : 32, 0x5A);
  if (!trimmed) {
    image.keypoints = some_keypoints((choice & 4U) != 0);
  }
  return image;
}

}  // namespace

int main(int argc, char **argv) {
  std::vector<named_file> files;
  for (std::uint8_t choice = 0; choice < 8; ++choice) {
    scan_result result;
    const auto add = [&](const char *name) {
      named_file file{name + std::to_string(choice), {choice}};
      const std::vector<std::uint8_t> reply = write_reply(result);
      file.content.insert(file.content.end(), reply.begin(), reply.end());
      files.push_back(std::move(file));
    };
    result.images = {some_image(choice, false)};
    add("one");
    result.images.push_back(some_image(choice, (choice & 2U) != 0));
    add("two");
    result.scan = LM_SCAN_DAMAGED;
    result.reason = "png: damaged";
    add("damaged");
    result.images.clear();
    add("refused");
  }
  return write_corpus(argc, argv, files);
}
