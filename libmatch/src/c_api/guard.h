// The edge of the library: the only place where exceptions become statuses, and where arguments are checked.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <string_view>

#include "core/error.h"
#include "libmatch/libmatch.h"

namespace libmatch::detail {

// Keeps the message for this thread's lm_last_error. Without memory for it, a constant one.
void set_last_error(std::string_view message) noexcept;

// Runs `body`; what it throws becomes a status and this thread's last error.
template <typename Body>
lm_status guarded(const Body &body) noexcept {
  try {
    body();
    return LM_OK;
  } catch (const error &failure) {
    set_last_error(failure.what());
    return failure.status();
  } catch (const std::bad_alloc &) {
    set_last_error("not enough memory");
    return LM_ERROR_OUT_OF_MEMORY;
  } catch (const std::length_error &) {
    set_last_error("not enough memory");
    return LM_ERROR_OUT_OF_MEMORY;
  } catch (const std::exception &failure) {
    set_last_error(failure.what());
  } catch (...) {
    set_last_error("unknown failure");
  }
  return LM_ERROR_INTERNAL;
}

inline void require(bool holds, const char *argument, const char *reason) {
  if (!holds) {
    fail(LM_ERROR_INVALID_ARGUMENT, argument, ": ", reason);
  }
}

// A pointer may be null only where there is nothing to point to.
inline void require_array(const void *array, std::size_t n, const char *argument) {
  require(array != nullptr || n == 0, argument, "is NULL");
}

inline void require_handle(const void *handle, const char *argument) {
  require(handle != nullptr, argument, "is NULL");
}

// No structure will ever be larger: a size beyond it was never set, and what it spans must not be read.
inline constexpr std::size_t max_struct_size = 4096;

// The caller's options over the defaults, whichever of the two knows more fields. Both begin with their size.
template <typename Options>
Options read_options(const Options *options, const Options &defaults, const char *argument) {
  Options result = defaults;
  if (options == nullptr) {
    return result;
  }
  std::size_t size = 0;
  std::memcpy(&size, options, sizeof(size));
  require(size >= sizeof(std::size_t), argument, "struct_size is not set; start from the _INIT of its type");
  require(size <= max_struct_size, argument, "struct_size is not set; start from the _INIT of its type");
  // Zero is what a field says that asks for nothing new.
  const auto *bytes = reinterpret_cast<const unsigned char *>(options);
  if (size > sizeof(Options) &&
      std::any_of(bytes + sizeof(Options), bytes + size, [](unsigned char byte) { return byte != 0; })) {
    fail(LM_ERROR_UNSUPPORTED, argument, ": sets what only a newer library knows (struct_size ", size, ", here ",
         sizeof(Options), ")");
  }
  std::memcpy(&result, options, std::min(size, sizeof(Options)));
  result.struct_size = sizeof(Options);
  return result;
}

// The size that a caller set in a structure that is to be filled.
inline std::size_t view_size(std::size_t struct_size, const char *argument) {
  require(struct_size >= sizeof(std::size_t) && struct_size <= max_struct_size, argument, "is not set");
  return struct_size;
}

// Fills a caller's structure, whichever of the two knows more fields: view.struct_size is the caller's. What a newer
// program has behind the fields that are known here reads as zero.
template <typename View>
void write_view(View *out, const View &view) {
  std::memset(static_cast<void *>(out), 0, view.struct_size);
  std::memcpy(static_cast<void *>(out), &view, std::min(view.struct_size, sizeof(View)));
}

}  // namespace libmatch::detail
