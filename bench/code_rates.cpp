// What the codes of a file (PDQ, packed, 32 bytes each) mean for exact search: docs/decisions/004-exact-search.md.
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

#include "support/code_rates.h"

namespace {

constexpr std::size_t max_codes = 20'000;
// Nearer pairs of real images are mostly crops, frames and versions of each other.
constexpr int unrelated_beyond = 80;

void print(const char *order, const libmatch::test::order_rates &rates) {
  std::printf("%-9s survivors of 96 bits %.2e   candidates %.2f x random   largest bucket %zu\n", order,
              rates.prefix_survivors, rates.candidates, rates.largest_bucket);
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: code_rates FILE\n");
    return 2;
  }
  std::ifstream file(argv[1], std::ios::binary);
  const std::vector<char> text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::vector<std::uint8_t> codes(text.begin(), text.end());
  if (!file || codes.size() % 32 != 0 || codes.size() < 64) {
    std::fprintf(stderr, "%s: no file of at least two codes of 32 bytes\n", argv[1]);
    return 1;
  }
  std::printf("%zu codes\n", codes.size() / 32);
  for (const int related : {-1, unrelated_beyond}) {
    const libmatch::test::code_rates rates = libmatch::test::measure_rates(codes, max_codes, related);
    std::printf("%s, %zu: mean distance %.1f, standard deviation %.2f, within 31: %.1e\n",
                related < 0 ? "all pairs" : "pairs more than 80 bits apart", rates.pairs, rates.mean_distance,
                rates.standard_deviation, rates.within_31);
    print("natural", rates.natural);
    print("permuted", rates.permuted);
  }
  return 0;
}
