// Counting in bit slices: additions of one-bit numbers, as many at once as the vector `bits` has bits.
//
// The including file defines `bits` of bits_words 64-bit words and on it: load and store (aligned words), same (one
// word throughout), all(bool) (every bit set, or none), keep (below), not_, and_, or_, xor_, select(mask, a, b),
// parity (of three), majority (of three), all_set, words_not_set (a bit for each word that is not all ones).
//
// keep(value) has the compiler hold a value in a register that it would rather load again where it is used.
#pragma once

#include <bit>
#include <cstddef>

#include "distance/kernels.h"

namespace libmatch::detail {
namespace {

// sum = a + b + c without its carry, which is returned.
inline bits add(bits &sum, bits a, bits b, bits c) {
  const bits carry = majority(a, b, c);
  sum = parity(a, b, c);
  return carry;
}

// The same where b and c come from memory and are wanted nowhere else: c need not be loaded first, and b's register
// takes the carry. `add` has an operation less and a copy more.
inline bits add_loaded(bits &sum, bits a, bits b, bits c) {
  keep(b);
  const bits differ = xor_(b, c);
  const bits carry = select(differ, a, b);
  sum = xor_(a, differ);
  return carry;
}

// Two numbers alone.
inline bits add(bits &sum, bits a, bits b) {
  const bits carry = and_(a, b);
  sum = xor_(a, b);
  return carry;
}

// Adds six numbers to a digit, as a tree: a chain of additions to the digit itself would wait for each of them.
inline void add_six(bits &digit, const bits *numbers, bits *carries) {
  bits first;
  bits second;
  carries[0] = add(first, numbers[0], numbers[1], numbers[2]);
  carries[1] = add(second, first, numbers[3], numbers[4]);
  carries[2] = add(digit, digit, second, numbers[5]);
}

// Counts with Digits binary digits, a vector each, and whether they ever overflowed. FromZero: the limit is the
// largest number of so many digits, so the count begins with zero, which the compiler then knows.
template <std::size_t Digits, bool FromZero>
struct sliced_counters {
  bits digit[Digits];
  bits over;

  // Overflows when more than `limit` is added.
  void start(std::uint32_t limit) {
    constexpr std::uint32_t largest = (1U << Digits) - 1U;
    const std::uint32_t start = FromZero || limit >= largest ? 0 : largest - limit;
    for (std::size_t d = 0; d < Digits; ++d) {
      digit[d] = all(((start >> d) & 1U) != 0);
    }
    over = all(false);
  }

  // Adds a carry to digit First and what it carries to those above.
  template <std::size_t First>
  __attribute__((always_inline)) inline void add_carry(bits carry) {
    for (std::size_t d = First; d < Digits; ++d) {
      carry = add(digit[d], digit[d], carry);
    }
    over = or_(over, carry);
  }
};

// The place of vector number (pattern >> Width * group & mask) in a row of vectors, in bytes.
template <std::size_t Width>
inline std::size_t vector_offset(std::uint64_t pattern, std::size_t group, std::uint64_t mask) {
  constexpr std::size_t vector_shift = std::countr_zero(sizeof(bits));
  const std::size_t shift = Width * group;
  const std::uint64_t moved =
      shift < vector_shift ? pattern << (vector_shift - shift) : pattern >> (shift - vector_shift);
  return moved & mask << vector_shift;
}

// Keeps the compiler from computing addresses from a pointer ahead of a loop: there are more of them than registers.
template <typename T>
inline void hide_value(T &value) {
  __asm__("" : "+r"(value));
}

}  // namespace
}  // namespace libmatch::detail
