// What `libmatch hash --effort` prints: every code that an upload is looked up by.
#pragma once

#include <cstddef>
#include <string>

#include "library.h"

namespace command {

// All images of file i: code, quality, path, frame, whole or framed, orientation.
void print_image_rows(const libmatch::hashes &hashes, std::size_t i, const std::string &path);
// The same as one object; hash: its name.
void print_images_object(const libmatch::hashes &hashes, std::size_t i, const std::string &path,
                         const std::string &hash);

}  // namespace command
