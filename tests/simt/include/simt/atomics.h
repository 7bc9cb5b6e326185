// Atomic operations of device code, relaxed as in CUDA: they order nothing else. A schedule may switch threads before
// each of them.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>

namespace libmatch::simt {

// A place where a schedule may go on with another thread.
void may_switch();

// What came before it is seen by whoever passes a fence after it.
void memory_fence();

template <class type>
concept atomic_word = std::same_as<type, int> || std::same_as<type, unsigned> ||
    std::same_as<type, unsigned long long> || std::same_as<type, long long>;

// Returns what was there before.
template <class type, class function>
type atomic_update(type *at, function next) {
  may_switch();
  type before = __atomic_load_n(at, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(at, &before, next(before), false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
  return before;
}

}  // namespace libmatch::simt

template <libmatch::simt::atomic_word type>
type atomicAdd(type *at, std::type_identity_t<type> value) {
  libmatch::simt::may_switch();
  return __atomic_fetch_add(at, value, __ATOMIC_RELAXED);
}
template <libmatch::simt::atomic_word type>
type atomicSub(type *at, std::type_identity_t<type> value) {
  libmatch::simt::may_switch();
  return __atomic_fetch_sub(at, value, __ATOMIC_RELAXED);
}
template <libmatch::simt::atomic_word type>
type atomicOr(type *at, std::type_identity_t<type> value) {
  libmatch::simt::may_switch();
  return __atomic_fetch_or(at, value, __ATOMIC_RELAXED);
}
template <libmatch::simt::atomic_word type>
type atomicAnd(type *at, std::type_identity_t<type> value) {
  libmatch::simt::may_switch();
  return __atomic_fetch_and(at, value, __ATOMIC_RELAXED);
}
template <libmatch::simt::atomic_word type>
type atomicXor(type *at, std::type_identity_t<type> value) {
  libmatch::simt::may_switch();
  return __atomic_fetch_xor(at, value, __ATOMIC_RELAXED);
}
template <libmatch::simt::atomic_word type>
type atomicExch(type *at, std::type_identity_t<type> value) {
  libmatch::simt::may_switch();
  return __atomic_exchange_n(at, value, __ATOMIC_RELAXED);
}
template <libmatch::simt::atomic_word type>
type atomicCAS(type *at, std::type_identity_t<type> expected, std::type_identity_t<type> value) {
  libmatch::simt::may_switch();
  __atomic_compare_exchange_n(at, &expected, value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  return expected;
}
template <libmatch::simt::atomic_word type>
type atomicMin(type *at, std::type_identity_t<type> value) {
  return libmatch::simt::atomic_update(at, [value](type before) { return value < before ? value : before; });
}
template <libmatch::simt::atomic_word type>
type atomicMax(type *at, std::type_identity_t<type> value) {
  return libmatch::simt::atomic_update(at, [value](type before) { return value > before ? value : before; });
}

inline void __threadfence_block() { libmatch::simt::memory_fence(); }
inline void __threadfence() { libmatch::simt::memory_fence(); }
