// Arguments of Python as the library takes them. Whatever does not fit is a ValueError or TypeError that names the
// argument and what it is.
#pragma once

#include <pybind11/numpy.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "call.h"

namespace libmatch_python {

template <typename T>
using contiguous_array = py::array_t<T, py::array::c_style | py::array::forcecast>;

// A whole number from 0 to `largest`.
std::uint64_t count_argument(const py::object &object, const char *name, std::uint64_t largest);
std::uint32_t count32_argument(const py::object &object, const char *name);

lm_hash hash_argument(const std::string &name);
// Refuses hashes that are not digests.
lm_hash digest_argument(const std::string &name);

// uint8 [n, code_bytes], C-contiguous; copied only where the layout is another.
contiguous_array<std::uint8_t> codes_argument(const py::object &object, const char *name, std::size_t code_bytes);
// The same for any width that codes of the hash may have.
contiguous_array<std::uint8_t> codes_of_any_width(const py::object &object, const char *name, lm_hash hash);

// int64 [n].
contiguous_array<std::int64_t> ids_argument(const py::object &object, const char *argument = "ids");
// int64 [n] for n codes, or None. Keeps the array alive behind `data()`.
class optional_ids {
 public:
  optional_ids(const py::object &object, std::size_t n, const char *argument = "ids");
  const std::int64_t *data() const { return given_ ? ids_.data() : nullptr; }

 private:
  bool given_;
  contiguous_array<std::int64_t> ids_;
};

// n texts (None stands for ""), or None.
class optional_labels {
 public:
  optional_labels(const py::object &object, std::size_t n, const char *argument = "labels");
  const char *const *data() const { return given_ ? texts_.data() : nullptr; }

 private:
  bool given_;
  std::vector<py::object> owners_;
  std::vector<const char *> texts_;
};

// One path: str, bytes or os.PathLike.
class path_argument {
 public:
  path_argument(const py::handle &object, const std::string &name);
  const char *c_str() const { return text_; }

 private:
  py::object bytes_;
  const char *text_;
};

// Any iterable of paths.
class paths_argument {
 public:
  explicit paths_argument(const py::object &object);
  const char *const *data() const { return texts_.data(); }
  std::size_t size() const { return texts_.size(); }

 private:
  std::vector<path_argument> paths_;
  std::vector<const char *> texts_;
};

// A path as a sequence of one; an iterable of paths as it is.
py::object one_or_many_paths(const py::object &object);

// A text that the library takes up to a zero character: ValueError where it holds one.
const char *text_argument(const std::string &text, const char *name);

// Any iterable of objects that hold bytes. They cannot be resized while this lives.
class buffers_argument {
 public:
  explicit buffers_argument(const py::object &object);
  ~buffers_argument();
  buffers_argument(const buffers_argument &) = delete;
  buffers_argument &operator=(const buffers_argument &) = delete;
  const lm_buffer *data() const { return buffers_.data(); }
  std::size_t size() const { return buffers_.size(); }

 private:
  std::vector<Py_buffer> views_;
  std::vector<lm_buffer> buffers_;
};

// Any iterable of uint8 arrays, H x W, H x W x 3 or H x W x 4.
class images_argument {
 public:
  explicit images_argument(const py::object &object);
  const lm_image *data() const { return images_.data(); }
  std::size_t size() const { return images_.size(); }

 private:
  void add(const py::handle &object, const std::string &name);

  std::vector<py::array> owners_;
  std::vector<lm_image> images_;
};

}  // namespace libmatch_python
