// The dispatch table of the distance kernels: one set of functions an instruction set, all with the same answers.
//
// Files compiled for an instruction set include only this header, the bodies and intrinsics, and define no inline
// function that the linker could pick for the rest of the library.
#pragma once

#include <cstddef>
#include <cstdint>

namespace libmatch::detail {

// ---- Bit-sliced tiles: every row against every query of a batch ----

// Rows that are compared at once: one bit of each fills a cache line.
inline constexpr std::size_t tile_rows = 512;
inline constexpr std::size_t tile_words = tile_rows / 64;
// Bits are taken a chunk at a time, a chunk being eight groups of three.
inline constexpr std::uint32_t chunk_bits = 24;
// Coarse counts are taken four groups of four bits at a time, of at most so many groups.
inline constexpr std::uint32_t coarse_step_bits = 16;
inline constexpr std::uint32_t max_coarse_groups = 64;

// Words that will be wanted soon.
struct words_ahead {
  const std::uint64_t *words = nullptr;
  std::size_t size = 0;
};

// Planes of tiles, one behind the other: word w of plane b of a tile holds bit b of its rows 64 w .. 64 w + 63. Whole
// chunks of planes; what lies beyond the code's bits, and rows beyond n_rows, are zero. On a cache line.
struct sliced_tiles {
  const std::uint64_t *planes;   // n_planes x tile_words for each tile
  std::uint32_t n_planes;        // a multiple of chunk_bits, or for find_coarse of coarse_step_bits
  std::uint32_t words;           // 64-bit words of a code
  const std::uint64_t *rows;     // n_rows x words, to settle what the planes leave open
  std::size_t n_rows;            // at least one
  const std::uint64_t *queries;  // n_queries x words
  std::size_t n_queries;         // at least one
  const std::uint32_t *limits;   // n_queries: the largest distance that is a hit
  // What is wanted after the last tile, to be fetched bit by bit while it is searched: asked for all at once, it
  // would hold up everything else.
  words_ahead ahead = {};
};

// The tile and query that a search goes on with.
struct tile_cursor {
  std::size_t tile = 0;
  std::size_t query = 0;
};

struct tile_hit {
  std::uint32_t query;
  std::uint32_t row;  // from the first of the tiles
  std::uint32_t distance;
};

// ---- Buckets: the rows that share a substring of their codes ----

// Positions of a bucket are compared 16 at a time, on the words that lie inline, so that most rows are dropped
// without being fetched. Word w of position p is words[(p / 16 * n_words + w) * 16 + p % 16]; blocks are whole.
inline constexpr std::uint32_t bucket_lanes = 16;
inline constexpr std::uint32_t max_inline_words = 3;

struct bucket_hit {
  std::uint32_t source;  // which probe, or which visitor
  std::uint32_t position;
};

// One bucket that a query asks for.
struct bucket_probe {
  std::uint32_t first;  // positions of the bucket: at least one
  std::uint32_t last;   // one past them
  std::uint32_t table;
  std::uint32_t limit;  // on the inline words
};

// The buckets that one query asks for.
struct bucket_probes {
  const std::uint32_t *const *words;  // of each table; on a cache line
  const std::uint32_t *query;         // n_words for each table
  std::uint32_t n_words;              // 1 to max_inline_words
  const bucket_probe *probes;
  std::size_t n_probes;
};

struct probe_cursor {
  std::size_t probe = 0;
  std::uint32_t position = 0;  // to go on from within that probe's bucket
};

// The queries that ask for one bucket.
struct bucket_visitors {
  const std::uint32_t *words;    // of the table
  std::uint32_t n_words;         // 1 to max_inline_words
  std::uint32_t last;            // one past the bucket's positions
  const std::uint32_t *queries;  // n_visitors x n_words
  std::size_t n_visitors;
  std::uint32_t limit;  // on the inline words
};

// ---- Buckets of one cache line ----

// A line holds up to six rows: 64 bits of each in its first six 64-bit words, 16 more of each in the next six 16-bit
// words, and in its last 32-bit word how many rows there are (3 bits) and which line goes on with the bucket (29
// bits; 0: none). So a probe of a large list waits for one line, and that one tells nearly all.
inline constexpr std::uint32_t rows_of_line = 6;
inline constexpr std::uint32_t words_of_line = 16;
inline constexpr std::uint32_t inline_line_bits = 80;
// Lines that are asked for ahead of their use.
inline constexpr std::size_t lines_ahead = 64;

// The bits of queries that are compared with those of a line's rows: 64 bits, and the lower 16 of a word.
struct line_codes {
  const std::uint64_t *low;
  const std::uint32_t *high;
};

// The lines of a table that a query wants: masks[i] ^ flip for i < n; the masks are those of all tables.
struct wanted_lines {
  const std::uint32_t *words;  // of the table, on a cache line
  std::uint32_t flip;
  std::uint32_t n;  // at least 1
};
// The line that is asked for next, of what is wanted in that order.
struct line_cursor {
  const std::uint32_t *masks;
  const wanted_lines *table;
  const wanted_lines *end;
  std::uint32_t mask;
};

// Lines of a table that one query visits, masks[i] ^ flip.
struct line_probes {
  const std::uint32_t *words;
  const std::uint32_t *masks;  // n
  std::size_t n;
  std::uint32_t flip;
  std::uint32_t limit;  // on the bits inline
  line_codes code;      // one
  line_cursor *ahead;   // with each of these, one more is asked for
};

// Queries that visit lines of one block, those of the places flips[f] ^ flip ^ their own place, f < n_flips.
struct line_visitors {
  std::uint32_t first;  // of the codes
  std::uint32_t n;
  std::uint32_t flip;
  std::uint32_t n_flips;
  std::uint32_t weight;  // is taken off the limits
};
struct line_visits {
  const std::uint32_t *words;  // of the table
  std::uint32_t first_line;    // of the block
  line_codes codes;            // the upper 16 bits of a `high` are the code's own place in its block
  const std::uint32_t *flips;
  const std::uint32_t *limits;  // on the bits inline, of each flip
  const line_visitors *visitors;
  std::size_t n_visitors;
  const std::uint32_t *ahead;  // lines that are asked for meanwhile, n_ahead
  std::uint32_t n_ahead;
};

// Lines that go on others: more[i].position, visited by the code more[i].source.
struct further_lines {
  const std::uint32_t *words;  // of the table
  std::uint32_t n_lines;       // of it; numbers come from a file, and larger ones are passed over
  line_codes codes;
  std::uint32_t limit;  // on the bits inline
};

// ---- Tables of queries: the queries that share a substring, looked up by each row ----

// Entries that are compared in one step.
inline constexpr std::uint32_t entries_of_step = 4;

// The queries of a batch by one substring of 16 bits, each in the buckets of all substrings that are near enough.
struct query_table {
  const std::uint32_t *starts;   // 2^16 + 1: bucket b owns entries starts[b] .. starts[b + 1] - 1
  const std::uint64_t *entries;  // two words of each entry's query, and entries_of_step entries behind the last
  std::uint32_t place;           // the substring is bits 16 x place .. 16 x place + 15 of a code
  std::uint32_t first_word;      // of the two that are compared
  std::uint32_t limit;           // on those
  std::uint64_t max_steps;       // beyond the first of each row
};

struct lookup_cursor {
  std::size_t row = 0;
  std::uint32_t entry = 0;  // to go on from within that row's bucket
  std::uint64_t steps = 0;  // beyond the first of each row, so far
};

struct distance_kernels {
  // distances[r] of one query to each of n rows.
  void (*distances)(const std::uint64_t *query, const std::uint64_t *rows, std::size_t n, std::uint32_t words,
                    std::uint32_t *distances);

  // The same to n rows that lie anywhere: row numbers[i] of `rows`.
  void (*distances_at)(const std::uint64_t *query, const std::uint64_t *rows, const std::uint32_t *numbers,
                       std::size_t n, std::uint32_t words, std::uint32_t *distances);

  // Fills the planes of a tile (sliced_tiles) from up to tile_rows rows, from the first of the given word of a code
  // on.
  void (*slice)(const std::uint64_t *rows, std::size_t n_rows, std::uint32_t words, std::uint32_t first_word,
                std::uint32_t n_planes, std::uint64_t *planes);

  // Appends to `hits` every pair of the tiles within its query's limit, taking tile after tile, and in each the
  // queries in order. It stops before a query whose hits of a tile might not fit `capacity` (at least tile_rows), and
  // leaves in *cursor where to go on, behind the last tile when done. Returns the number of hits.
  std::size_t (*find)(const sliced_tiles &tiles, tile_cursor *cursor, tile_hit *hits, std::size_t capacity);

  // The same by coarse counts, for many queries: at most 4 x max_coarse_groups planes, all of them within the code.
  std::size_t (*find_coarse)(const sliced_tiles &tiles, tile_cursor *cursor, tile_hit *hits, std::size_t capacity);

  // Appends (probe, position) for every position within its probe's limit on the inline words, in order. It stops
  // when a block's hits might not fit `capacity` (at least bucket_lanes); cursor->probe is n_probes when done.
  std::size_t (*probe)(const bucket_probes &probes, probe_cursor *cursor, bucket_hit *hits, std::size_t capacity);

  // Appends (visitor, position) for every position from *first on within the limit on the inline words. It stops
  // before positions whose hits might not fit `capacity` (at least 2 x bucket_lanes x n_visitors), and leaves in
  // *first the position to go on with, at least `last` when done.
  std::size_t (*visit)(const bucket_visitors &visitors, std::uint32_t *first, bucket_hit *hits, std::size_t capacity);

  // Appends to `hits` (0, 6 x line + place in it) for every row within the limit on the bits inline, and to `more`
  // (0, line) for every line that goes on in one with a larger number. There is room for 6 x n hits and n lines.
  // Returns the number of hits; *n_more is that of lines.
  std::size_t (*probe_lines)(const line_probes &probes, bucket_hit *hits, bucket_hit *more, std::size_t *n_more);

  // The same for many queries, which stand in place of 0; n is the sum of the visitors' n x n_flips.
  std::size_t (*visit_lines)(const line_visits &visits, bucket_hit *hits, bucket_hit *more, std::size_t *n_more);

  // The same for *n_more lines in `more`, which is overwritten with those that they go on in.
  std::size_t (*follow_lines)(const further_lines &lines, bucket_hit *hits, bucket_hit *more, std::size_t *n_more);

  // Appends (row, entry) for every entry of a row's bucket that is within the limit on the two words; `words` is at
  // least 2. It stops when hits might not fit `capacity` (at least entries_of_step), and when there were more than
  // max_steps; cursor->row is n_rows when done.
  std::size_t (*look_up)(const query_table &table, const std::uint64_t *rows, std::size_t n_rows, std::uint32_t words,
                         lookup_cursor *cursor, bucket_hit *hits, std::size_t capacity);
};

extern const distance_kernels scalar_kernels;
#if defined(LIBMATCH_X86)
extern const distance_kernels avx2_kernels;      // needs AVX2, POPCNT
extern const distance_kernels avx512bw_kernels;  // needs AVX-512 F, BW, DQ, VL, POPCNT
extern const distance_kernels avx512_kernels;    // needs AVX-512 F, BW, DQ, VL, VPOPCNTDQ, POPCNT
#elif defined(LIBMATCH_NEON)
extern const distance_kernels neon_kernels;
#endif

}  // namespace libmatch::detail
