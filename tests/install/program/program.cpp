// A C++20 program outside the tree: hashes pixels and finds them again.
#include <libmatch/libmatch.h>

#include <array>
#include <cstdint>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

void check(lm_status status) {
  if (status != LM_OK) throw std::runtime_error(std::string(lm_status_name(status)) + ": " + lm_last_error());
}

template <auto Free>
struct Deleter {
  template <class Handle>
  void operator()(Handle *handle) const {
    Free(handle);
  }
};
using Context = std::unique_ptr<lm_context, Deleter<lm_context_free>>;
using Index = std::unique_ptr<lm_index, Deleter<lm_index_free>>;
using Matches = std::unique_ptr<lm_matches, Deleter<lm_matches_free>>;

int run() {
  lm_context *opened = nullptr;
  check(lm_context_create(nullptr, 2, &opened));
  const Context context(opened);

  constexpr std::uint32_t side = 64;
  std::vector<std::uint8_t> pixels(side * side);
  for (std::uint32_t i = 0; i < side * side; ++i) pixels[i] = static_cast<std::uint8_t>(i * i * 31 >> 7);
  const lm_image image{pixels.data(), side, side, side, LM_PIXEL_GRAY8};
  std::array<std::uint8_t, 32> code{};
  check(lm_hash_images(context.get(), nullptr, &image, 1, nullptr, code.data(), nullptr));

  lm_index *created = nullptr;
  check(lm_index_create(context.get(), LM_HASH_PDQ256, 256, lm_hash_profile(nullptr), &created));
  const Index index(created);
  const std::int64_t id = 42;
  const char *label = "squares";
  check(lm_index_add(index.get(), code.data(), &id, &label, 1));

  lm_matches *found = nullptr;
  check(lm_index_search_knn(index.get(), context.get(), code.data(), 1, 1, nullptr, &found));
  const Matches matches(found);
  const lm_matches_data &data = *lm_matches_view(matches.get());
  const char *found_label = nullptr;
  check(lm_matches_label(matches.get(), 0, &found_label));
  std::cout << found_label << " at distance " << data.distances[0] << '\n';
  return data.ids[0] == id && data.distances[0] == 0 && std::string(found_label) == label ? 0 : 1;
}

}  // namespace

int main() {
  try {
    return run();
  } catch (const std::exception &problem) {
    std::cerr << problem.what() << '\n';
    return 1;
  }
}
