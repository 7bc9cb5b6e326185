// libmatch.Context and the list of backends.
#include "arguments.h"
#include "module.h"

namespace libmatch_python {

namespace {

// The context keeps the plug-in that its workers load, if there is one.
std::shared_ptr<lm_context> open_context(const char *backend, std::uint32_t threads,
                                         const std::shared_ptr<lm_hasher_handle> &plugin = nullptr) {
  lm_context *context = nullptr;
  check(lm_context_create(backend, threads, &context));
  return {context, [plugin](lm_context *last) { lm_context_free(last); }};
}

context_object make_context(const std::optional<std::string> &backend, const py::object &threads, bool isolate,
                            const py::object &hasher) {
  const std::shared_ptr<lm_hasher_handle> plugin = hasher_argument(hasher);
  if (plugin && !isolate) {
    throw py::value_error("hasher is for isolate=True: without isolation calls that hash take any hasher");
  }
  std::uint32_t count = 0;
  if (!threads.is_none()) {
    count = count32_argument(threads, "threads");
    if (count == 0) {
      throw py::value_error("threads is 0: expected 1 or more, or None for one per available processor");
    }
  }
  context_object context{open_context(backend ? backend->c_str() : nullptr, count, plugin)};
  if (isolate) {
    lm_isolation_options options = LM_ISOLATION_OPTIONS_INIT;
    options.hasher = plugin.get();
    call([&] { return lm_context_isolate(context.handle.get(), &options); });
  }
  return context;
}

py::list backends() {
  py::list names;
  for (std::size_t i = 0; lm_backend_name(i) != nullptr; ++i) {
    names.append(text(lm_backend_name(i)));
  }
  return names;
}

constexpr const char *backends_doc = R"(backends()
--

The backends that this machine can run, best first: "cuda:0", "cuda:1" and so on, one for each NVIDIA
GPU, and "cuda" for all of several; "avx512", "avx512bw", "avx2", "scalar" on x86, "neon", "scalar"
on 64-bit Arm.

All give the same answers, bit for bit.)";

constexpr const char *context_doc = R"(Context(backend=None, *, threads=None, isolate=False, hasher=None)
--

A backend and its number of threads. Any number of threads may share one.

Args:
    backend: a name from backends(), or "auto" for the best; None takes the environment's
        LM_BACKEND, else "auto".
    threads: how many a call may use, the calling one included; None for one per available
        processor.
    isolate: decode and hash files in confined processes, one a thread, so that a decoder that
        crashes or is taken over costs its file alone: its scan is then "crashed". decode() gives
        pixels and is not isolated.
    hasher: with isolate, a Hasher that the workers load, too: hash_files, hash_buffers, match_files
        and match_buffers take it as hasher=, and no other one. A plug-in that crashes costs the file.

Raises:
    NotImplementedError: the backend is unknown, or this machine cannot run it; or it does not let
        processes confine themselves, or libmatch-worker is missing or cannot load the hasher.
    ValueError: threads is 0, or hasher is given without isolate.)";

}  // namespace

std::shared_ptr<lm_context> context_argument(const py::object &object) {
  if (py::isinstance<context_object>(object)) {
    return object.cast<const context_object &>().handle;
  }
  if (!object.is_none()) {
    throw py::type_error(std::string("context is ") + Py_TYPE(object.ptr())->tp_name +
                         ": expected libmatch.Context or None");
  }
  // Never freed: at exit its threads may be gone already. The GIL guards it.
  static auto *const shared = new std::shared_ptr<lm_context>;
  if (!*shared) {
    *shared = open_context(nullptr, 0);
  }
  return *shared;
}

void define_context(py::module_ &module) {
  module.def("backends", &backends, backends_doc);
  py::class_<context_object> context(module, "Context", py::is_final(), context_doc);
  context.attr("__module__") = "libmatch";
  context
      .def(py::init(&make_context), py::arg("backend") = py::none(), py::kw_only(), py::arg("threads") = py::none(),
           py::arg("isolate") = false, py::arg("hasher") = py::none(),
           "__init__(self, backend=None, *, threads=None, isolate=False, hasher=None)\n--\n\n")
      .def_property_readonly(
          "backend", [](const context_object &self) { return text(lm_context_backend(self.handle.get())); },
          "The backend that runs, never \"auto\".")
      .def_property_readonly(
          "threads", [](const context_object &self) { return lm_context_threads(self.handle.get()); },
          "How many threads a call may use, the calling one included.")
      .def_property_readonly(
          "isolated", [](const context_object &self) { return lm_context_is_isolated(self.handle.get()) != 0; },
          "Whether files are decoded and hashed in confined processes.")
      .def("__repr__", [](const context_object &self) {
        return "<libmatch.Context backend='" + std::string(lm_context_backend(self.handle.get())) +
               "' threads=" + std::to_string(lm_context_threads(self.handle.get())) +
               (lm_context_is_isolated(self.handle.get()) != 0 ? " isolated>" : ">");
      });
}

}  // namespace libmatch_python
