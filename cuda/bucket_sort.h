// What of the tables of multi-index hashing Thrust makes, in memory of the device. Plain types alone: in the
// executor's build Thrust works on the host and must not meet the executor's CUDA.
#pragma once

#include <cstddef>
#include <cstdint>

namespace libmatch::cuda {

// Where Thrust works, and from where it has what memory it needs meanwhile.
class sort_place {
 public:
  virtual ~sort_place() = default;
  virtual void *allocate(std::size_t bytes) = 0;
  virtual void release(void *memory, std::size_t bytes) = 0;
  // A cudaStream_t. What was put there before is done first.
  virtual void *stream() = 0;
};

// Sorts names, and the rows along with them; rows of equal names keep their order.
void sort_by_name(sort_place &place, std::uint16_t *names, std::uint32_t *rows, std::size_t size);

// starts[b]: how many of the sorted names are less than b, for b = 0 .. n_names.
void find_starts(sort_place &place, const std::uint16_t *names, std::size_t size, std::uint32_t n_names,
                 std::uint32_t *starts);

}  // namespace libmatch::cuda
