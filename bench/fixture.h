// What the benchmarks share: backends as an axis, handles, and random bytes that are the same in every run.
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <vector>

#include "libmatch/libmatch.h"

namespace bench {

// A benchmark that fails measures nothing, so the program ends.
inline void check(lm_status status) {
  if (status == LM_OK) return;
  std::cerr << lm_status_name(status) << ": " << lm_last_error() << '\n';
  std::exit(1);
}

template <auto Free>
struct Deleter {
  template <class Handle>
  void operator()(Handle *handle) const {
    Free(handle);
  }
};
using Context = std::unique_ptr<lm_context, Deleter<lm_context_free>>;
using Index = std::unique_ptr<lm_index, Deleter<lm_index_free>>;
using Matches = std::unique_ptr<lm_matches, Deleter<lm_matches_free>>;

// The axis "backend": positions in the list of lm_backend_name.
inline std::vector<std::int64_t> backends() {
  std::vector<std::int64_t> positions;
  while (lm_backend_name(positions.size()) != nullptr) {
    positions.push_back(static_cast<std::int64_t>(positions.size()));
  }
  return positions;
}

// One thread, so that figures of different machines can be compared.
inline Context open(benchmark::State &state, std::int64_t backend) {
  const char *name = lm_backend_name(static_cast<std::size_t>(backend));
  lm_context *context = nullptr;
  check(lm_context_create(name, 1, &context));
  state.SetLabel(name);
  return Context(context);
}

inline std::vector<std::uint8_t> random_bytes(std::size_t size, std::uint64_t seed) {
  std::vector<std::uint8_t> bytes(size);
  for (std::uint8_t &byte : bytes) {  // splitmix64
    seed += 0x9e3779b97f4a7c15;
    std::uint64_t mixed = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    byte = static_cast<std::uint8_t>(mixed >> 56);
  }
  return bytes;
}

inline constexpr std::size_t code_size_bytes = 32;

// An index of `size` random codes of 256 bits, kept from one benchmark to the next of that size.
inline const lm_index *index_of(std::size_t size) {
  static std::size_t held = 0;
  static Context context;
  static Index index;
  if (!index || held != size) {
    lm_context *opened = nullptr;
    check(lm_context_create(nullptr, 1, &opened));
    lm_index *created = nullptr;
    check(lm_index_create(opened, LM_HASH_PDQ256, 256, nullptr, &created));
    index.reset(created);
    context.reset(opened);
    check(lm_index_add(created, random_bytes(size * code_size_bytes, 1).data(), nullptr, nullptr, size));
    held = size;
  }
  return index.get();
}

}  // namespace bench
