#include "hash_images.h"

#include <cstdint>
#include <vector>

#include "output.h"

namespace command {

namespace {

std::string code_of(const libmatch::hashes &hashes, const libmatch::hashes::image &image, std::size_t orientation) {
  const std::size_t size = hashes.data().code_size_bytes;
  return to_hex(image.codes.subspan(orientation * size, size));
}

const char *name_of(std::size_t orientation) { return lm_orientation_name(static_cast<std::int32_t>(orientation)); }

}  // namespace

void print_image_rows(const libmatch::hashes &hashes, std::size_t i, const std::string &path) {
  const std::vector<libmatch::hashes::image> images = hashes.images(i);
  if (images.empty()) {
    print_row({"-", "-", escape(path), "-", "-", "-"});
  }
  for (const libmatch::hashes::image &image : images) {
    for (std::size_t c = 0; c < hashes.data().codes_each; ++c) {
      print_row({code_of(hashes, image, c), std::to_string(image.quality), escape(path), std::to_string(image.frame),
                 image.trimmed ? "framed" : "whole", name_of(c)});
    }
  }
}

void print_images_object(const libmatch::hashes &hashes, std::size_t i, const std::string &path,
                         const std::string &hash) {
  const bool is_scanned = hashes.scan(i) == LM_SCAN_OK;
  json object;
  set_path(object, path);
  object["hash"] = hash;
  object["scan"] = lm_scan_name(hashes.scan(i));
  object["reason"] = is_scanned ? json() : json(to_utf8(hashes.reason(i)));
  object["images"] = json::array();
  for (const libmatch::hashes::image &image : hashes.images(i)) {
    json each;
    each["frame"] = image.frame;
    each["trimmed"] = image.trimmed;
    each["quality"] = image.quality;
    for (std::size_t c = 0; c < hashes.data().codes_each; ++c) {
      each["codes"][name_of(c)] = code_of(hashes, image, c);
    }
    object["images"].push_back(std::move(each));
  }
  print_json(object);
}

}  // namespace command
