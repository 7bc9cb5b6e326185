// The arguments that are numpy arrays.
#include <algorithm>

#include "arguments.h"

namespace libmatch_python {

namespace {

std::string describe(const py::array &array) {
  return std::string(py::str(array.dtype())) + " of shape " + std::string(py::str(array.attr("shape")));
}

bool is_uint8(const py::array &array) { return array.dtype().kind() == 'u' && array.itemsize() == 1; }

py::array as_array(const py::object &object, const std::string &name) {
  if (!py::isinstance<py::array>(object)) {
    throw py::type_error(name + " is " + Py_TYPE(object.ptr())->tp_name + ": expected a numpy array");
  }
  return py::reinterpret_borrow<py::array>(object);
}

// Whether rows of packed pixels follow each other at a distance that lm_image can state.
bool has_packed_rows(const py::array &array, py::ssize_t channels) {
  const py::ssize_t width = array.shape(1);
  const bool pixels_packed = array.strides(1) == channels || width == 1;
  const bool channels_packed = array.ndim() == 2 || array.strides(2) == 1;
  return pixels_packed && channels_packed && array.strides(0) >= width * channels;
}

}  // namespace

contiguous_array<std::uint8_t> codes_argument(const py::object &object, const char *name, std::size_t code_bytes) {
  const py::array array = as_array(object, name);
  if (!is_uint8(array) || array.ndim() != 2 || static_cast<std::size_t>(array.shape(1)) != code_bytes) {
    throw py::value_error(std::string(name) + " is " + describe(array) + ": expected uint8 of shape (n, " +
                          std::to_string(code_bytes) + ")");
  }
  return contiguous_array<std::uint8_t>(array);
}

contiguous_array<std::uint8_t> codes_of_any_width(const py::object &object, const char *name, lm_hash hash) {
  const py::array array = as_array(object, name);
  const bool is_vector = hash == LM_HASH_VECTOR8;
  const auto fits = [&](py::ssize_t size) {
    return is_vector ? size >= 16 && size <= 1024 : size != 0 && size % 8 == 0 && size <= 256;
  };
  if (!is_uint8(array) || array.ndim() != 2 || !fits(array.shape(1))) {
    throw py::value_error(std::string(name) + " is " + describe(array) +
                          ": expected uint8 of shape (n, size), size " +
                          (is_vector ? "from 16 to 1024" : "a multiple of 8 up to 256"));
  }
  return contiguous_array<std::uint8_t>(array);
}

contiguous_array<std::int64_t> ids_argument(const py::object &object, const char *argument) {
  const py::array array(object);
  const char kind = array.dtype().kind();
  // An empty list becomes an array of float64, and means no ids all the same.
  if (array.ndim() != 1 || (kind != 'i' && kind != 'u' && array.size() != 0)) {
    throw py::value_error(std::string(argument) + " is " + describe(array) + ": expected int64 of shape (n,)");
  }
  contiguous_array<std::int64_t> ids(array);
  if (kind == 'u' && std::any_of(ids.data(), ids.data() + ids.size(), [](std::int64_t id) { return id < 0; })) {
    throw py::value_error(std::string(argument) + " holds a value over 2^63 - 1");
  }
  return ids;
}

images_argument::images_argument(const py::object &object) {
  // One image taken for many would be hashed row by row.
  if (py::isinstance<py::array>(object) && py::reinterpret_borrow<py::array>(object).ndim() < 4) {
    throw py::type_error("images is a single array, " + describe(py::reinterpret_borrow<py::array>(object)) +
                         ": expected an iterable of images");
  }
  if (PyObject_HasAttrString(object.ptr(), "__iter__") == 0) {
    throw py::type_error(std::string("images is ") + Py_TYPE(object.ptr())->tp_name +
                         ": expected an iterable of images");
  }
  for (const py::handle image : py::iter(object)) {
    add(image, "images[" + std::to_string(images_.size()) + ']');
  }
}

void images_argument::add(const py::handle &object, const std::string &name) {
  py::array array = as_array(py::reinterpret_borrow<py::object>(object), name);
  const py::ssize_t channels = array.ndim() == 3 ? array.shape(2) : 1;
  const bool shaped = array.ndim() == 2 || (array.ndim() == 3 && (channels == 3 || channels == 4));
  if (!is_uint8(array) || !shaped || array.size() == 0) {
    throw py::value_error(name + " is " + describe(array) +
                          ": expected uint8 of shape (H, W), (H, W, 3) or (H, W, 4)");
  }
  if (std::max(array.shape(0), array.shape(1)) > py::ssize_t{UINT32_MAX}) {
    throw py::value_error(name + " has over 2^32 - 1 rows or columns");
  }
  if (!has_packed_rows(array, channels)) {
    array = contiguous_array<std::uint8_t>(array);
  }
  lm_image image{};
  image.pixels = static_cast<const std::uint8_t *>(array.data());
  image.width = static_cast<std::uint32_t>(array.shape(1));
  image.height = static_cast<std::uint32_t>(array.shape(0));
  image.stride_bytes = static_cast<std::size_t>(array.shape(0) == 1 ? array.shape(1) * channels : array.strides(0));
  image.format = channels == 1 ? LM_PIXEL_GRAY8 : channels == 3 ? LM_PIXEL_RGB8 : LM_PIXEL_RGBA8;
  images_.push_back(image);
  owners_.push_back(std::move(array));
}

}  // namespace libmatch_python
