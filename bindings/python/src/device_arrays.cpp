#include "device_arrays.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include <libmatch/cuda.h>
#include <pybind11/stl.h>

#include "arguments.h"
#include "dlpack.h"

namespace libmatch_python {

namespace {

// CUDA's handles of the default stream and of the thread's own; the library's word for the first is null.
constexpr std::uintptr_t legacy_stream = 1;

std::string type_name(const py::handle &object) { return Py_TYPE(object.ptr())->tp_name; }

void *stream_of(std::uintptr_t handle) {
  return handle == legacy_stream ? nullptr : reinterpret_cast<void *>(handle);  // NOLINT(performance-no-int-to-ptr)
}

std::string shape_text(const std::vector<std::uint64_t> &shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i == 0 ? "" : ", ") + (shape[i] == array_pattern::any ? "n" : std::to_string(shape[i]));
  }
  return text + (shape.size() == 1 ? ",)" : ")");
}

std::string describe(const handed_array &array) { return array.type + " of shape " + shape_text(array.shape); }

std::string describe(const array_pattern &pattern) {
  std::string text;
  for (const std::string &type : pattern.types) {
    text += (text.empty() ? "" : " or ") + type;
  }
  return text + " of shape " + shape_text(pattern.shape);
}

bool fits(const handed_array &array, const array_pattern &pattern) {
  return std::find(pattern.types.begin(), pattern.types.end(), array.type) != pattern.types.end() &&
         std::equal(
             array.shape.begin(), array.shape.end(), pattern.shape.begin(), pattern.shape.end(),
             [](std::uint64_t size, std::uint64_t wanted) { return wanted == array_pattern::any || size == wanted; });
}

std::string numpy_type(char kind, std::uint64_t bits) {
  const std::string_view name = kind == 'u' ? "uint" : kind == 'i' ? "int" : kind == 'f' ? "float" : "";
  return name.empty() ? std::string("elements of kind '") + kind + '\'' : std::string(name) + std::to_string(bits);
}

// The shape and the distances between elements, in units of `unit` elements or bytes, as a library states them.
void set_shape(handed_array &array, const std::string &name, const std::vector<std::int64_t> &shape,
               const std::vector<std::int64_t> &strides, std::uint64_t unit) {
  std::uint64_t expected = unit;
  bool contiguous = strides.empty() || strides.size() == shape.size();
  bool empty = false;
  for (const std::int64_t size : shape) {
    if (size < 0) {
      throw py::value_error(name + " has a negative size in its shape");
    }
    array.shape.push_back(static_cast<std::uint64_t>(size));
    empty = empty || size == 0;
  }
  for (std::size_t i = shape.size(); i-- > 0 && !empty;) {
    contiguous = contiguous && (strides.empty() || shape[i] == 1 ||
                                (strides[i] > 0 && static_cast<std::uint64_t>(strides[i]) == expected));
    if (__builtin_mul_overflow(expected, array.shape[i], &expected) || expected > std::uint64_t{INT64_MAX}) {
      throw py::value_error(name + " has a shape that no memory has: " + shape_text(array.shape));
    }
  }
  if (!contiguous && !empty) {
    throw py::value_error(name +
                          " has gaps or another order than C's between its elements: expected a contiguous array");
  }
}

std::vector<std::int64_t> whole_numbers(const py::handle &object, const std::string &name) {
  try {
    return object.cast<std::vector<std::int64_t>>();
  } catch (const py::cast_error &) {
    throw py::type_error(name + " is " + type_name(object) + ": expected a tuple of whole numbers");
  }
}

// ---- DLPack

void read_tensor(handed_array &array, const std::string &name, const dlpack::tensor &tensor) {
  const dlpack::data_type type = tensor.dtype;
  const char kind = type.code == dlpack::code_unsigned ? 'u' : type.code == dlpack::code_signed ? 'i' : 'f';
  array.type = type.code <= 2 && type.lanes == 1
                   ? numpy_type(kind, type.bits)
                   : "DLPack's type " + std::to_string(type.code) + " of " + std::to_string(type.bits) + " bits x " +
                         std::to_string(type.lanes);
  if (tensor.ndim < 0 || (tensor.ndim > 0 && tensor.shape == nullptr)) {
    throw py::value_error(name + " has no shape in its DLPack capsule");
  }
  const auto dimensions = static_cast<std::size_t>(tensor.ndim);
  std::vector<std::int64_t> strides;
  if (tensor.strides != nullptr) {
    strides.assign(tensor.strides, tensor.strides + dimensions);
  }
  set_shape(array, name, {tensor.shape, tensor.shape + dimensions}, strides, 1);
  array.data = static_cast<std::uint8_t *>(tensor.data);
  if (array.data != nullptr) {
    array.data += tensor.byte_offset;
  }
}

void require_cuda(std::int64_t type, const std::string &name) {
  if (type != dlpack::device_cuda && type != dlpack::device_cuda_managed) {
    throw py::value_error(name + " is on a device of DLPack's type " + std::to_string(type) +
                          (type == dlpack::device_cpu ? ", the processor" : "") + ": expected a CUDA device");
  }
}

// Asks for version 1, of which a library may know nothing.
py::object ask_for_capsule(const py::object &object, void *stream) {
  const auto handle = reinterpret_cast<std::uintptr_t>(stream);
  const py::int_ number(handle == 0 ? legacy_stream : handle);
  const py::object method = object.attr("__dlpack__");
  try {
    return method(py::arg("stream") = number, py::arg("max_version") = py::make_tuple(1, 0));
  } catch (py::error_already_set &failure) {
    if (!failure.matches(PyExc_TypeError)) {
      throw;
    }
  }
  return method(py::arg("stream") = number);
}

// The capsule stays what it is, and frees what it holds: nothing is taken over.
py::object read_dlpack(handed_array &array, const py::object &object, const std::string &name, void *stream,
                       std::optional<std::int32_t> wanted) {
  const std::vector<std::int64_t> device =
      whole_numbers(object.attr("__dlpack_device__")(), name + ".__dlpack_device__()");
  if (device.size() != 2) {
    throw py::type_error(name + ".__dlpack_device__() has " + std::to_string(device.size()) + " numbers: expected 2");
  }
  require_cuda(device[0], name);
  if (wanted && device[1] != *wanted) {
    throw py::value_error(name + " is on CUDA device " + std::to_string(device[1]) + ": the context runs on " +
                          std::to_string(*wanted));
  }
  py::object capsule = ask_for_capsule(object, stream);
  const dlpack::tensor *tensor = nullptr;
  if (PyCapsule_IsValid(capsule.ptr(), dlpack::versioned_name) != 0) {
    const auto *managed =
        static_cast<dlpack::versioned_tensor *>(PyCapsule_GetPointer(capsule.ptr(), dlpack::versioned_name));
    if (managed->version.major != 1) {
      throw py::value_error(name + " comes by version " + std::to_string(managed->version.major) +
                            " of DLPack: expected 1");
    }
    array.is_read_only = (managed->flags & dlpack::flag_read_only) != 0;
    tensor = &managed->tensor;
  } else if (PyCapsule_IsValid(capsule.ptr(), dlpack::unversioned_name) != 0) {
    tensor =
        &static_cast<dlpack::managed_tensor *>(PyCapsule_GetPointer(capsule.ptr(), dlpack::unversioned_name))->tensor;
  } else {
    throw py::type_error(name + ".__dlpack__() is " + type_name(capsule) + ": expected a capsule of DLPack");
  }
  if (tensor->device.type != device[0] || tensor->device.id != device[1]) {
    throw py::value_error(name + " is on another device in its DLPack capsule than its __dlpack_device__ says");
  }
  read_tensor(array, name, *tensor);
  return capsule;
}

// ---- __cuda_array_interface__

py::object entry(const py::dict &interface, const char *key, const std::string &name) {
  if (!interface.contains(key)) {
    throw py::value_error(name + ".__cuda_array_interface__ has no \"" + key + '"');
  }
  return interface[key];
}

// "|u1", "<i8": of this machine's byte order.
std::string type_of(const std::string &typestr, const std::string &name) {
  std::uint32_t bytes = 0;
  const char *const end = typestr.data() + typestr.size();
  const bool stated = typestr.size() >= 3 && std::string_view("<>|").find(typestr[0]) != std::string_view::npos;
  if (!stated || std::from_chars(typestr.data() + 2, end, bytes).ptr != end) {
    throw py::value_error(name + ".__cuda_array_interface__ has a typestr that says no type: \"" + typestr + '"');
  }
  if (typestr[0] == '>' && bytes > 1) {
    throw py::value_error(name + " is of another byte order: \"" + typestr + '"');
  }
  return numpy_type(typestr[1], std::uint64_t{bytes} * 8);
}

std::uint64_t item_bytes(const std::string &typestr) {
  std::uint64_t bytes = 0;
  std::from_chars(typestr.data() + 2, typestr.data() + typestr.size(), bytes);
  return bytes;
}

void read_stream(handed_array &array, const py::dict &interface, const std::string &name) {
  const py::object stream = interface.contains("stream") ? interface["stream"] : py::object(py::none());
  if (stream.is_none()) {
    return;
  }
  const std::uint64_t handle = count_argument(stream, (name + "'s stream").c_str(), UINT64_MAX);
  if (handle == 0) {
    throw py::value_error(name + ".__cuda_array_interface__ has the stream 0, which may be either default stream");
  }
  array.written = handle;
}

void read_interface(handed_array &array, const py::object &object, const std::string &name) {
  const py::object stated = object.attr("__cuda_array_interface__");
  if (!py::isinstance<py::dict>(stated)) {
    throw py::type_error(name + ".__cuda_array_interface__ is " + type_name(stated) + ": expected a dict");
  }
  const auto interface = stated.cast<py::dict>();
  const std::uint64_t version =
      count_argument(entry(interface, "version", name), (name + "'s version").c_str(), UINT64_MAX);
  // Version 2 is 3 without a stream; earlier ones mean something else by strides.
  if (version < 2 || version > 3) {
    throw py::value_error(name + " has version " + std::to_string(version) +
                          " of __cuda_array_interface__: expected 2 or 3");
  }
  if (interface.contains("mask") && !interface["mask"].is_none()) {
    throw py::value_error(name + " has a mask: expected an array of which every element counts");
  }
  const std::string typestr = py::str(entry(interface, "typestr", name));
  array.type = type_of(typestr, name);
  const py::object data = entry(interface, "data", name);
  if (!py::isinstance<py::tuple>(data) || py::len(data) != 2) {
    throw py::type_error(name + ".__cuda_array_interface__ has data that is no pair: expected (pointer, read-only)");
  }
  const auto pair = data.cast<py::tuple>();
  const std::uint64_t address = count_argument(pair[0], (name + "'s pointer").c_str(), UINT64_MAX);
  array.data = reinterpret_cast<std::uint8_t *>(address);  // NOLINT(performance-no-int-to-ptr)
  array.is_read_only = PyObject_IsTrue(pair[1].ptr()) != 0;
  std::vector<std::int64_t> strides;
  const bool states_strides = interface.contains("strides") && !interface["strides"].is_none();
  if (states_strides) {
    strides = whole_numbers(interface["strides"], name + "'s strides");
  }
  const std::vector<std::int64_t> shape = whole_numbers(entry(interface, "shape", name), name + "'s shape");
  if (states_strides && strides.size() != shape.size()) {
    throw py::value_error(name + " has " + std::to_string(strides.size()) + " strides for " +
                          std::to_string(shape.size()) + " dimensions");
  }
  set_shape(array, name, shape, strides, item_bytes(typestr));
  read_stream(array, interface, name);
}

bool has(const py::object &object, const char *attribute) {
  return PyObject_HasAttrString(object.ptr(), attribute) != 0;
}

// Of "cuda:N"; "cuda" of one device is the first.
std::optional<std::int32_t> device_of(const lm_context &context) {
  const std::string_view name = lm_context_backend(&context);
  std::int32_t number = 0;
  if (name == "cuda" || (name.substr(0, 5) == "cuda:" &&
                         std::from_chars(name.data() + 5, name.data() + name.size(), number).ec == std::errc{})) {
    return number;
  }
  return std::nullopt;
}

}  // namespace

void *stream_argument(const py::object &object) {
  if (!has(object, "__cuda_stream__")) {
    return stream_of(count_argument(object, "stream", UINT64_MAX));
  }
  const py::object stated = object.attr("__cuda_stream__")();
  if (!py::isinstance<py::tuple>(stated) || py::len(stated) != 2) {
    throw py::type_error("stream.__cuda_stream__() is no pair: expected (version, handle)");
  }
  const auto pair = stated.cast<py::tuple>();
  if (count_argument(pair[0], "stream's version", UINT64_MAX) != 0) {
    throw py::value_error("stream has version " + std::string(py::str(pair[0])) + " of __cuda_stream__: expected 0");
  }
  return stream_of(count_argument(pair[1], "stream's handle", UINT64_MAX));
}

device_arrays::device_arrays(std::shared_ptr<lm_context> context, void *stream)
    : context_(std::move(context)), stream_(stream), device_(device_of(*context_)) {}

handed_array device_arrays::take(const py::object &object, const std::string &name) {
  handed_array array;
  if (has(object, "__dlpack__") && has(object, "__dlpack_device__")) {
    owners_.push_back(read_dlpack(array, object, name, stream_, device_));
  } else if (has(object, "__cuda_array_interface__")) {
    read_interface(array, object, name);
    owners_.push_back(object);
  } else {
    throw py::type_error(name + " is " + type_name(object) +
                         ": expected an array with __dlpack__ or __cuda_array_interface__");
  }
  const bool empty = std::find(array.shape.begin(), array.shape.end(), 0U) != array.shape.end();
  if (array.data == nullptr && !empty) {
    throw py::value_error(name + " has no memory: its pointer is 0");
  }
  if (array.written && stream_of(*array.written) != stream_) {
    written_by_.push_back(stream_of(*array.written));
  }
  return array;
}

handed_array device_arrays::input(const py::object &object, const std::string &name, const array_pattern &pattern) {
  handed_array array = take(object, name);
  if (!fits(array, pattern)) {
    throw py::value_error(name + " is " + describe(array) + ": expected " + describe(pattern));
  }
  return array;
}

handed_array device_arrays::output(const py::object &object, const std::string &name, const array_pattern &pattern) {
  handed_array array = input(object, name, pattern);
  if (array.is_read_only) {
    throw py::value_error(name + " is read-only: results are written there");
  }
  return array;
}

handed_array device_arrays::images(const py::object &object, const std::string &name) {
  handed_array array = take(object, name);
  const std::vector<std::uint64_t> &shape = array.shape;
  const bool shaped = shape.size() == 3 || (shape.size() == 4 && (shape[3] == 3 || shape[3] == 4));
  if (array.type != "uint8" || !shaped || shape[1] == 0 || shape[2] == 0) {
    throw py::value_error(name + " is " + describe(array) +
                          ": expected uint8 of shape (n, H, W), (n, H, W, 3) or (n, H, W, 4)");
  }
  if (std::max({shape[0], shape[1], shape[2]}) > UINT32_MAX) {
    throw py::value_error(name + " has over 2^32 - 1 images, rows or columns");
  }
  return array;
}

void device_arrays::order() const {
  for (void *const other : written_by_) {
    check(lm_cuda_wait_for_stream(context_.get(), stream_, other));
  }
}

}  // namespace libmatch_python
