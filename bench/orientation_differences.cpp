// How far the derived and the sampled codes of images are from the true ones: bits that differ, by image and turn.
// Usage: orientation_differences FILE…
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

#include "libmatch/libmatch.h"
#include "support/synthetic_image.h"

namespace {

constexpr std::size_t code_size_bytes = 32;

std::vector<std::uint8_t> codes_of(lm_context *context, const lm_image &image, lm_orientations orientations,
                                   std::uint8_t &quality) {
  lm_hash_options options = LM_HASH_OPTIONS_INIT;
  options.orientations = orientations;
  std::vector<std::uint8_t> codes(8 * code_size_bytes);
  if (lm_hash_images(context, &options, &image, 1, nullptr, codes.data(), &quality) != LM_OK) {
    std::fprintf(stderr, "%s\n", lm_last_error());
    std::exit(1);  // NOLINT(concurrency-mt-unsafe): there is one thread
  }
  return codes;
}

class differences {
 public:
  void add(lm_context *context, const lm_image &image) {
    std::uint8_t quality = 0;
    const std::vector<std::uint8_t> exact = codes_of(context, image, LM_ORIENTATIONS_TRUE, quality);
    if (quality < 50) {
      return;  // its codes mean nothing
    }
    ++images_;
    count(exact, codes_of(context, image, LM_ORIENTATIONS_DERIVED, quality), derived_);
    count(exact, codes_of(context, image, LM_ORIENTATIONS_SAMPLED, quality), sampled_);
  }

  void print(const char *name) {
    print(name, "derived", derived_);
    print(name, "sampled", sampled_);
  }

 private:
  static void count(const std::vector<std::uint8_t> &exact, const std::vector<std::uint8_t> &codes,
                    std::vector<int> &all) {
    for (std::size_t orientation = 1; orientation < 8; ++orientation) {
      int bits = 0;
      for (std::size_t i = orientation * code_size_bytes; i < (orientation + 1) * code_size_bytes; ++i) {
        bits += std::popcount(static_cast<unsigned>(exact[i] ^ codes[i]));
      }
      all.push_back(bits);
    }
  }

  void print(const char *name, const char *kind, std::vector<int> &all) const {
    if (all.empty()) {
      return;
    }
    std::sort(all.begin(), all.end());
    const auto share = [&](int most) {
      return 100.0 * static_cast<double>(std::upper_bound(all.begin(), all.end(), most) - all.begin()) /
             static_cast<double>(all.size());
    };
    double sum = 0;
    for (const int bits : all) {
      sum += bits;
    }
    std::printf("%s, %s: %zu images, mean %.2f, median %d, at most 2: %.2f %%, 4: %.2f %%, 8: %.2f %%, largest %d\n",
                name, kind, images_, sum / static_cast<double>(all.size()), all[all.size() / 2], share(2), share(4),
                share(8), all.back());
  }

  std::size_t images_ = 0;
  std::vector<int> derived_;
  std::vector<int> sampled_;
};

void add_file(lm_context *context, const char *path, differences &of_files) {
  std::ifstream stream(path, std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  const lm_buffer buffer{bytes.data(), bytes.size()};
  lm_decoded *decoded = nullptr;
  if (lm_decode(&buffer, nullptr, &decoded) != LM_OK) {
    std::fprintf(stderr, "%s: %s\n", path, lm_last_error());
    return;
  }
  of_files.add(context, lm_decoded_view(decoded)->image);
  lm_decoded_free(decoded);
}

}  // namespace

int main(int argc, char **argv) {
  lm_context *context = nullptr;
  if (lm_context_create(nullptr, 1, &context) != LM_OK) {
    std::fprintf(stderr, "%s\n", lm_last_error());
    return 1;
  }
  differences of_synthetic;
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    const std::uint32_t width = 100 + seed * 7919 % 1000;
    const std::uint32_t height = 100 + seed * 104729 % 1000;
    of_synthetic.add(context, libmatch::test::synthetic_image(seed, width, height).view());
  }
  of_synthetic.print("synthetic");
  differences of_files;
  for (int i = 1; i < argc; ++i) {
    add_file(context, argv[i], of_files);
  }
  of_files.print("files");
  lm_context_free(context);
}
