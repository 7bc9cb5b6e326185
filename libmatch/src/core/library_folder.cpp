#include "core/library_folder.h"

#include <dlfcn.h>

#include <system_error>

namespace libmatch::detail {

std::filesystem::path library_folder() {
  Dl_info found{};
  std::error_code failed;
  std::filesystem::path file;
  if (dladdr(reinterpret_cast<const void *>(&library_folder), &found) != 0 && found.dli_fname != nullptr) {
    file = std::filesystem::canonical(found.dli_fname, failed);
  }
  // Of a program this is the name that it was called by, which may be no path.
  if (file.empty() || failed) {
    file = std::filesystem::read_symlink("/proc/self/exe", failed);
  }
  return file.parent_path();
}

}  // namespace libmatch::detail
