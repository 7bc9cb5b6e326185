// Which sanitizer watches this build.
#pragma once

namespace libmatch::simt {

#ifdef LIBMATCH_SIMT_ASAN
inline constexpr bool address_sanitizer = true;
#else
inline constexpr bool address_sanitizer = false;
#endif
#ifdef LIBMATCH_SIMT_TSAN
inline constexpr bool thread_sanitizer = true;
#else
inline constexpr bool thread_sanitizer = false;
#endif

}  // namespace libmatch::simt
