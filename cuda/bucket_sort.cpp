#include "bucket_sort.h"

#include <thrust/binary_search.h>
#include <thrust/execution_policy.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/sort.h>

#ifdef __CUDACC__
#include <thrust/system/cuda/execution_policy.h>
#else
#include <thrust/system/cpp/execution_policy.h>
#endif

namespace libmatch::cuda {

namespace {

class place_allocator {
 public:
  using value_type = char;

  explicit place_allocator(sort_place &place) : place_(place) {}

  char *allocate(std::ptrdiff_t bytes) {
    return static_cast<char *>(place_.allocate(static_cast<std::size_t>(bytes)));
  }
  void deallocate(char *memory, std::size_t bytes) { place_.release(memory, bytes); }

 private:
  sort_place &place_;
};

template <typename Body>
void with_policy(sort_place &place, const Body &body) {
  place_allocator allocator(place);
#ifdef __CUDACC__
  body(thrust::cuda::par_nosync(allocator).on(static_cast<cudaStream_t>(place.stream())));
#else
  body(thrust::cpp::par(allocator));
#endif
}

}  // namespace

void sort_by_name(sort_place &place, std::uint16_t *names, std::uint32_t *rows, std::size_t size) {
  with_policy(place, [&](const auto &policy) { thrust::stable_sort_by_key(policy, names, names + size, rows); });
}

void find_starts(sort_place &place, const std::uint16_t *names, std::size_t size, std::uint32_t n_names,
                 std::uint32_t *starts) {
  const thrust::counting_iterator<std::uint32_t> first(0);
  with_policy(place, [&](const auto &policy) {
    thrust::lower_bound(policy, names, names + size, first, first + n_names + 1, starts);
  });
}

}  // namespace libmatch::cuda
