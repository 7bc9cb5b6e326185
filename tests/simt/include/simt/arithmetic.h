// What device code may call without another thread taking part: bits, bytes, loads, and the reading of one type as
// another.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

using std::max;
using std::min;

inline int __popc(unsigned x) { return std::popcount(x); }
inline int __popcll(unsigned long long x) { return std::popcount(x); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __ffsll(long long x) { return __builtin_ffsll(x); }
inline int __clz(int x) { return std::countl_zero(static_cast<unsigned>(x)); }
inline int __clzll(long long x) { return std::countl_zero(static_cast<unsigned long long>(x)); }

inline unsigned __brev(unsigned x) {
  unsigned reversed = 0;
  for (int bit = 0; bit < 32; ++bit) {
    reversed |= (x >> bit & 1u) << (31 - bit);
  }
  return reversed;
}
inline unsigned long long __brevll(unsigned long long x) {
  return static_cast<unsigned long long>(__brev(static_cast<unsigned>(x))) << 32 |
         __brev(static_cast<unsigned>(x >> 32));
}

// Four bytes of y:x, each chosen by three bits of the selector; its fourth bit spreads the byte's sign.
inline unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
  const std::uint64_t bytes = static_cast<std::uint64_t>(y) << 32 | x;
  unsigned result = 0;
  for (unsigned i = 0; i < 4; ++i) {
    const unsigned choice = selector >> (4 * i) & 0xFu;
    unsigned byte = static_cast<unsigned>(bytes >> (8 * (choice & 7u))) & 0xFFu;
    if ((choice & 8u) != 0) {
      byte = (byte & 0x80u) != 0 ? 0xFFu : 0u;
    }
    result |= byte << (8 * i);
  }
  return result;
}

inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
  return static_cast<unsigned>((static_cast<std::uint64_t>(high) << 32 | low) << (shift & 31u) >> 32);
}
inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  return static_cast<unsigned>((static_cast<std::uint64_t>(high) << 32 | low) >> (shift & 31u));
}

inline unsigned __umulhi(unsigned a, unsigned b) {
  return static_cast<unsigned>(static_cast<std::uint64_t>(a) * b >> 32);
}
inline int __mulhi(int a, int b) { return static_cast<int>(static_cast<std::int64_t>(a) * b >> 32); }

// Sums as the hardware has them: modulo 2^32.
inline unsigned __dp4a(unsigned a, unsigned b, unsigned sum) {
  for (unsigned i = 0; i < 4; ++i) {
    sum += (a >> (8 * i) & 0xFFu) * (b >> (8 * i) & 0xFFu);
  }
  return sum;
}
inline int __dp4a(int a, int b, int sum) {
  unsigned total = static_cast<unsigned>(sum);
  for (unsigned i = 0; i < 4; ++i) {
    const int left = static_cast<signed char>(static_cast<unsigned>(a) >> (8 * i) & 0xFFu);
    const int right = static_cast<signed char>(static_cast<unsigned>(b) >> (8 * i) & 0xFFu);
    total += static_cast<unsigned>(left * right);
  }
  return static_cast<int>(total);
}

inline unsigned __vabsdiffu4(unsigned a, unsigned b) {
  unsigned result = 0;
  for (unsigned i = 0; i < 4; ++i) {
    const unsigned left = a >> (8 * i) & 0xFFu;
    const unsigned right = b >> (8 * i) & 0xFFu;
    result |= (left > right ? left - right : right - left) << (8 * i);
  }
  return result;
}

// Loads and stores with a hint about caches, of which there are none to be hinted here.
template <class type>
type __ldg(const type *from) {
  return *from;
}
template <class type>
type __ldcs(const type *from) {
  return *from;
}
template <class type>
type __ldcg(const type *from) {
  return *from;
}
template <class type>
void __stcs(type *to, type value) {
  *to = value;
}

// These round to nearest, and are never joined to one operation: as what is compiled with --fmad=false.
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline int __float_as_int(float x) { return std::bit_cast<int>(x); }
inline unsigned __float_as_uint(float x) { return std::bit_cast<unsigned>(x); }
inline float __int_as_float(int x) { return std::bit_cast<float>(x); }
inline float __uint_as_float(unsigned x) { return std::bit_cast<float>(x); }
