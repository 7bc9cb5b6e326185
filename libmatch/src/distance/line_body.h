// Buckets of one cache line: distance_kernels::visit_lines.
//
// A query of a large list waits for memory, so what counts is how many lines it asks for and that they are asked for
// early: 64 ahead, a line of random place takes 4 ns where one alone takes a hundred (Zen 5, huge pages). The work on
// a line is some 20 operations, 5 cycles. About one line in five goes on in another one; that is asked for at once
// and visited later, without a branch that would often be taken wrongly.
#pragma once

#include "distance/kernels.h"

namespace libmatch::detail {
namespace {

// The including file defines within_line: the rows of a line within a limit of a code on the bits inline, a bit each,
// whether or not there are so many rows.

inline const std::uint32_t *line_at(const line_visits &visits, std::uint32_t number) {
  return visits.words + std::size_t{number} * words_of_line;
}

// A damaged file may say any number: that address is never read, nor made as a pointer into the table.
inline void ask_for_line(const std::uint32_t *words, std::uint32_t number) {
  const auto address = reinterpret_cast<std::uintptr_t>(words) + std::uintptr_t{number} * 64;
  __builtin_prefetch(reinterpret_cast<const void *>(address));
}

std::size_t visit_lines(const line_visits &visits, bucket_hit *hits, bucket_hit *more, std::size_t *n_more) {
  std::size_t count = 0;
  std::size_t going_on = 0;
  for (std::size_t f = 0; f < visits.n_flips; ++f) {
    const std::uint32_t flip = visits.flips[f];
    const std::uint32_t limit = visits.limits[f];
    const line_code *code = visits.codes;
    for (std::size_t i = 0; i < visits.n; ++i, code += visits.code_step) {
      if (const std::size_t ahead = i + lines_ahead; ahead < visits.n_ahead) {
        ask_for_line(visits.words, visits.lines[ahead] ^ flip);
      } else if (ahead - visits.n_ahead < visits.after.n) {
        ask_for_line(visits.after.words, visits.after.lines[ahead - visits.n_ahead] ^ visits.after.flip);
      }
      const std::uint32_t number = visits.lines[i] ^ flip;
      const std::uint32_t *line = line_at(visits, number);
      const std::uint32_t header = line[words_of_line - 1];
      const std::uint32_t next = header >> 3;
      ask_for_line(visits.words, next);
      more[going_on] = {static_cast<std::uint32_t>(i), next};
      going_on += next != 0 ? 1 : 0;
      std::uint32_t found = within_line(line, *code, limit);
      if (__builtin_expect(found != 0, 0)) {
        for (found &= (1U << (header & 7U)) - 1U; found != 0; found &= found - 1) {
          hits[count++] = {static_cast<std::uint32_t>(i),
                           number * rows_of_line + static_cast<std::uint32_t>(__builtin_ctz(found))};
        }
      }
    }
  }
  *n_more = going_on;
  return count;
}

}  // namespace
}  // namespace libmatch::detail
