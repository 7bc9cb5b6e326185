// The binary interface of DLPack (https://dmlc.github.io/dlpack/latest/c_api.html), as far as arrays are taken by it:
// versions before 1.0, in a capsule named "dltensor", and 1.x, in one named "dltensor_versioned". Laid out as there;
// the names are ours. Nothing here depends on another library's header, whose versions differ.
#pragma once

#include <cstdint>

namespace libmatch_python::dlpack {

inline constexpr const char *unversioned_name = "dltensor";
inline constexpr const char *versioned_name = "dltensor_versioned";

// DLDeviceType.
inline constexpr std::int32_t device_cpu = 1;
inline constexpr std::int32_t device_cuda = 2;
inline constexpr std::int32_t device_cuda_managed = 13;

// DLDataTypeCode.
inline constexpr std::uint8_t code_signed = 0;
inline constexpr std::uint8_t code_unsigned = 1;

// DLPACK_FLAG_BITMASK_READ_ONLY.
inline constexpr std::uint64_t flag_read_only = 1;

struct device {
  std::int32_t type;
  std::int32_t id;
};

struct data_type {
  std::uint8_t code;
  std::uint8_t bits;
  std::uint16_t lanes;
};

struct tensor {
  void *data;
  dlpack::device device;
  std::int32_t ndim;
  data_type dtype;
  std::int64_t *shape;
  std::int64_t *strides;  // in elements; null: contiguous in the order of C
  std::uint64_t byte_offset;
};

// DLManagedTensor. What frees it is called by the destructor of its capsule, unless the capsule was renamed.
struct managed_tensor {
  dlpack::tensor tensor;
  void *manager_context;
  void (*deleter)(managed_tensor *self);
};

struct version {
  std::uint32_t major;
  std::uint32_t minor;
};

// DLManagedTensorVersioned. Of another major version nothing but `version` may be read.
struct versioned_tensor {
  dlpack::version version;
  void *manager_context;
  void (*deleter)(versioned_tensor *self);
  std::uint64_t flags;
  dlpack::tensor tensor;
};

}  // namespace libmatch_python::dlpack
