#include "support/code_sets.h"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <stdexcept>
#include <thread>

#include "core/cpu_features.h"
#include "hash/pdq.h"
#include "support/drawn_picture.h"
#include "support/random_codes.h"

namespace libmatch::test {

namespace {

using code = std::array<std::uint8_t, set_code_bytes>;

constexpr std::array<std::string_view, 6> names{"random", "planted", "pictures", "hot", "plain", "repeated"};
constexpr unsigned least_quality = 50;  // of an image that PDQ can tell from others

// A seed for item i, independent of those of other items.
std::uint64_t seed_of(std::uint64_t seed, std::size_t i) {
  return random_source(random_source(seed).next() ^ (i * 0xd1342543de82ef95ULL)).next();
}

detail::pdq_result hash(const drawn_picture &picture) {
  static const detail::instruction_set set = detail::can_run(detail::instruction_set::avx2)
                                                 ? detail::instruction_set::avx2
                                                 : detail::instruction_set::scalar;  // equal codes
  const auto pixels = picture.halved();
  constexpr std::uint32_t side = drawn_picture::side / 2;
  return detail::pdq({pixels.data(), side, side, side, LM_PIXEL_GRAY8}, LM_ORIENTATIONS_PLAIN, set);
}

code random_code(std::uint64_t seed) {
  random_source random(seed);
  code made{};
  for (std::uint8_t &byte : made) {
    byte = static_cast<std::uint8_t>(random.next() >> 56);
  }
  return made;
}

code picture_code(std::uint64_t seed) {
  drawn_picture picture(seed);
  for (;;) {
    picture.draw();
    const detail::pdq_result hashed = hash(picture);
    if (hashed.quality >= least_quality) {
      return hashed.codes[LM_ORIENTATION_PLAIN];
    }
  }
}

code plain_code(std::uint64_t seed) {
  drawn_picture picture(seed);
  picture.draw_plain();
  return hash(picture).codes[LM_ORIENTATION_PLAIN];
}

// With `flips` different bits of it flipped.
code near_copy(code copied, std::size_t flips, random_source &random) {
  const code original = copied;
  while (flips > 0) {
    const std::size_t bit = random.below(8 * set_code_bytes);
    const auto mask = static_cast<std::uint8_t>(1U << (bit % 8));
    if (((copied[bit / 8] ^ original[bit / 8]) & mask) == 0) {
      copied[bit / 8] = static_cast<std::uint8_t>(copied[bit / 8] ^ mask);
      --flips;
    }
  }
  return copied;
}

// Which cluster each code of a hot set belongs to: sizes 2^j with a probability of 2^-(j + 1), in any order.
std::vector<std::uint32_t> draw_clusters(std::size_t count, std::uint64_t seed) {
  constexpr unsigned largest_power = 10;
  random_source random(seed);
  std::vector<std::uint32_t> clusters;
  clusters.reserve(count);
  for (std::uint32_t cluster = 0; clusters.size() < count; ++cluster) {
    const auto power = static_cast<unsigned>(std::countr_zero(random.next() | (1U << largest_power)));
    const std::size_t size = std::min(std::size_t{1} << power, count - clusters.size());
    clusters.insert(clusters.end(), size, cluster);
  }
  for (std::size_t i = count; i > 1; --i) {
    std::swap(clusters[i - 1], clusters[random.below(i)]);
  }
  return clusters;
}

code hot_code(std::uint32_t cluster, std::uint64_t seed, std::size_t i) {
  random_source random(seed_of(seed + 1, i));
  if (random.below(32) == 0) {
    return plain_code(random.next());
  }
  const code original = picture_code(seed_of(seed, cluster));
  // One in four is equal; any two copies are within 20 bits.
  return near_copy(original, random.below(4) == 0 ? 0 : random.below(11), random);
}

code planted_code(std::uint64_t seed, std::size_t i) {
  if (i % 2 == 0) {
    return random_code(seed_of(seed, i));
  }
  random_source random(seed_of(seed, i));
  const code original = random_code(seed_of(seed, 2 * random.below((i + 1) / 2)));
  return near_copy(original, random.below(41), random);
}

std::function<code(std::size_t)> maker_of(std::string_view set, std::size_t count, std::uint64_t seed) {
  if (set == "random") {
    return [seed](std::size_t i) { return random_code(seed_of(seed, i)); };
  }
  if (set == "planted") {
    return [seed](std::size_t i) { return planted_code(seed, i); };
  }
  if (set == "pictures") {
    return [seed](std::size_t i) { return picture_code(seed_of(seed, i)); };
  }
  if (set == "hot") {
    return [seed, clusters = draw_clusters(count, seed)](std::size_t i) { return hot_code(clusters[i], seed, i); };
  }
  if (set == "plain") {
    return [seed](std::size_t i) { return plain_code(seed_of(seed, i)); };
  }
  if (set == "repeated") {
    return [seed](std::size_t i) { return random_code(seed_of(seed, i % 100 == 0 ? 0 : i)); };
  }
  throw std::invalid_argument("no set of codes is named " + std::string(set));
}

}  // namespace

std::span<const std::string_view> code_set_names() { return names; }

std::vector<std::uint8_t> make_codes(std::string_view set, std::size_t count, std::uint64_t seed, unsigned threads) {
  const std::function<code(std::size_t)> make = maker_of(set, count, seed);
  std::vector<std::uint8_t> codes(count * set_code_bytes);
  const auto fill = [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const code made = make(i);
      std::copy(made.begin(), made.end(), codes.begin() + static_cast<std::ptrdiff_t>(i * set_code_bytes));
    }
  };
  std::vector<std::thread> helpers;
  for (unsigned t = 1; t < threads; ++t) {
    helpers.emplace_back(fill, count * t / threads, count * (t + 1) / threads);
  }
  fill(0, count / std::max(threads, 1U));
  for (std::thread &helper : helpers) {
    helper.join();
  }
  return codes;
}

}  // namespace libmatch::test
