// Buckets of one cache line: distance_kernels::probe_lines, visit_lines, follow_lines.
//
// A query of a large list waits for memory, so what counts is how many lines it asks for and that they are asked for
// early: 64 ahead, a line of random place takes 3.7 ns where one alone takes a hundred (Zen 5, huge pages). Lines of
// a block that lies in the cache take 1.6 ns. About one line in five goes on in another one; that is asked for at
// once and visited later, without a branch that would often be taken wrongly.
#pragma once

#include "distance/kernels.h"
#include "distance/row_steps.h"

namespace libmatch::detail {
namespace {

// The including file defines within_line: the rows of a line within a limit of a code on the bits inline, a bit each,
// whether or not there are so many rows.

// Lines behind the block that are asked for with each flip: a block takes more flips than an eighth of its lines.
constexpr std::uint32_t lines_of_flip = 8;

// From this limit on more than one line of random rows in seven has one within it.
constexpr std::uint32_t limit_of_many = 32;

// A damaged file may say any number.
inline void ask_for_line(const std::uint32_t *words, std::uint32_t number) {
  fetch_beyond(words, std::uintptr_t{number} * 64);
}

// What lines that are visited add to.
class line_findings {
 public:
  line_findings(const std::uint32_t *words, bucket_hit *hits, bucket_hit *more)
      : words_(words), hits_(hits), more_(more) {}

  // Where many rows are within the limit, a branch on how many there are would often be taken wrongly: all places of
  // the line are written down, and those that are none overwritten.
  template <bool many>
  void visit(std::uint32_t number, std::uint32_t source, std::uint64_t low, std::uint32_t high, std::uint32_t limit) {
    const std::uint32_t *line = words_ + std::size_t{number} * words_of_line;
    const std::uint32_t header = line[words_of_line - 1];
    const std::uint32_t next = header >> 3;
    ask_for_line(words_, next);
    more_[n_more_] = {source, next};
    n_more_ += next > number ? 1 : 0;  // numbers that grow come to an end, whatever a file says
    std::uint32_t found = within_line(line, low, high, limit);
    if constexpr (many) {
      found &= (1U << (header & 7U)) - 1U;
      for (std::uint32_t place = 0; place < rows_of_line; ++place) {
        hits_[n_hits_] = {source, number * rows_of_line + place};
        n_hits_ += found >> place & 1U;
      }
    } else if (__builtin_expect(found != 0, 0)) {
      for (found &= (1U << (header & 7U)) - 1U; found != 0; found &= found - 1) {
        hits_[n_hits_++] = {source, number * rows_of_line + static_cast<std::uint32_t>(__builtin_ctz(found))};
      }
    }
  }

  std::size_t n_hits() const { return n_hits_; }
  std::size_t n_more() const { return n_more_; }

 private:
  const std::uint32_t *words_;
  bucket_hit *hits_;
  bucket_hit *more_;
  std::size_t n_hits_ = 0;
  std::size_t n_more_ = 0;
};

template <bool many>
std::size_t probe_each(const line_probes &probes, bucket_hit *hits, bucket_hit *more, std::size_t *n_more) {
  line_findings findings(probes.words, hits, more);
  const std::uint64_t low = *probes.code.low;
  const std::uint32_t high = *probes.code.high;
  const std::uint32_t flip = probes.flip;
  const std::uint32_t limit = probes.limit;
  const std::uint32_t *const masks = probes.masks;
  const std::size_t n = probes.n;
  line_cursor ahead = *probes.ahead;
  for (std::size_t i = 0; i < n; ++i) {
    if (ahead.table != ahead.end) {
      ask_for_line(ahead.table->words, ahead.masks[ahead.mask] ^ ahead.table->flip);
      if (++ahead.mask == ahead.table->n) {
        ++ahead.table;
        ahead.mask = 0;
      }
    }
    findings.visit<many>(masks[i] ^ flip, 0, low, high, limit);
  }
  *probes.ahead = ahead;
  *n_more = findings.n_more();
  return findings.n_hits();
}

std::size_t probe_lines(const line_probes &probes, bucket_hit *hits, bucket_hit *more, std::size_t *n_more) {
  return probes.limit < limit_of_many ? probe_each<false>(probes, hits, more, n_more)
                                      : probe_each<true>(probes, hits, more, n_more);
}

std::size_t visit_lines(const line_visits &visits, bucket_hit *hits, bucket_hit *more, std::size_t *n_more) {
  const std::uint32_t first_line = visits.first_line;
  line_findings findings(visits.words, hits, more);
  std::uint32_t ahead = 0;
  for (std::size_t v = 0; v < visits.n_visitors; ++v) {
    const line_visitors visitors = visits.visitors[v];
    const std::uint64_t *const low = visits.codes.low + visitors.first;
    const std::uint32_t *const high = visits.codes.high + visitors.first;
    for (std::uint32_t f = 0; f < visitors.n_flips; ++f) {
      for (std::uint32_t i = 0; i < lines_of_flip && ahead < visits.n_ahead; ++i, ++ahead) {
        __builtin_prefetch(visits.ahead + std::size_t{ahead} * words_of_line, 0, 2);
      }
      const std::uint32_t flip = visits.flips[f] ^ visitors.flip;
      const std::uint32_t limit = visits.limits[f] - visitors.weight;
      for (std::uint32_t i = 0; i < visitors.n; ++i) {
        findings.visit<false>(first_line + (high[i] >> 16 ^ flip), visitors.first + i, low[i], high[i], limit);
      }
    }
  }
  *n_more = findings.n_more();
  return findings.n_hits();
}

std::size_t follow_lines(const further_lines &lines, bucket_hit *hits, bucket_hit *more, std::size_t *n_more) {
  line_findings findings(lines.words, hits, more);
  for (std::size_t i = 0; i < *n_more; ++i) {
    const bucket_hit line = more[i];
    if (line.position >= lines.n_lines) {
      continue;
    }
    findings.visit<false>(line.position, line.source, lines.codes.low[line.source], lines.codes.high[line.source],
                          lines.limit);
  }
  *n_more = findings.n_more();
  return findings.n_hits();
}

}  // namespace
}  // namespace libmatch::detail
