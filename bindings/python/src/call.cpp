#include "call.h"

#include <cstring>

namespace libmatch_python {

namespace {

PyObject *exception_of(lm_status status) {
  switch (status) {
    case LM_ERROR_INVALID_ARGUMENT:
    case LM_ERROR_FORMAT:
    case LM_ERROR_LIMIT:
      return PyExc_ValueError;
    case LM_ERROR_OUT_OF_MEMORY:
      return PyExc_MemoryError;
    case LM_ERROR_UNSUPPORTED:
      return PyExc_NotImplementedError;
    case LM_ERROR_IO:
      return PyExc_OSError;
    default:
      return PyExc_RuntimeError;
  }
}

}  // namespace

py::str text(const char *utf8) {
  if (utf8 == nullptr) {
    return {};
  }
  PyObject *decoded = PyUnicode_DecodeUTF8(utf8, static_cast<Py_ssize_t>(std::strlen(utf8)), "backslashreplace");
  if (decoded == nullptr) {
    throw py::error_already_set();
  }
  return py::reinterpret_steal<py::str>(decoded);
}

void raise(lm_status status) {
  const py::str message = text(lm_last_error());
  PyErr_SetObject(exception_of(status), message.ptr());
  throw py::error_already_set();
}

progress_scope::progress_scope(py::object callback)
    : callback_(std::move(callback)), progress_{&progress_scope::report, this} {
  if (!callback_.is_none() && PyCallable_Check(callback_.ptr()) == 0) {
    throw py::type_error("progress must be a callable of (done, total), or None");
  }
}

void progress_scope::finish(lm_status status) const {
  if (raised_) {
    std::rethrow_exception(raised_);
  }
  check(status);
}

// The library calls this often, and the GIL is dear: without a callable only the calling thread takes it, now and
// then, because handlers of signals run nowhere else.
bool progress_scope::wants_report() noexcept {
  if (!callback_.is_none()) {
    return true;
  }
  if (std::this_thread::get_id() != caller_) {
    return false;
  }
  const auto now = std::chrono::steady_clock::now();
  if (now - signals_checked_ < std::chrono::milliseconds(50)) {
    return false;
  }
  signals_checked_ = now;
  return true;
}

std::int32_t progress_scope::report(void *user_data, std::uint64_t done, std::uint64_t total) noexcept {
  auto &scope = *static_cast<progress_scope *>(user_data);
  if (!scope.wants_report()) {
    return 0;
  }
  const py::gil_scoped_acquire acquired;
  try {
    if (PyErr_CheckSignals() != 0) {
      throw py::error_already_set();
    }
    if (!scope.callback_.is_none()) {
      scope.callback_(done, total);
    }
    return 0;
  } catch (...) {
    scope.raised_ = std::current_exception();
    return 1;
  }
}

}  // namespace libmatch_python
