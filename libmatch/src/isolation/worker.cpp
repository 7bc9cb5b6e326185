#include "isolation/worker.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <exception>
#include <optional>
#include <string_view>

#include "core/error.h"
#include "hash/hasher.h"
#include "image/heif_library.h"
#include "isolation/messages.h"
#include "isolation/sandbox.h"

namespace libmatch::detail {

namespace {

constexpr int context_socket = 0;
constexpr int exit_lost = 1;   // the context is gone, or does not speak as agreed
constexpr int exit_usage = 2;  // started by hand

// False at the end and on failure.
bool receive(void *destination, std::size_t size) {
  auto *to = static_cast<std::uint8_t *>(destination);
  while (size != 0) {
    const ssize_t count = recv(context_socket, to, size, 0);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return false;
    }
    to += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

bool send_all(const void *source, std::size_t size) {
  const auto *from = static_cast<const std::uint8_t *>(source);
  while (size != 0) {
    const ssize_t count = send(context_socket, from, size, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return false;
    }
    from += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

bool greet(sandbox_step failed, int system_error, std::string_view hasher_refusal) {
  worker_greeting greeting{greeting_magic, LM_VERSION, sizeof(lm_hash_options), static_cast<std::int32_t>(failed),
                           system_error,   {}};
  const std::string text = printable_reason(hasher_refusal);
  text.copy(greeting.hasher_refusal, sizeof(greeting.hasher_refusal) - 1);
  return send_all(&greeting, sizeof(greeting));
}

// It is never ended: the process ends without the work of an exit.
const lm_hasher_handle *load_hasher(const char *path, std::string_view identity) {
  auto loaded = std::make_unique<lm_hasher_handle>(path);
  const std::string found = loaded->hasher.identity();
  if (found != identity) {
    fail(LM_ERROR_UNSUPPORTED, path, ": is now ", found, ", and the context has ", identity);
  }
  return loaded.release();
}

bool answer(const file_request &request, const image_scanner &images, const lm_hasher_handle *hasher) {
  // Anew for each file: a large one's memory goes back.
  const auto bytes = std::make_unique_for_overwrite<std::uint8_t[]>(request.size_bytes);
  if (!receive(bytes.get(), request.size_bytes)) {
    return false;
  }
  scan_request wanted;
  wanted.options = request.options;
  wanted.options.hasher = request.by_hasher != 0 ? hasher : nullptr;
  wanted.role = request.role;
  wanted.pixels = true;
  const scan_result result = scan_file({nullptr, {bytes.get(), request.size_bytes}}, wanted, images);
  const std::vector<std::uint8_t> reply = write_reply(result);
  const reply_header header{reply_magic, reply.size()};
  return send_all(&header, sizeof(header)) && send_all(reply.data(), reply.size());
}

int serve(const image_scanner &images, const lm_hasher_handle *hasher) {
  file_request request;
  while (receive(&request, sizeof(request))) {
    if (!answer(request, images, hasher)) {
      return exit_lost;
    }
  }
  return 0;
}

}  // namespace

std::unique_ptr<const image_scanner> make_worker_images(const std::string &backend) {
  // What is opened when first used has to be opened while files can be: libheif, and what it opens itself.
  if (const heif_library &heif = the_heif_library(); heif.missing.empty()) {
    heif.context_free(heif.context_alloc());
  }
  return make_direct_scanner(open_backend(backend));
}

int run_worker(int argument_count, char **arguments,
               std::unique_ptr<const image_scanner> (*make_images)(const std::string &backend)) {
  const bool has_hasher = argument_count == 6;
  const bool is_count = argument_count == 4 || has_hasher;
  const auto max_memory_bytes = is_count ? number(arguments[2]) : std::nullopt;
  const auto max_cpu_seconds = is_count ? number(arguments[3]) : std::nullopt;
  if (!max_memory_bytes || !max_cpu_seconds) {
    return exit_usage;
  }
  try {
    const std::unique_ptr<const image_scanner> images = make_images(arguments[1]);
    const lm_hasher_handle *hasher = nullptr;
    try {
      hasher = has_hasher ? load_hasher(arguments[4], arguments[5]) : nullptr;
    } catch (const error &failure) {
      greet(sandbox_step::none, 0, failure.what());
      return exit_lost;
    }
    const sandbox_step failed = enter_sandbox({*max_memory_bytes, *max_cpu_seconds});
    const int system_error = errno;
    if (!greet(failed, failed == sandbox_step::none ? 0 : system_error, "") || failed != sandbox_step::none) {
      return exit_lost;
    }
    return serve(*images, hasher);
  } catch (const std::bad_alloc &) {
    return exit_out_of_memory;
  } catch (const std::exception &) {
    return exit_lost;
  }
}

}  // namespace libmatch::detail
