// What is allocated on the simulated devices and as pinned memory of the host.
#pragma once

#include <cstddef>
#include <optional>

namespace libmatch::simt {

inline constexpr int host_memory = -1;

struct known_memory {
  void *begin;
  std::size_t bytes;
  // host_memory: pinned.
  int device;
};

// The allocation that holds these bytes, or whose end they are if there are none.
std::optional<known_memory> find_memory(const void *at);
bool holds(const known_memory &memory, const void *at, std::size_t bytes);

}  // namespace libmatch::simt
