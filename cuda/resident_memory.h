// Memory of a device that outlives calls: what several streams may read at once.
#pragma once

#include <cstddef>
#include <utility>

#include "device.h"

namespace libmatch::cuda {

class resident_memory {
 public:
  resident_memory() = default;
  resident_memory(device_call &call, std::size_t bytes)
      : owner_(&call.owner()), bytes_(bytes), data_(call.owner().allocate(bytes, call.stream())) {}
  ~resident_memory() {
    if (data_ != nullptr) {
      owner_->release_shared(data_, bytes_);
    }
  }
  resident_memory(resident_memory &&other) noexcept { *this = std::move(other); }
  resident_memory &operator=(resident_memory &&other) noexcept {
    std::swap(owner_, other.owner_);
    std::swap(bytes_, other.bytes_);
    std::swap(data_, other.data_);
    return *this;
  }

  void *data() const noexcept { return data_; }
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  device *owner_ = nullptr;
  std::size_t bytes_ = 0;
  void *data_ = nullptr;
};

}  // namespace libmatch::cuda
