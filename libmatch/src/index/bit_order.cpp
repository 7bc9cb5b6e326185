#include "index/bit_order.h"

#include <cstring>

namespace libmatch::detail {

namespace {

constexpr std::size_t pdq_bytes = 32;
constexpr std::size_t pdq_words = 4;

// Coefficient (i, j) goes to one of 16 sets of 16, so that those which go together in natural images, two rows or two
// columns apart, lie in different ones; set after set, each in its natural order.
constexpr std::array<std::uint8_t, 256> make_bit_order() {
  std::array<std::uint8_t, 256> order{};
  std::size_t place = 0;
  for (unsigned set = 0; set < 16; ++set) {
    for (unsigned k = 0; k < 256; ++k) {
      const unsigned i = k / 16;
      const unsigned j = k % 16;
      if ((4 * i + 3 * j + 3 * (i / 4)) % 16 == set) {
        order[place++] = static_cast<std::uint8_t>(k);
      }
    }
  }
  return order;
}
constexpr std::array<std::uint8_t, 256> bit_order = make_bit_order();

// For each half byte of a code and each of its values, the row with its bits in their places: 32 KiB. A row is the
// union of 64 of them.
using row = std::array<std::uint64_t, pdq_words>;
using half_byte_rows = std::array<std::array<row, 16>, 2 * pdq_bytes>;

constexpr half_byte_rows make_half_byte_rows() {
  half_byte_rows rows{};
  for (std::size_t place = 0; place < bit_order.size(); ++place) {
    const std::size_t k = bit_order[place];
    const std::size_t byte = pdq_bytes - 1 - k / 8;
    const std::size_t half = 2 * byte + k % 8 / 4;
    for (std::size_t value = 0; value < 16; ++value) {
      if ((value >> (k % 4) & 1U) != 0) {
        rows[half][value][place / 64] |= std::uint64_t{1} << (place % 64);
      }
    }
  }
  return rows;
}
constexpr half_byte_rows rows_of_half_bytes = make_half_byte_rows();

void pack_pdq(const std::uint8_t *code, std::uint64_t *target) {
  row packed{};
  for (std::size_t byte = 0; byte < pdq_bytes; ++byte) {
    const row &low = rows_of_half_bytes[2 * byte][code[byte] & 15U];
    const row &high = rows_of_half_bytes[2 * byte + 1][code[byte] >> 4];
    for (std::size_t w = 0; w < pdq_words; ++w) {
      packed[w] |= low[w] | high[w];
    }
  }
  std::memcpy(target, packed.data(), sizeof packed);
}

}  // namespace

const std::array<std::uint8_t, 256> &pdq_bit_order() noexcept { return bit_order; }

void pack_rows(const std::uint8_t *codes, std::size_t n, lm_hash hash, std::uint32_t bits, std::uint64_t *rows) {
  const std::size_t code_size = bits / 8;
  const std::size_t words = (bits + 63) / 64;
  if (hash == LM_HASH_PDQ256) {
    for (std::size_t i = 0; i < n; ++i) {
      pack_pdq(codes + i * pdq_bytes, rows + i * pdq_words);
    }
  } else if (code_size == words * sizeof(std::uint64_t)) {
    std::memcpy(rows, codes, n * code_size);
  } else {
    for (std::size_t i = 0; i < n; ++i) {
      rows[i * words + words - 1] = 0;
      std::memcpy(rows + i * words, codes + i * code_size, code_size);
    }
  }
}

void unpack_row(const std::uint64_t *row, lm_hash hash, std::uint32_t bits, std::uint8_t *code) {
  if (hash != LM_HASH_PDQ256) {
    std::memcpy(code, row, bits / 8);
    return;
  }
  std::memset(code, 0, pdq_bytes);
  for (std::size_t j = 0; j < bit_order.size(); ++j) {
    const std::size_t k = bit_order[j];
    const auto bit = static_cast<std::uint8_t>(row[j / 64] >> (j % 64) & 1U);
    code[pdq_bytes - 1 - k / 8] |= static_cast<std::uint8_t>(bit << (k % 8));
  }
}

}  // namespace libmatch::detail
