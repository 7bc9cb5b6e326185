#include "isolation/worker_path.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "core/error.h"
#include "core/library_folder.h"

namespace libmatch::detail {

namespace {

constexpr const char *program_name = "libmatch-worker";

// Relative to the file that holds the library, with ':' between them: settled when the library is configured.
constexpr std::string_view worker_folders = LIBMATCH_WORKER_FOLDERS;

bool is_program(const std::string &path) { return access(path.c_str(), X_OK) == 0; }

}  // namespace

std::string find_worker(const std::string &wanted) {
  const char *set =
      std::getenv("LM_WORKER");  // NOLINT(concurrency-mt-unsafe): safe unless the host changes its environment
  std::string named = !wanted.empty() ? wanted : set != nullptr ? set : "";
  if (!named.empty()) {
    if (!is_program(named)) {
      fail(LM_ERROR_UNSUPPORTED, "isolation: ", named, " is no program that can be started");
    }
    return named;
  }
  const std::filesystem::path library = library_folder();
  std::string tried;
  for (std::size_t begin = 0; begin <= worker_folders.size();) {
    const std::size_t end = std::min(worker_folders.find(':', begin), worker_folders.size());
    std::string path = (library / worker_folders.substr(begin, end - begin) / program_name).lexically_normal();
    if (is_program(path)) {
      return path;
    }
    tried += (tried.empty() ? "" : ", ") + path;
    begin = end + 1;
  }
  fail(LM_ERROR_UNSUPPORTED, "isolation: there is no ", program_name, "; looked for ", tried);
}

}  // namespace libmatch::detail
