#include "hash/imagehash.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "core/error.h"

namespace libmatch::detail {

namespace {

// Two sums of products of pixels and cosines take 8 + 40 + 6 + 40 + 6 bits.
__extension__ using wide_integer = __int128;

// From a calculation with 60 digits.
constexpr std::array<std::int64_t, 65> cosine_table{
    1099511627776, 1099180475430, 1098187217867, 1096532453388, 1094217178761,
    1091242788621, 1087611074629, 1083324224394, 1078384820155, 1072795837223,
    1066560642194, 1059682990914, 1052167026225, 1044017275463, 1035238647732,
    1025836430950, 1015816288660, 1005184256622, 993946739174,  982110505377,
    969682684934,  956670763901,  943082580171,  928926318760,  914210506869,
    898944008753,  883136020380,  866796063891,  849933981865,  832559931389,
    814684377941,  796318089088,  777472127994,  758157846761,  738386879591,
    718171135775,  697522792521,  676454287619,  654978311948,  633107801833,
    610855931251,  588236103898,  565261945112,  541947293666,  518306193436,
    494352884935,  470101796741,  445567536804,  420764883643,  395708777449,
    370414311084,  344896720990,  319171378006,  293253778120,  267159533123,
    240904361213,  214504077523,  187974584598,  161331862813,  134591960745,
    107770985514,  80885093070,   53950478471,   26983366121,   0};

constexpr std::size_t quarter_turn = cosine_table.size() - 1;

// 2^40 * cos(pi * m / 128).
std::int64_t cosine(std::size_t m) noexcept {
  m %= 4 * quarter_turn;
  if (m > 2 * quarter_turn) {
    m = 4 * quarter_turn - m;
  }
  return m <= quarter_turn ? cosine_table[m] : -cosine_table[2 * quarter_turn - m];
}

// Bits that are handed in by row and column, the most significant first.
class bit_writer {
 public:
  explicit bit_writer(std::size_t bits) : code_(bits / 8) {}
  void append(bool bit) noexcept {
    code_[place_ / 8] = static_cast<std::uint8_t>(code_[place_ / 8] | (bit ? 0x80U >> place_ % 8 : 0U));
    ++place_;
  }
  std::vector<std::uint8_t> code() &&noexcept { return std::move(code_); }

 private:
  std::vector<std::uint8_t> code_;
  std::size_t place_ = 0;
};

// The lowest side x side frequencies, by vertical and horizontal frequency: the unnormalised DCT-II, of columns
// first. Exact but for the rounding of the cosines, so that what cancels out is zero.
std::vector<wide_integer> low_frequencies(const small_plane &plane, std::size_t side) {
  const std::size_t n = plane.width;
  const std::size_t step = quarter_turn / n;  // of the table, for an angle of pi / 2n
  std::vector<std::int64_t> columns(side * n);
  for (std::size_t i = 0; i < side; ++i) {
    for (std::size_t y = 0; y < n; ++y) {
      const std::int64_t weight = cosine((2 * y + 1) * i * step);
      for (std::size_t x = 0; x < n; ++x) {
        columns[i * n + x] += weight * plane.pixels[y * n + x];
      }
    }
  }
  std::vector<wide_integer> result(side * side);
  for (std::size_t i = 0; i < side; ++i) {
    for (std::size_t j = 0; j < side; ++j) {
      for (std::size_t x = 0; x < n; ++x) {
        result[i * side + j] += static_cast<wide_integer>(columns[i * n + x]) * cosine((2 * x + 1) * j * step);
      }
    }
  }
  return result;
}

struct imagehash_kind {
  lm_hash hash;
  std::size_t side;
  std::size_t plane_width, plane_height;
  std::vector<std::uint8_t> (*bits)(const small_plane &, std::size_t);
};

constexpr std::array<imagehash_kind, 6> kinds{{
    {LM_HASH_AHASH64, 8, 8, 8, &average_bits},
    {LM_HASH_DHASH64, 8, 9, 8, &difference_bits},
    {LM_HASH_PHASH64, 8, 32, 32, &frequency_bits},
    {LM_HASH_AHASH256, 16, 16, 16, &average_bits},
    {LM_HASH_DHASH256, 16, 17, 16, &difference_bits},
    {LM_HASH_PHASH256, 16, 64, 64, &frequency_bits},
}};

const imagehash_kind *kind_of(lm_hash hash) noexcept {
  const auto *const found =
      std::find_if(kinds.begin(), kinds.end(), [&](const imagehash_kind &kind) { return kind.hash == hash; });
  return found != kinds.end() ? found : nullptr;
}

}  // namespace

std::span<const std::int64_t> quarter_cosine() noexcept { return cosine_table; }

std::vector<std::uint8_t> average_bits(const small_plane &plane, std::size_t side) {
  std::size_t sum = 0;
  for (const std::uint8_t pixel : plane.pixels) {
    sum += pixel;
  }
  bit_writer bits(side * side);
  for (const std::uint8_t pixel : plane.pixels) {
    bits.append(pixel * side * side > sum);
  }
  return std::move(bits).code();
}

std::vector<std::uint8_t> difference_bits(const small_plane &plane, std::size_t side) {
  bit_writer bits(side * side);
  for (std::size_t y = 0; y < side; ++y) {
    const std::uint8_t *row = plane.pixels.data() + y * (side + 1);
    for (std::size_t x = 0; x < side; ++x) {
      bits.append(row[x + 1] > row[x]);
    }
  }
  return std::move(bits).code();
}

std::vector<std::uint8_t> frequency_bits(const small_plane &plane, std::size_t side) {
  const std::vector<wide_integer> frequencies = low_frequencies(plane, side);
  std::vector<wide_integer> sorted = frequencies;
  std::sort(sorted.begin(), sorted.end());
  // The median of an even number of values is the mean of the two in the middle.
  const wide_integer median_twice = sorted[sorted.size() / 2 - 1] + sorted[sorted.size() / 2];
  bit_writer bits(side * side);
  for (const wide_integer frequency : frequencies) {
    bits.append(2 * frequency > median_twice);
  }
  return std::move(bits).code();
}

bool is_imagehash(lm_hash hash) noexcept { return kind_of(hash) != nullptr; }

std::vector<std::uint8_t> imagehash_code(lm_hash hash, const lm_image &image) {
  const imagehash_kind *kind = kind_of(hash);
  if (kind == nullptr) {
    fail(LM_ERROR_INTERNAL, "hash ", hash, " is none of imagehash's");
  }
  return kind->bits(lanczos_plane(image, kind->plane_width, kind->plane_height), kind->side);
}

}  // namespace libmatch::detail
