#include "arguments.h"

#include <cstring>

namespace libmatch_python {

namespace {

std::string type_name(const py::handle &object) { return Py_TYPE(object.ptr())->tp_name; }

std::string place(const char *name, std::size_t i) { return std::string(name) + '[' + std::to_string(i) + ']'; }

bool is_text(const py::handle &object) {
  return PyUnicode_Check(object.ptr()) != 0 || PyBytes_Check(object.ptr()) != 0;
}

// `single`: one value where many are asked for, which would be taken apart into characters or bytes.
py::iterator iterate(const py::object &object, bool single, const char *name, const char *expected) {
  if (single) {
    throw py::type_error(std::string(name) + " is a single " + type_name(object) + ": expected " + expected);
  }
  PyObject *iterator = PyObject_GetIter(object.ptr());
  if (iterator == nullptr) {
    PyErr_Clear();
    throw py::type_error(std::string(name) + " is " + type_name(object) + ": expected " + expected);
  }
  return py::reinterpret_steal<py::iterator>(iterator);
}

void check_size(const char *name, std::size_t size, std::size_t n) {
  if (size != n) {
    throw py::value_error(std::string(name) + " has " + std::to_string(size) + " values for " + std::to_string(n) +
                          " codes");
  }
}

}  // namespace

std::uint64_t count_argument(const py::object &object, const char *name, std::uint64_t largest) {
  const auto index = py::reinterpret_steal<py::object>(PyNumber_Index(object.ptr()));
  if (!index) {
    PyErr_Clear();
    throw py::type_error(std::string(name) + " is " + type_name(object) + ": expected a whole number");
  }
  const std::uint64_t value = PyLong_AsUnsignedLongLong(index.ptr());
  const bool overflow = PyErr_Occurred() != nullptr;
  PyErr_Clear();
  if (overflow || value > largest) {
    throw py::value_error(std::string(name) + " is " + std::string(py::str(index)) + ": expected 0 to " +
                          std::to_string(largest));
  }
  return value;
}

std::uint32_t count32_argument(const py::object &object, const char *name) {
  return static_cast<std::uint32_t>(count_argument(object, name, UINT32_MAX));
}

lm_hash hash_argument(const std::string &name) {
  lm_hash hash = LM_HASH_CODE;
  check(lm_hash_from_name(name.c_str(), &hash));
  return hash;
}

lm_hash digest_argument(const std::string &name) {
  const lm_hash hash = hash_argument(name);
  if (hash != LM_HASH_MD5 && hash != LM_HASH_SHA1 && hash != LM_HASH_SHA256) {
    throw py::value_error("hash is '" + name + "': expected 'md5', 'sha1' or 'sha256'");
  }
  return hash;
}

optional_labels::optional_labels(const py::object &object, std::size_t n, const char *argument)
    : given_(!object.is_none()) {
  if (!given_) {
    return;
  }
  for (const py::handle label : iterate(object, is_text(object), argument, "an iterable of str")) {
    if (label.is_none()) {
      texts_.push_back("");
      continue;
    }
    const std::string name = place(argument, texts_.size());
    if (PyUnicode_Check(label.ptr()) == 0) {
      throw py::type_error(name + " is " + type_name(label) + ": expected str");
    }
    Py_ssize_t size = 0;
    const char *utf8 = PyUnicode_AsUTF8AndSize(label.ptr(), &size);
    if (utf8 == nullptr) {
      throw py::error_already_set();
    }
    if (std::strlen(utf8) != static_cast<std::size_t>(size)) {
      throw py::value_error(name + " holds a zero character");
    }
    owners_.push_back(py::reinterpret_borrow<py::object>(label));
    texts_.push_back(utf8);
  }
  check_size(argument, texts_.size(), n);
}

optional_ids::optional_ids(const py::object &object, std::size_t n, const char *argument)
    : given_(!object.is_none()) {
  if (given_) {
    ids_ = ids_argument(object, argument);
    check_size(argument, static_cast<std::size_t>(ids_.size()), n);
  }
}

py::object one_or_many_paths(const py::object &object) {
  // A text is an iterable of letters, but never meant as one.
  return is_text(object) || py::hasattr(object, "__fspath__") ? py::object(py::make_tuple(object)) : object;
}

const char *text_argument(const std::string &text, const char *name) {
  if (text.find('\0') != std::string::npos) {
    throw py::value_error(std::string(name) + " holds a zero character");
  }
  return text.c_str();
}

path_argument::path_argument(const py::handle &object, const std::string &name) {
  if (!is_text(object) && !py::hasattr(object, "__fspath__")) {
    throw py::type_error(name + " is " + type_name(object) + ": expected str, bytes or os.PathLike");
  }
  PyObject *bytes = nullptr;
  if (PyUnicode_FSConverter(object.ptr(), static_cast<void *>(&bytes)) == 0) {
    throw py::error_already_set();
  }
  bytes_ = py::reinterpret_steal<py::object>(bytes);
  text_ = PyBytes_AS_STRING(bytes);
}

paths_argument::paths_argument(const py::object &object) {
  const bool single = is_text(object) || py::hasattr(object, "__fspath__");
  for (const py::handle path : iterate(object, single, "paths", "an iterable of paths")) {
    paths_.emplace_back(path, place("paths", paths_.size()));
    texts_.push_back(paths_.back().c_str());
  }
}

buffers_argument::buffers_argument(const py::object &object) {
  const bool single = is_text(object) || PyObject_CheckBuffer(object.ptr()) != 0;
  try {
    for (const py::handle buffer : iterate(object, single, "buffers", "an iterable of bytes-like objects")) {
      Py_buffer view;
      if (PyObject_GetBuffer(buffer.ptr(), &view, PyBUF_SIMPLE) != 0) {
        PyErr_Clear();
        throw py::type_error(place("buffers", views_.size()) + " is " + type_name(buffer) +
                             ": expected contiguous bytes");
      }
      views_.push_back(view);
      buffers_.push_back({view.buf, static_cast<std::size_t>(view.len)});
    }
  } catch (...) {
    for (Py_buffer &view : views_) {
      PyBuffer_Release(&view);
    }
    throw;
  }
}

buffers_argument::~buffers_argument() {
  for (Py_buffer &view : views_) {
    PyBuffer_Release(&view);
  }
}

}  // namespace libmatch_python
