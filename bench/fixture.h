// What the benchmarks share: backends as an axis, handles, and random bytes that are the same in every run.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "libmatch/libmatch.h"
#include "support/code_sets.h"

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
using Pairs = std::unique_ptr<lm_pairs, Deleter<lm_pairs_free>>;

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

// Sets of codes of 256 bits are those of tests/support/code_sets.h. Drawing pictures takes a while, so the list of
// them is a tenth of the others.
inline std::vector<std::uint8_t> codes_of(const std::string &set, std::size_t size, std::uint64_t seed) {
  return libmatch::test::make_codes(set, size, seed, std::thread::hardware_concurrency());
}
inline std::size_t list_size_of(std::string_view set) {
  return set == "pictures" || set == "hot" || set == "plain" ? 100'000 : 1'000'000;
}

// Batch after batch out of many queries: a query that is asked again and again would find its buckets in the caches.
template <class Value>
class batches {
 public:
  static std::size_t queries_for(std::size_t batch) { return std::max<std::size_t>(batch, 4096) / batch * batch; }

  batches(std::vector<Value> queries, std::size_t values_of_batch)
      : queries_(std::move(queries)), values_of_batch_(values_of_batch) {}

  const Value *next() {
    const Value *batch = queries_.data() + first_;
    first_ = first_ + values_of_batch_ < queries_.size() ? first_ + values_of_batch_ : 0;
    return batch;
  }

 private:
  std::vector<Value> queries_;
  std::size_t values_of_batch_;
  std::size_t first_ = 0;
};

// An index of `size` codes: of a set, or random ones where they have not 256 bits. All layouts are made. Kept from
// one benchmark to the next of the same codes.
inline const lm_index *index_of(const std::string &set, std::uint32_t bits, std::size_t size) {
  static std::tuple<std::string, std::uint32_t, std::size_t> held;
  static Index index;
  if (!index || held != std::tuple(set, bits, size)) {
    index.reset();
    lm_context *opened = nullptr;
    check(lm_context_create(nullptr, 0, &opened));
    const Context context(opened);
    lm_index *created = nullptr;
    check(lm_index_create(opened, bits == 256 ? LM_HASH_PDQ256 : LM_HASH_CODE, bits, nullptr, &created));
    index.reset(created);
    const std::vector<std::uint8_t> codes = bits == 256 ? codes_of(set, size, 1) : random_bytes(size * bits / 8, 1);
    check(lm_index_add(created, codes.data(), nullptr, nullptr, size));
    check(lm_index_prepare(created, opened, nullptr));
    held = {set, bits, size};
  }
  return index.get();
}

}  // namespace bench
