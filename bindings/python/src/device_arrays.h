// Arrays in memory of a CUDA device as other libraries hand them over: by DLPack, else by __cuda_array_interface__.
// Whatever does not fit is a ValueError or TypeError that names the argument and what it is.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "call.h"

namespace libmatch_python {

// A cudaStream_t as a whole number, or as an object with __cuda_stream__ says.
void *stream_argument(const py::object &object);

// An array as its library describes it; its elements lie in the order of C without gaps.
struct handed_array {
  std::uint8_t *data = nullptr;
  std::vector<std::uint64_t> shape;
  std::string type;  // as numpy names it: "uint8"
  bool is_read_only = false;
  std::optional<std::uintptr_t> written;  // the stream that has to be waited for before the array is used
};

// What an argument has to be.
struct array_pattern {
  static constexpr std::uint64_t any = UINT64_MAX;

  std::vector<std::string> types;
  std::vector<std::uint64_t> shape;  // `any` fits all
};

// The arrays of one call that uses them in a stream on the context's device. They are borrowed for as long as this
// lives. What their libraries still do with them comes first: DLPack's are asked to see to it, for the others
// order() does.
class device_arrays {
 public:
  device_arrays(std::shared_ptr<lm_context> context, void *stream);

  handed_array input(const py::object &object, const std::string &name, const array_pattern &pattern);
  handed_array output(const py::object &object, const std::string &name, const array_pattern &pattern);
  // Images: uint8 [n, H, W], [n, H, W, 3] or [n, H, W, 4].
  handed_array images(const py::object &object, const std::string &name);

  void order() const;

 private:
  handed_array take(const py::object &object, const std::string &name);

  std::shared_ptr<lm_context> context_;
  void *stream_;
  std::optional<std::int32_t> device_;
  std::vector<py::object> owners_;
  std::vector<void *> written_by_;
};

}  // namespace libmatch_python
