// libmatch on memory of a CUDA device for C++20: libmatch/cuda.h (the manual) with ownership, exceptions and spans.
// Adds no behaviour, and needs no header of CUDA's.
#ifndef LIBMATCH_CUDA_HPP
#define LIBMATCH_CUDA_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "libmatch/cuda.h"
#include "libmatch/libmatch.hpp"

namespace libmatch {

// Where elements lie on the device, and how many: a span that the host cannot look into. Borrows.
template <typename T>
class device_span {
 public:
  constexpr device_span() noexcept = default;
  constexpr device_span(T *data, std::size_t size) noexcept : data_(data), size_(size) {}
  // To one of const elements.
  template <typename U, typename = std::enable_if_t<std::is_convertible_v<U (*)[], T (*)[]>>>
  constexpr device_span(device_span<U> other) noexcept  // NOLINT(google-explicit-constructor): as std::span's is not
      : data_(other.data()), size_(other.size()) {}

  constexpr T *data() const noexcept { return data_; }
  constexpr std::size_t size() const noexcept { return size_; }
  constexpr std::size_t size_bytes() const noexcept { return size_ * sizeof(T); }
  constexpr bool empty() const noexcept { return size_ == 0; }
  // n elements from `first` on, as far as there are so many.
  constexpr device_span subspan(std::size_t first, std::size_t n = SIZE_MAX) const noexcept {
    const std::size_t begin = first < size_ ? first : size_;
    return {data_ + begin, n < size_ - begin ? n : size_ - begin};
  }

 private:
  T *data_ = nullptr;
  std::size_t size_ = 0;
};

// Where the matches of n queries go: lm_cuda_matches. The capacity is that of ids, and distances are as many.
struct device_matches {
  device_span<std::int64_t> offsets;  // n + 1
  device_span<std::int64_t> ids;
  device_span<std::uint32_t> distances;
  device_span<std::uint64_t> required;  // 1
};

// lm_cuda_view: the codes of an index at a moment, on a device. Searches of it may be in any number of streams at
// once. Free it after they are done. `stream`: a cudaStream_t, null the default one.
class cuda_view {
 public:
  cuda_view(const index &of, const context &with) : cuda_view(made(of, with), of.data().bits) {}
  // A handle of the C API, of codes of so many bits.
  cuda_view(lm_cuda_view *handle, std::uint32_t bits) noexcept : handle_(handle), code_bytes_(bits / 8) {}

  std::uint64_t workspace_bytes(std::uint64_t n, std::uint64_t capacity) const noexcept {
    return lm_cuda_workspace_bytes(get(), n, capacity);
  }

  // queries: whole codes, one after the other. All that is handed over belongs to the search until the stream has
  // done it.
  void search_range(device_span<const std::uint8_t> queries, std::uint32_t max_distance, const device_matches &into,
                    device_span<std::byte> workspace, void *stream = nullptr) const {
    if (queries.size() % code_bytes_ != 0) {
      throw std::invalid_argument("libmatch: the bytes are no whole number of codes");
    }
    const std::size_t n = queries.size() / code_bytes_;
    require_size(into.offsets.size(), n + 1, "offsets");
    require_size(into.distances.size(), into.ids.size(), "distances");
    require_size(into.required.size(), 1, "required");
    const lm_cuda_matches matches{into.offsets.data(), into.ids.data(), into.distances.data(), into.required.data(),
                                  into.ids.size()};
    check(lm_cuda_search_range(get(), queries.data(), n, max_distance, &matches, workspace.data(), workspace.size(),
                               stream));
  }

  const lm_cuda_view *get() const noexcept { return handle_.get(); }

 private:
  static lm_cuda_view *made(const index &of, const context &with) {
    lm_cuda_view *handle = nullptr;
    check(lm_cuda_view_create(of.get(), with.get(), &handle));
    return handle;
  }
  static void require_size(std::size_t size, std::size_t wanted, const char *argument) {
    if (size != wanted) {
      throw std::invalid_argument(std::string("libmatch: ") + argument + " has " + std::to_string(size) +
                                  " elements, not " + std::to_string(wanted));
    }
  }

  std::unique_ptr<lm_cuda_view, deleter<lm_cuda_view_free>> handle_;
  std::size_t code_bytes_;
};

// The bytes of workspace that cuda_hash_images takes; 0 where the backend is not one CUDA device.
inline std::uint64_t cuda_hash_workspace_bytes(const context &with, std::uint64_t n, std::uint32_t width,
                                               std::uint32_t height) noexcept {
  return lm_cuda_hash_workspace_bytes(with.get(), n, width, height);
}

// codes: one an image.
inline void cuda_hash_images(const context &with, const lm_cuda_images &images, lm_orientations orientations,
                             device_span<lm_cuda_image_codes> codes, device_span<std::byte> workspace,
                             void *stream = nullptr) {
  if (codes.size() != images.n) {
    throw std::invalid_argument("libmatch: images and codes differ in number");
  }
  check(lm_cuda_hash_images(with.get(), &images, orientations, codes.data(), workspace.data(), workspace.size(),
                            stream));
}

// What `stream` is given from now on comes after all that `other` holds.
inline void cuda_wait_for_stream(const context &with, void *stream, void *other) {
  check(lm_cuda_wait_for_stream(with.get(), stream, other));
}

// Null: CUDA's own pool again. Whatever stands behind the allocator has to outlive all that the process keeps there.
inline void cuda_set_allocator(const context &with, const lm_cuda_allocator *allocator) {
  check(lm_cuda_set_allocator(with.get(), allocator));
}

}  // namespace libmatch

#endif
