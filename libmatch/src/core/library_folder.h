// Where this library lies: what belongs to it is looked for beside it.
#pragma once

#include <filesystem>

namespace libmatch::detail {

// The folder of the shared library, or of the program or module that a static library stands in.
std::filesystem::path library_folder();

}  // namespace libmatch::detail
