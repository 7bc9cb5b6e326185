#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "backend/backend.h"
#include "cuda/backend_table.h"

namespace libmatch::detail {

struct cuda_choice {
  std::string name;                   // of the backend
  std::vector<std::int32_t> devices;  // with several, each searches a part of the rows
  // What does not fit the memory of the devices is searched by the processor instead of failing.
  bool may_fall_back = false;
};

// Searches on CUDA devices, by the table of a shared object; what files are decoded and hashed with is the processor.
// LM_ERROR_UNSUPPORTED says why a device cannot be used. The table lives as long as the process.
std::shared_ptr<const backend> make_cuda_backend(const cuda::backend_table &table, const cuda_choice &choice);

}  // namespace libmatch::detail
