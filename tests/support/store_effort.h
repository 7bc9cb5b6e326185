// How much the tests of the durable index do: a sample, or all of it (`./dev soak`).
#pragma once

#include <cstdint>
#include <cstdlib>

namespace libmatch::test {

// `all` when LIBMATCH_STORE_SOAK is set, which says for how many seconds readers and a writer run; else `some`.
inline std::uint64_t effort(std::uint64_t some, std::uint64_t all) {
  return std::getenv("LIBMATCH_STORE_SOAK") != nullptr ? all : some;
}

inline std::uint64_t soak_seconds() {
  const char *number = std::getenv("LIBMATCH_STORE_SOAK");
  return number != nullptr ? std::strtoull(number, nullptr, 10) : 1;
}

}  // namespace libmatch::test
