#include "backend/cuda_library.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string_view>
#include <variant>

#include "core/error.h"
#include "core/library_folder.h"

namespace libmatch::detail {

namespace {

constexpr const char *driver_name = "libcuda.so.1";

// Opened for asking whether it is there; the shared object opens it for itself.
bool has_driver() {
  static const bool found = [] {
    void *const driver = dlopen(driver_name, RTLD_LAZY | RTLD_LOCAL);
    if (driver != nullptr) {
      dlclose(driver);
    }
    return driver != nullptr;
  }();
  return found;
}

std::string named_object() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): safe unless the host changes its environment
  const char *const set = std::getenv("LM_CUDA_OBJECT");
  return set != nullptr ? set : "";
}

#ifdef LIBMATCH_CUDA_FOLDERS

constexpr const char *without_backend = "";
constexpr const char *object_name = "libmatch_cuda.so";
// Relative to the file that holds the library, with ':' between them: settled when the library is configured.
constexpr std::string_view object_folders = LIBMATCH_CUDA_FOLDERS;

std::string find_object() {
  const std::filesystem::path library = library_folder();
  std::string tried;
  for (std::size_t begin = 0; begin <= object_folders.size();) {
    const std::size_t end = std::min(object_folders.find(':', begin), object_folders.size());
    std::string path = (library / object_folders.substr(begin, end - begin) / object_name).lexically_normal();
    if (std::error_code failed; std::filesystem::exists(path, failed)) {
      return path;
    }
    tried += (tried.empty() ? "" : ", ") + path;
    begin = end + 1;
  }
  fail(LM_ERROR_UNSUPPORTED, "its shared object ", object_name, " is missing; looked for ", tried);
}

#else

constexpr const char *without_backend = "; nor has this build of libmatch a CUDA backend (LIBMATCH_CUDA=OFF)";

std::string find_object() {
  fail(LM_ERROR_UNSUPPORTED,
       "this build of libmatch has no CUDA backend (LIBMATCH_CUDA=OFF), and LM_CUDA_OBJECT names none");
}

#endif

const cuda::backend_table &open_table() {
  const std::string named = named_object();
  if (!has_driver()) {
    fail(LM_ERROR_UNSUPPORTED, "no NVIDIA driver is installed here: ", driver_name, " was not found",
         named.empty() ? without_backend : "");
  }
  const std::string path = !named.empty() ? named : find_object();
  void *const object = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (object == nullptr) {
    const char *reason = dlerror();  // NOLINT(concurrency-mt-unsafe): of this thread, says glibc
    fail(LM_ERROR_UNSUPPORTED, path, " cannot be opened: ", reason != nullptr ? reason : "no reason given");
  }
  const auto table =
      reinterpret_cast<decltype(&libmatch_cuda_backend_table)>(dlsym(object, "libmatch_cuda_backend_table"));
  const cuda::backend_table *const found = table != nullptr ? table() : nullptr;
  if (found == nullptr || found->version != cuda::table_version || found->size_bytes != sizeof(cuda::backend_table)) {
    fail(LM_ERROR_UNSUPPORTED, path, " is not that of this version of libmatch");
  }
  return *found;
}

// What opening came to; a failure is as lasting as a success.
struct opened_table {
  const cuda::backend_table *table = nullptr;
  std::string reason;
};

const opened_table &opened() {
  static const opened_table once = [] {
    opened_table result;
    try {
      result.table = &open_table();
    } catch (const error &failure) {
      result.reason = failure.what();
    }
    return result;
  }();
  return once;
}

}  // namespace

const cuda::backend_table &cuda_table() {
  if (opened().table == nullptr) {
    fail(LM_ERROR_UNSUPPORTED, opened().reason);
  }
  return *opened().table;
}

std::int32_t cuda_device_count() noexcept {
  try {
    std::int32_t count = 0;
    cuda::failure_message message{};
    return opened().table != nullptr && opened().table->count_devices(&count, &message) == LM_OK ? count : 0;
  } catch (...) {
    return 0;
  }
}

}  // namespace libmatch::detail
