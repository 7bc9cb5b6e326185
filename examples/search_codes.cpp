// Finds codes that are near one another: by range and by number, in memory and from a file.
//
// Shows: an index of codes that come from elsewhere, exact range and k-NN search, saving, and mapping the file back.
// Run:   search_codes [INDEX]     (writes INDEX, by default search_codes.index)
#include <algorithm>
#include <iostream>
#include <libmatch/libmatch.hpp>
#include <random>

using Code = std::vector<std::uint8_t>;

constexpr std::size_t code_size_bytes = 32;
constexpr std::size_t code_count = 100'000;

// Codes one after the other. The same seed gives the same codes on every machine.
static Code random_codes(std::size_t count, std::mt19937_64 &generator) {
  Code codes(count * code_size_bytes);
  for (std::uint8_t &byte : codes) byte = static_cast<std::uint8_t>(generator());
  return codes;
}

// Code i of `codes` with `count` different bits flipped.
static Code with_flipped_bits(const Code &codes, std::size_t i, std::size_t count) {
  const auto first = codes.begin() + static_cast<std::ptrdiff_t>(i * code_size_bytes);
  Code code(first, first + code_size_bytes);
  for (std::size_t bit = 0; bit < count; ++bit) {
    const std::size_t position = bit * 37 % (code_size_bytes * 8);  // 37 is odd: no position comes twice
    code[position / 8] = static_cast<std::uint8_t>(code[position / 8] ^ (1U << position % 8));
  }
  return code;
}

static void print(const char *title, const libmatch::matches &matches) {
  std::cout << title << '\n';
  for (std::size_t query = 0; query < matches.n_queries(); ++query) {
    std::cout << "  query " << query << ':';
    const auto ids = matches.ids(query);
    const auto distances = matches.distances(query);
    for (std::size_t i = 0; i < ids.size(); ++i) std::cout << "  id " << ids[i] << " at distance " << distances[i];
    std::cout << (ids.empty() ? "  nothing\n" : "\n");
  }
}

static bool same(const libmatch::matches &one, const libmatch::matches &other) {
  const lm_matches_data &a = one.data();
  const lm_matches_data &b = other.data();
  return a.n_queries == b.n_queries && std::equal(a.offsets, a.offsets + a.n_queries + 1, b.offsets) &&
         std::equal(a.ids, a.ids + a.offsets[a.n_queries], b.ids) &&
         std::equal(a.distances, a.distances + a.offsets[a.n_queries], b.distances);
}

int main(int argc, char **argv) try {
  const char *path = argc > 1 ? argv[1] : "search_codes.index";
  const libmatch::context context;
  std::mt19937_64 generator(20240917);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same codes in every run
  const Code codes = random_codes(code_count, generator);
  libmatch::index index(context, 8 * code_size_bytes, LM_HASH_CODE);
  index.add(codes);  // without ids of their own they count from 0
  std::cout << index.size() << " codes, searched by " << context.backend() << '\n';

  Code queries;
  for (const Code &query : {with_flipped_bits(codes, 7, 0), with_flipped_bits(codes, 500, 31),
                            with_flipped_bits(codes, 99'999, 32), random_codes(1, generator)}) {
    queries.insert(queries.end(), query.begin(), query.end());
  }
  const libmatch::matches in_range = index.search_range(context, queries, 31);
  const libmatch::matches nearest = index.search_knn(context, queries, 2);
  print("Within 31 bits:", in_range);
  print("The two nearest:", nearest);

  index.save(path);
  const libmatch::index mapped = libmatch::index::map(context, path);
  const bool equal = same(in_range, mapped.search_range(context, queries, 31)) &&
                     same(nearest, mapped.search_knn(context, queries, 2));
  std::cout << "Saved to " << path << " and mapped: " << (equal ? "the same answers" : "OTHER ANSWERS") << '\n';
  return equal ? 0 : 1;
} catch (const std::exception &error) {
  std::cerr << error.what() << '\n';
  return 1;
}
