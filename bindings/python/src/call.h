// How the module calls the library: without the GIL, errors as Python's exceptions, progress as a Python callable.
#pragma once

#include <libmatch/libmatch.h>
#include <libmatch/live.h>
#include <pybind11/pybind11.h>

#include <chrono>
#include <exception>
#include <thread>
#include <utility>

namespace libmatch_python {

namespace py = pybind11;

// Text of the library as a str; bytes that are not UTF-8 (of paths, of damaged labels) are shown as \xNN.
py::str text(const char *utf8);

// Raises the exception of Python that stands for a failed call of this thread.
[[noreturn]] void raise(lm_status status);

inline void check(lm_status status) {
  if (status != LM_OK) {
    raise(status);
  }
}

// Works without the GIL. `work` returns a status and touches no Python object.
template <typename Work>
void call(Work &&work) {
  lm_status status = LM_OK;
  {
    const py::gil_scoped_release released;
    status = std::forward<Work>(work)();
  }
  check(status);
}

// The caller's progress callable during one call. Even without one it lets Ctrl-C end the call, as far as the
// library reports progress on the main thread.
class progress_scope {
 public:
  explicit progress_scope(py::object callback);
  progress_scope(const progress_scope &) = delete;
  progress_scope &operator=(const progress_scope &) = delete;
  const lm_progress *get() const noexcept { return &progress_; }
  // An exception raised by the callable, or by a signal's handler, wins over what the call returned.
  void finish(lm_status status) const;

 private:
  static std::int32_t report(void *user_data, std::uint64_t done, std::uint64_t total) noexcept;
  bool wants_report() noexcept;

  py::object callback_;
  lm_progress progress_;
  std::exception_ptr raised_;
  std::thread::id caller_ = std::this_thread::get_id();
  std::chrono::steady_clock::time_point signals_checked_ = std::chrono::steady_clock::now();
};

// As `call`, for work that reports progress: `work` takes the const lm_progress *.
template <typename Work>
void call_with_progress(py::object callback, Work &&work) {
  progress_scope progress(std::move(callback));
  lm_status status = LM_OK;
  {
    const py::gil_scoped_release released;
    status = std::forward<Work>(work)(progress.get());
  }
  progress.finish(status);
}

}  // namespace libmatch_python
