#include "device.h"

#include <algorithm>
#include <cstring>

#include "segment.h"

namespace libmatch::cuda {

namespace {

using detail::fail;

// Pinned memory that a call copies through, in two halves: one is filled while the other is on its way.
constexpr std::size_t staging_bytes = std::size_t{2} << 20;

// All devices of the process that are open.
struct open_devices {
  std::mutex mutex;
  std::vector<std::weak_ptr<device>> devices;
};

open_devices &registry() {
  static open_devices all;
  return all;
}

}  // namespace

void check(cudaError_t code, const char *what) {
  if (code == cudaSuccess) {
    return;
  }
  cudaGetLastError();  // an error that the next call would otherwise report once more
  const lm_status status = code == cudaErrorMemoryAllocation ? LM_ERROR_OUT_OF_MEMORY : LM_ERROR_DEVICE;
  fail(status, what, ": ", cudaGetErrorString(code), " (", cudaGetErrorName(code), ")");
}

device_scope::device_scope(int number) {
  check(cudaGetDevice(&before_), "asking for the current CUDA device");
  if (before_ != number) {
    check(cudaSetDevice(number), "making a CUDA device current");
    changed_ = true;
  }
}

device_scope::~device_scope() {
  if (changed_) {
    cudaSetDevice(before_);
  }
}

// A stream and its pinned memory between two calls.
struct device::idle_call {
  cudaStream_t stream = nullptr;
  std::uint8_t *staging[2] = {nullptr, nullptr};
  cudaEvent_t copied[2] = {nullptr, nullptr};
  int next = 0;

  idle_call() = default;
  idle_call(const idle_call &) = delete;
  idle_call &operator=(const idle_call &) = delete;
  ~idle_call() {
    for (int half = 0; half < 2; ++half) {
      if (copied[half] != nullptr) {
        cudaEventDestroy(copied[half]);
      }
      if (staging[half] != nullptr) {
        cudaFreeHost(staging[half]);
      }
    }
    if (stream != nullptr) {
      cudaStreamDestroy(stream);
    }
  }

  void create() {
    check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "creating a CUDA stream");
    for (int half = 0; half < 2; ++half) {
      void *memory = nullptr;
      check(cudaMallocHost(&memory, staging_bytes), "allocating pinned memory");
      staging[half] = static_cast<std::uint8_t *>(memory);
      check(cudaEventCreateWithFlags(&copied[half], cudaEventDisableTiming), "creating a CUDA event");
    }
  }

  // The half that comes next, once what it last held is copied.
  int take_half() {
    const int half = next;
    next = 1 - next;
    check(cudaEventSynchronize(copied[half]), "waiting for a copy");
    return half;
  }
};

int device::count() {
  int n = 0;
  const cudaError_t code = cudaGetDeviceCount(&n);
  if (code == cudaSuccess && n > 0) {
    return n;
  }
  cudaGetLastError();
  if (code == cudaErrorInsufficientDriver) {
    int version = 0;
    cudaRuntimeGetVersion(&version);
    fail(LM_ERROR_UNSUPPORTED, "no NVIDIA driver, or one that is too old for CUDA ", version / 1000, ".",
         version % 1000 / 10);
  }
  if (code == cudaErrorNoDevice || code == cudaSuccess) {
    fail(LM_ERROR_UNSUPPORTED, "the NVIDIA driver finds no device");
  }
  fail(LM_ERROR_UNSUPPORTED, "the NVIDIA driver cannot be used: ", cudaGetErrorString(code), " (",
       cudaGetErrorName(code), ")");
}

std::shared_ptr<device> device::open(int number) {
  const int devices = count();
  if (number < 0 || number >= devices) {
    fail(LM_ERROR_UNSUPPORTED, "there is no CUDA device ", number, ": this machine has ", devices,
         ", numbered from 0");
  }
  open_devices &all = registry();
  const std::lock_guard lock(all.mutex);
  if (all.devices.size() <= static_cast<std::size_t>(number)) {
    all.devices.resize(static_cast<std::size_t>(number) + 1);
  }
  std::weak_ptr<device> &known = all.devices[static_cast<std::size_t>(number)];
  std::shared_ptr<device> opened = known.lock();
  if (opened == nullptr) {
    opened = std::make_shared<device>(number);
    known = opened;
  }
  return opened;
}

device::device(int number) {
  const device_scope scope(number);
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, number), "reading the properties of a CUDA device");
  std::memcpy(facts_.name, properties.name, std::min(sizeof facts_.name, sizeof properties.name));
  facts_.name[sizeof facts_.name - 1] = '\0';
  facts_.number = number;
  facts_.compute_capability = properties.major * 10 + properties.minor;
  facts_.multiprocessors = properties.multiProcessorCount;
  facts_.memory_bytes = properties.totalGlobalMem;
  check(cudaDriverGetVersion(&facts_.driver_version), "reading the version of the CUDA driver");
  if (facts_.compute_capability < 75) {
    fail(LM_ERROR_UNSUPPORTED, "CUDA device ", number, " (", facts_.name, ") has compute capability ",
         properties.major, ".", properties.minor, "; 7.5 is the least");
  }
  int pools = 0;
  check(cudaDeviceGetAttribute(&pools, cudaDevAttrMemoryPoolsSupported, number), "asking for memory pools");
  has_pools_ = pools != 0;
  if (has_pools_) {
    // Otherwise what one call gives back is taken from the system anew by the next.
    cudaMemPool_t pool = nullptr;
    check(cudaDeviceGetDefaultMemPool(&pool, number), "opening the memory pool");
    std::uint64_t kept_bytes = std::uint64_t{256} << 20;
    check(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &kept_bytes), "setting the memory pool");
  }
  segments_ = std::make_unique<segment_store>();
}

device::~device() {
  int before = 0;
  cudaGetDevice(&before);
  cudaSetDevice(number());
  segments_.reset();
  idle_.clear();
  cudaSetDevice(before);
}

void *device::try_to_allocate(std::size_t bytes, cudaStream_t stream) {
  if (allocator_.allocate != nullptr) {
    return allocator_.allocate(allocator_.user_data, bytes, stream);
  }
  void *memory = nullptr;
  const cudaError_t code = has_pools_ ? cudaMallocAsync(&memory, bytes, stream) : cudaMalloc(&memory, bytes);
  if (code == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    return nullptr;
  }
  check(code, "allocating memory of the device");
  return memory;
}

void *device::allocate(std::size_t bytes, cudaStream_t stream) {
  void *memory = try_to_allocate(bytes, stream);
  if (memory == nullptr && segments_->make_room(bytes)) {
    memory = try_to_allocate(bytes, stream);
  }
  if (memory == nullptr) {
    std::size_t free_bytes = 0;
    std::size_t all_bytes = 0;
    cudaMemGetInfo(&free_bytes, &all_bytes);
    fail(LM_ERROR_OUT_OF_MEMORY, "CUDA device ", number(), " has no room for ", bytes, " bytes: ", free_bytes, " of ",
         all_bytes, " are free, ", segments_->bytes(), " hold segments");
  }
  in_use_ += bytes;
  return memory;
}

void device::release(void *memory, std::size_t bytes, cudaStream_t stream) noexcept {
  in_use_ -= bytes;
  if (allocator_.release != nullptr) {
    allocator_.release(allocator_.user_data, memory, bytes, stream);
  } else if (has_pools_) {
    cudaFreeAsync(memory, stream);
  } else {
    cudaFree(memory);
  }
}

void device::release_shared(void *memory, std::size_t bytes) noexcept {
  int before = 0;
  cudaGetDevice(&before);
  cudaSetDevice(number());
  cudaDeviceSynchronize();
  release(memory, bytes, nullptr);
  cudaSetDevice(before);
}

void device::set_allocator(const table_allocator &allocator) {
  if ((allocator.allocate == nullptr) != (allocator.release == nullptr)) {
    fail(LM_ERROR_INVALID_ARGUMENT, "allocator: allocate and release are set together, or neither");
  }
  if (in_use_ != 0) {
    fail(LM_ERROR_INVALID_ARGUMENT, "allocator: the device holds memory of the one before; set it before any search");
  }
  allocator_ = allocator;
}

std::unique_ptr<device::idle_call> device::take_idle() {
  {
    const std::lock_guard lock(idle_mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<idle_call> kept = std::move(idle_.back());
      idle_.pop_back();
      return kept;
    }
  }
  auto made = std::make_unique<idle_call>();
  made->create();
  return made;
}

void device::keep_idle(std::unique_ptr<idle_call> idle) noexcept {
  try {
    const std::lock_guard lock(idle_mutex_);
    idle_.push_back(std::move(idle));
  } catch (...) {  // without memory for keeping it, it is made anew
    idle.reset();
  }
}

device_call::device_call(device &owner) : owner_(owner), scope_(owner.number()), kept_(owner.take_idle()) {}

device_call::~device_call() {
  if (cudaStreamSynchronize(kept_->stream) == cudaSuccess) {
    owner_.keep_idle(std::move(kept_));
  } else {
    cudaGetLastError();
  }
}

cudaStream_t device_call::stream() const noexcept { return kept_->stream; }

void device_call::upload(void *to, const void *from, std::size_t bytes) {
  for (std::size_t done = 0; done < bytes;) {
    const std::size_t part = std::min(staging_bytes, bytes - done);
    const int half = kept_->take_half();
    std::memcpy(kept_->staging[half], static_cast<const std::uint8_t *>(from) + done, part);
    check(cudaMemcpyAsync(static_cast<std::uint8_t *>(to) + done, kept_->staging[half], part, cudaMemcpyHostToDevice,
                          stream()),
          "copying to the device");
    check(cudaEventRecord(kept_->copied[half], stream()), "recording a CUDA event");
    done += part;
  }
}

void device_call::download(void *to, const void *from, std::size_t bytes) {
  struct part {
    std::size_t begin = 0;
    std::size_t bytes = 0;
    int half = 0;
  };
  const auto take = [&](const part &arrived) {
    check(cudaEventSynchronize(kept_->copied[arrived.half]), "copying from the device");
    std::memcpy(static_cast<std::uint8_t *>(to) + arrived.begin, kept_->staging[arrived.half], arrived.bytes);
  };
  part before;
  for (std::size_t done = 0; done < bytes;) {
    const part next{done, std::min(staging_bytes, bytes - done), kept_->take_half()};
    check(cudaMemcpyAsync(kept_->staging[next.half], static_cast<const std::uint8_t *>(from) + done, next.bytes,
                          cudaMemcpyDeviceToHost, stream()),
          "copying from the device");
    check(cudaEventRecord(kept_->copied[next.half], stream()), "recording a CUDA event");
    if (before.bytes != 0) {
      take(before);
    }
    before = next;
    done += next.bytes;
  }
  if (before.bytes != 0) {
    take(before);
  }
}

void device_call::clear(void *memory, std::size_t bytes) {
  if (bytes != 0) {
    check(cudaMemsetAsync(memory, 0, bytes, stream()), "clearing memory of the device");
  }
}

void wait_for_stream(const device &on, cudaStream_t stream, cudaStream_t other) {
  const device_scope scope(on.number());
  cudaEvent_t reached = nullptr;
  check(cudaEventCreateWithFlags(&reached, cudaEventDisableTiming), "creating a CUDA event");
  cudaError_t code = cudaEventRecord(reached, other);
  if (code == cudaSuccess) {
    code = cudaStreamWaitEvent(stream, reached, 0);
  }
  cudaEventDestroy(reached);  // which CUDA puts off until it has been waited for
  check(code, "ordering a stream behind another");
}

void device_call::wait() { check(cudaStreamSynchronize(stream()), "waiting for the device"); }

}  // namespace libmatch::cuda
