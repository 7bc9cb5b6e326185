// Files made to cost whoever decodes them time, memory or sense. Each is small, and none is a picture.
#pragma once

#include <vector>

#include "support/encoded_images.h"

namespace libmatch::test {

// Little that becomes much, headers that claim gigabytes, frames without end, structures that lead back to
// themselves.
std::vector<named_file> hostile_files();

// The beginning of every format that is decoded, with n files of random bytes behind, always the same ones.
std::vector<named_file> random_files_with_magic(std::size_t n);

}  // namespace libmatch::test
