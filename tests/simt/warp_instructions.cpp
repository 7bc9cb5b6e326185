#include "warp_instructions.h"

#include <algorithm>
#include <bit>

namespace libmatch::simt {
namespace {

// The wider form holds the narrower one: rows 0 to 7, words 0 to 3.
struct mma_payload {
  std::uint32_t a[4];
  std::uint32_t b[2];
  std::int32_t sums[4];
};

// Puts whole matrices together from the lanes' fragments, and multiplies them by the definition. Every element of the
// narrower form's other half is zero in both, and so are its sums.
template <bit_operation by>
const char *multiply(void *const *lanes, unsigned mask) {
  if (mask != 0xFFFFFFFFu) {
    return "a matrix operation without all lanes of the warp";
  }
  std::uint32_t rows[16][8];
  std::uint32_t columns[8][8];
  for (unsigned lane = 0; lane < warp_lanes; ++lane) {
    const auto &mine = *static_cast<const mma_payload *>(lanes[lane]);
    const unsigned group = lane / 4;
    const unsigned within = lane % 4;
    for (unsigned i = 0; i < 4; ++i) {
      rows[group + 8 * (i % 2)][within + 4 * (i / 2)] = mine.a[i];
    }
    for (unsigned i = 0; i < 2; ++i) {
      columns[group][within + 4 * i] = mine.b[i];
    }
  }
  for (unsigned lane = 0; lane < warp_lanes; ++lane) {
    auto &mine = *static_cast<mma_payload *>(lanes[lane]);
    for (unsigned i = 0; i < 4; ++i) {
      const std::uint32_t(&row)[8] = rows[lane / 4 + 8 * (i / 2)];
      const std::uint32_t(&column)[8] = columns[2 * (lane % 4) + i % 2];
      for (unsigned word = 0; word < 8; ++word) {
        const std::uint32_t bits =
            by == bit_operation::and_bits ? row[word] & column[word] : row[word] ^ column[word];
        mine.sums[i] += std::popcount(bits);
      }
    }
  }
  return nullptr;
}

}  // namespace

void bit_mma_m16n8k256(bit_operation by, std::int32_t (&d)[4], const std::uint32_t (&a)[4],
                       const std::uint32_t (&b)[2], const std::int32_t (&c)[4], const char *file, int line) {
  mma_payload payload{{a[0], a[1], a[2], a[3]}, {b[0], b[1]}, {c[0], c[1], c[2], c[3]}};
  warp_collective(
      collective::matrix, 0xFFFFFFFFu, &payload,
      by == bit_operation::and_bits ? &multiply<bit_operation::and_bits> : &multiply<bit_operation::xor_bits>,
      {file, line});
  std::copy_n(payload.sums, 4, d);
}

void bit_mma_m8n8k128(std::int32_t (&d)[2], std::uint32_t a, std::uint32_t b, const std::int32_t (&c)[2],
                      const char *file, int line) {
  mma_payload payload{{a, 0, 0, 0}, {b, 0}, {c[0], c[1], 0, 0}};
  warp_collective(collective::matrix, 0xFFFFFFFFu, &payload, &multiply<bit_operation::xor_bits>, {file, line});
  std::copy_n(payload.sums, 2, d);
}

}  // namespace libmatch::simt
