#include "isolation/isolated_scanner.h"

#include <utility>

#include "core/error.h"
#include "hash/hasher.h"
#include "image/decode.h"
#include "isolation/messages.h"

namespace libmatch::detail {

isolated_scanner::isolated_scanner(isolation_settings settings) : settings_(std::move(settings)) {
  idle_.push_back(std::make_unique<worker>(settings_.worker));
}

std::unique_ptr<isolated_scanner::worker> isolated_scanner::take() const {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<worker> next = std::move(idle_.back());
      idle_.pop_back();
      return next;
    }
  }
  return std::make_unique<worker>(settings_.worker);
}

void isolated_scanner::give_back(std::unique_ptr<worker> used) const {
  ++used->files;
  if (used->files == settings_.files_a_worker || used->process.cpu_time() > worker_process::max_cpu_time / 2) {
    return;
  }
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(used));
}

void isolated_scanner::check(const scan_request &request) const {
  const lm_hasher_handle *hasher = request.options.hasher;
  if (hasher != nullptr && hasher != settings_.worker.hasher) {
    fail(LM_ERROR_UNSUPPORTED, "isolation: the workers of this context have not loaded the hasher ",
         hasher->hasher.table().name,
         "; name it when isolation is asked for (lm_isolation_options.hasher, in Python Context's hasher)");
  }
}

void isolated_scanner::scan_image(std::span<const std::uint8_t> bytes, const scan_request &request,
                                  scan_result &result) const {
  check(request);
  const lm_hash_options &options = request.options;
  if (bytes.size() > options.max_bytes) {
    throw scan_failure(LM_SCAN_LIMIT, "the file's " + std::to_string(bytes.size()) + " bytes are over the limit of " +
                                          std::to_string(options.max_bytes));
  }
  std::unique_ptr<worker> asked = take();
  std::vector<std::uint8_t> reply;
  if (const auto end = asked->process.ask(request, bytes, reply)) {
    throw scan_failure(end->scan, end->reason);
  }
  scan_result answer;
  if (!read_reply(reply, request, answer)) {
    throw scan_failure(LM_SCAN_CRASHED, death_of(options) + ": its process gave no answer that makes sense");
  }
  // A hasher that fails may have kept what it failed by, all memory for one: the worker ends here.
  const bool is_suspect =
      options.hasher != nullptr && (answer.scan == LM_SCAN_LIMIT || answer.scan == LM_SCAN_NOT_HASHED);
  if (!is_suspect) {
    give_back(std::move(asked));
  }
  result.images = std::move(answer.images);
  if (answer.scan != LM_SCAN_OK) {
    throw scan_failure(answer.scan, answer.reason);
  }
}

}  // namespace libmatch::detail
