// What the library answers, as objects of Python. Arrays are views of the library's own memory, which lives as long
// as any of them. They are read-only, as is every array that the module returns.
#pragma once

#include <pybind11/numpy.h>
#include <libmatch/libmatch.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

#include "call.h"

namespace libmatch_python {

using hashes_handle = std::unique_ptr<lm_hashes, libmatch::deleter<lm_hashes_free>>;
using decoded_handle = std::unique_ptr<lm_decoded, libmatch::deleter<lm_decoded_free>>;
using list_handle = std::unique_ptr<lm_list, libmatch::deleter<lm_list_free>>;
using index_handle = std::unique_ptr<lm_index, libmatch::deleter<lm_index_free>>;
using keypoints_handle = std::unique_ptr<lm_keypoints, libmatch::deleter<lm_keypoints_free>>;
using matches_handle = std::unique_ptr<lm_matches, libmatch::deleter<lm_matches_free>>;
using pairs_handle = std::unique_ptr<lm_pairs, libmatch::deleter<lm_pairs_free>>;
using verdicts_handle = std::unique_ptr<lm_verdicts, libmatch::deleter<lm_verdicts_free>>;

// Hands the ownership of a handle to Python.
template <typename Handle, auto Free>
py::capsule owned_by_python(std::unique_ptr<Handle, libmatch::deleter<Free>> handle) {
  py::capsule capsule(handle.get(), [](void *pointer) { Free(static_cast<Handle *>(pointer)); });
  handle.release();
  return capsule;
}

template <typename Array>
Array read_only(Array array) {
  // What setflags(write=False) does, which takes longer than a small search.
  py::detail::array_proxy(array.ptr())->flags &= ~py::detail::npy_api::NPY_ARRAY_WRITEABLE_;
  return array;
}

// A view of `data`, which lives as long as `owner`.
template <typename T>
py::array view(const T *data, std::vector<py::ssize_t> shape, const py::handle &owner) {
  return read_only(py::array(py::dtype::of<T>(), std::move(shape), {}, data, owner));
}

// A field of a C struct, with its dtype ("u4", or a tuple of one and a shape).
struct struct_field {
  const char *name;
  py::object type;
  std::size_t offset;
};
// The dtype of a C struct of so many bytes.
py::dtype struct_type(std::initializer_list<struct_field> fields, std::size_t size_bytes);

inline py::ssize_t signed_size(std::size_t size) { return static_cast<py::ssize_t>(size); }

// n names, each text made once: name(values[i]) is a static text.
template <typename Value>
py::list names(const Value *values, std::size_t n, const char *(*name)(Value)) {
  py::list list(n);
  for (std::size_t i = 0; i < n; ++i) {
    list[i] = py::reinterpret_steal<py::object>(PyUnicode_InternFromString(name(values[i])));
  }
  return list;
}

py::list texts(const char *const *utf8, std::size_t n);

// libmatch.ListEntry.
py::object list_entry_result(const lm_list_entry &entry);
// libmatch.Hashes, libmatch.Matches, libmatch.Neighbours, libmatch.Pairs, libmatch.Plan and libmatch.Verdicts.
py::object hashes_result(hashes_handle handle);
py::object matches_result(matches_handle handle);
py::object neighbours_result(matches_handle handle, std::size_t k);
py::object pairs_result(pairs_handle handle);
py::object plan_result(const lm_plan_data &plan);
py::object verdicts_result(verdicts_handle handle);

}  // namespace libmatch_python
