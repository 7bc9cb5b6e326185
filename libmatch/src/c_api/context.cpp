// Versions, statuses, backends and contexts.
#include <cstdlib>
#include <string>

#include "c_api/guard.h"
#include "c_api/handles.h"
#include "isolation/isolated_scanner.h"
#include "isolation/worker_path.h"

namespace libmatch::detail {

namespace {

// Less does not hold the program and its libraries.
constexpr std::uint64_t min_worker_memory_bytes = std::uint64_t{1} << 26U;

struct message_of_thread {
  std::string text;
  bool lost = false;  // there was no memory to keep it
};

message_of_thread &last_message() noexcept {
  thread_local message_of_thread message;
  return message;
}

// A context is opened by name, by environment, or as the best there is.
std::string wanted_backend(const char *name) {
  if (name == nullptr) {
    name = std::getenv("LM_BACKEND");  // NOLINT(concurrency-mt-unsafe): safe unless the host changes its environment
  }
  return name == nullptr || *name == '\0' ? "auto" : name;
}

}  // namespace

void set_last_error(std::string_view message) noexcept {
  message_of_thread &last = last_message();
  try {
    last.text.assign(message);
    last.lost = false;
  } catch (...) {
    last.lost = true;
  }
}

}  // namespace libmatch::detail

using namespace libmatch::detail;

int32_t lm_version(void) { return LM_VERSION; }

const char *lm_status_name(lm_status status) {
  switch (status) {
    case LM_OK:
      return "LM_OK";
    case LM_ERROR_INVALID_ARGUMENT:
      return "LM_ERROR_INVALID_ARGUMENT";
    case LM_ERROR_OUT_OF_MEMORY:
      return "LM_ERROR_OUT_OF_MEMORY";
    case LM_ERROR_UNSUPPORTED:
      return "LM_ERROR_UNSUPPORTED";
    case LM_ERROR_DEVICE:
      return "LM_ERROR_DEVICE";
    case LM_ERROR_FORMAT:
      return "LM_ERROR_FORMAT";
    case LM_ERROR_IO:
      return "LM_ERROR_IO";
    case LM_ERROR_CANCELLED:
      return "LM_ERROR_CANCELLED";
    case LM_ERROR_LIMIT:
      return "LM_ERROR_LIMIT";
    case LM_ERROR_INTERNAL:
      return "LM_ERROR_INTERNAL";
    default:
      return "unknown status";
  }
}

const char *lm_last_error(void) {
  const message_of_thread &last = last_message();
  return last.lost ? "not enough memory" : last.text.c_str();
}

const char *lm_backend_name(size_t i) {
  const char *name = nullptr;
  guarded([&] {
    const std::vector<std::string> &names = backend_names();
    name = i < names.size() ? names[i].c_str() : nullptr;
  });
  return name;
}

lm_status lm_context_create(const char *backend, uint32_t threads, lm_context **out_context) {
  return guarded([&] {
    require_handle(out_context, "out_context");
    require(threads <= max_threads, "threads", "more than 1024");
    auto context = std::make_unique<lm_context>();
    context->device = open_backend(wanted_backend(backend));
    context->threads = std::make_unique<thread_pool>(threads);
    context->images = make_direct_scanner(context->device);
    *out_context = context.release();
  });
}

const char *lm_context_backend(const lm_context *context) {
  return context != nullptr ? context->device->name() : "";
}

uint32_t lm_context_threads(const lm_context *context) {
  return context != nullptr ? context->threads->threads() : 0;
}

lm_status lm_context_isolate(lm_context *context, const lm_isolation_options *options) {
  return guarded([&] {
    require_handle(context, "context");
    const lm_isolation_options checked = read_options(options, LM_ISOLATION_OPTIONS_INIT, "options");
    require(checked.max_memory_bytes >= min_worker_memory_bytes, "options->max_memory_bytes", "less than 64 MiB");
    const std::string worker = find_worker(checked.worker != nullptr ? checked.worker : "");
    context->images = std::make_unique<isolated_scanner>(isolation_settings{
        {worker, instruction_set_name(context->device->hashes_rows_by()), checked.max_memory_bytes, checked.hasher},
        checked.max_files});
    context->is_isolated = true;
  });
}

int32_t lm_context_is_isolated(const lm_context *context) {
  return context != nullptr && context->is_isolated ? 1 : 0;
}

void lm_context_free(lm_context *context) { delete context; }
