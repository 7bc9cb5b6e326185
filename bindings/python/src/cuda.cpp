// What works in a CUDA stream and on a device's memory: libmatch/cuda.h.
#include <libmatch/cuda.h>

#include <cstddef>

#include "arguments.h"
#include "cuda_docs.h"
#include "device_arrays.h"
#include "module.h"
#include "results.h"

namespace libmatch_python {

namespace {

// Offsets and matches are counted by 32 bits on the device.
constexpr std::uint64_t most = UINT32_MAX;

// libmatch.CudaView.
struct cuda_view_object {
  std::unique_ptr<lm_cuda_view, libmatch::deleter<lm_cuda_view_free>> handle;
  std::shared_ptr<lm_context> context;
  std::uint64_t code_bytes;
};

cuda_view_object make_view(const index_object &index, const py::object &context) {
  cuda_view_object view{nullptr, context_argument(context), describe(index).bits / 8};
  lm_cuda_view *made = nullptr;
  call([&] { return lm_cuda_view_create(index.handle.get(), view.context.get(), &made); });
  view.handle.reset(made);
  return view;
}

std::uint64_t workspace_bytes(const cuda_view_object &self, const py::object &n, const py::object &capacity) {
  return lm_cuda_workspace_bytes(self.handle.get(), count_argument(n, "n", most),
                                 count_argument(capacity, "capacity", most));
}

void search_range(const cuda_view_object &self, const py::object &queries, const py::object &max_distance,
                  const py::object &offsets, const py::object &ids, const py::object &distances,
                  const py::object &required, const py::object &workspace, const py::object &stream) {
  constexpr std::uint64_t any = array_pattern::any;
  const std::uint32_t radius = count32_argument(max_distance, "max_distance");
  void *const into = stream_argument(stream);
  device_arrays arrays(self.context, into);
  const handed_array codes = arrays.input(queries, "queries", {{"uint8"}, {any, self.code_bytes}});
  const std::uint64_t n = codes.shape[0];
  const handed_array starts = arrays.output(offsets, "offsets", {{"int64"}, {n + 1}});
  const handed_array found = arrays.output(ids, "ids", {{"int64"}, {any}});
  const std::uint64_t capacity = found.shape[0];
  const handed_array far = arrays.output(distances, "distances", {{"uint32", "int32"}, {capacity}});
  const handed_array count = arrays.output(required, "required", {{"uint64", "int64"}, {1}});
  const handed_array room = arrays.output(workspace, "workspace", {{"uint8"}, {any}});
  const lm_cuda_matches matches{
      reinterpret_cast<std::int64_t *>(starts.data), reinterpret_cast<std::int64_t *>(found.data),
      reinterpret_cast<std::uint32_t *>(far.data), reinterpret_cast<std::uint64_t *>(count.data), capacity};
  arrays.order();
  call([&] {
    return lm_cuda_search_range(self.handle.get(), codes.data, n, radius, &matches, room.data, room.shape[0], into);
  });
}

std::uint64_t hash_workspace_bytes(const py::object &n, const py::object &width, const py::object &height,
                                   const py::object &context) {
  const std::shared_ptr<lm_context> shared = context_argument(context);
  const std::uint64_t bytes =
      lm_cuda_hash_workspace_bytes(shared.get(), count_argument(n, "n", most), count32_argument(width, "width"),
                                   count32_argument(height, "height"));
  if (bytes == 0) {
    PyErr_Format(PyExc_NotImplementedError, "context: its backend is \"%s\", not one CUDA device",
                 lm_context_backend(shared.get()));
    throw py::error_already_set();
  }
  return bytes;
}

void hash_images(const py::object &images, const py::object &codes, const py::object &workspace,
                 const std::string &orientations, const py::object &stream, const py::object &context) {
  const std::shared_ptr<lm_context> shared = context_argument(context);
  const lm_orientations turned = hash_options("pdq256", orientations, false, {}).orientations;
  void *const into = stream_argument(stream);
  device_arrays arrays(shared, into);
  const handed_array pixels = arrays.images(images, "images");
  const std::uint64_t n = pixels.shape[0];
  const handed_array out = arrays.output(codes, "codes", {{"uint8"}, {n, sizeof(lm_cuda_image_codes)}});
  const handed_array room = arrays.output(workspace, "workspace", {{"uint8"}, {array_pattern::any}});
  const std::uint64_t channels = pixels.shape.size() == 3 ? 1 : pixels.shape[3];
  lm_cuda_images given{};
  given.n = n;
  given.first.pixels = pixels.data;
  given.first.height = static_cast<std::uint32_t>(pixels.shape[1]);
  given.first.width = static_cast<std::uint32_t>(pixels.shape[2]);
  given.first.stride_bytes = pixels.shape[2] * channels;
  given.first.format = channels == 1 ? LM_PIXEL_GRAY8 : channels == 3 ? LM_PIXEL_RGB8 : LM_PIXEL_RGBA8;
  given.image_stride_bytes = given.first.stride_bytes * given.first.height;
  auto *const written = reinterpret_cast<lm_cuda_image_codes *>(out.data);
  arrays.order();
  call([&] { return lm_cuda_hash_images(shared.get(), &given, turned, written, room.data, room.shape[0], into); });
}

py::dtype codes_type() {
  const py::tuple code_of_each = py::make_tuple("u1", py::make_tuple(8, 32));
  return struct_type({{"whole", code_of_each, offsetof(lm_cuda_image_codes, whole)},
                      {"trimmed", code_of_each, offsetof(lm_cuda_image_codes, trimmed)},
                      {"whole_quality", py::str("u1"), offsetof(lm_cuda_image_codes, whole_quality)},
                      {"trimmed_quality", py::str("u1"), offsetof(lm_cuda_image_codes, trimmed_quality)},
                      {"is_framed", py::str("u1"), offsetof(lm_cuda_image_codes, is_framed)},
                      {"left", py::str("u4"), offsetof(lm_cuda_image_codes, left)},
                      {"top", py::str("u4"), offsetof(lm_cuda_image_codes, top)},
                      {"width", py::str("u4"), offsetof(lm_cuda_image_codes, width)},
                      {"height", py::str("u4"), offsetof(lm_cuda_image_codes, height)}},
                     sizeof(lm_cuda_image_codes));
}

// The caller's allocator, as the library calls it: from any thread, and never with an exception.
struct allocator_callables {
  py::object allocate;
  py::object release;
};

py::int_ number_of(const void *pointer) { return py::int_(reinterpret_cast<std::uintptr_t>(pointer)); }

void *allocate_by_python(void *user_data, std::uint64_t bytes, void *stream) {
  const py::gil_scoped_acquire acquired;
  try {
    const py::object memory = static_cast<allocator_callables *>(user_data)->allocate(bytes, number_of(stream));
    const std::uint64_t address = memory.is_none() ? 0 : count_argument(memory, "what allocate returned", UINT64_MAX);
    return reinterpret_cast<void *>(address);  // NOLINT(performance-no-int-to-ptr)
  } catch (py::error_already_set &failure) {
    failure.discard_as_unraisable("libmatch: allocating memory of a CUDA device");
  } catch (const py::builtin_exception &failure) {
    failure.set_error();
    PyErr_WriteUnraisable(static_cast<allocator_callables *>(user_data)->allocate.ptr());
  }
  return nullptr;
}

void release_by_python(void *user_data, void *memory, std::uint64_t bytes, void *stream) {
  const py::gil_scoped_acquire acquired;
  try {
    static_cast<allocator_callables *>(user_data)->release(number_of(memory), bytes, number_of(stream));
  } catch (py::error_already_set &failure) {
    failure.discard_as_unraisable("libmatch: releasing memory of a CUDA device");
  }
}

void set_allocator(const py::object &allocate, const py::object &release, const py::object &context) {
  const std::shared_ptr<lm_context> shared = context_argument(context);
  if (allocate.is_none() && release.is_none()) {
    check(lm_cuda_set_allocator(shared.get(), nullptr));
    return;
  }
  for (const auto &[callable, name] : {std::pair(&allocate, "allocate"), std::pair(&release, "release")}) {
    if (PyCallable_Check(callable->ptr()) == 0) {
      throw py::type_error(std::string(name) + " is " + Py_TYPE(callable->ptr())->tp_name +
                           ": expected a callable, or None for both");
    }
  }
  auto callables = std::make_unique<allocator_callables>(allocator_callables{allocate, release});
  const lm_cuda_allocator allocator{&allocate_by_python, &release_by_python, callables.get()};
  check(lm_cuda_set_allocator(shared.get(), &allocator));
  // Never freed: the last memory is released when nobody asks any more, perhaps at the end of the process.
  static_cast<void>(callables.release());
}

}  // namespace

void define_cuda(py::module_ &module) {
  const py::arg_v no_context = py::arg("context") = py::none();
  const py::arg_v default_stream = py::arg("stream") = 0;
  py::class_<cuda_view_object> view(module, "CudaView", py::is_final(), cuda_view_doc);
  view.attr("__module__") = "libmatch";
  view.def(py::init(&make_view), py::arg("index"), py::kw_only(), no_context,
           "__init__(self, index, *, context=None)\n--\n\n")
      .def("workspace_bytes", &workspace_bytes, py::arg("n"), py::arg("capacity"), cuda_workspace_doc)
      .def("search_range", &search_range, py::arg("queries"), py::kw_only(), py::arg("max_distance"),
           py::arg("offsets"), py::arg("ids"), py::arg("distances"), py::arg("required"), py::arg("workspace"),
           default_stream, cuda_search_doc);
  module.def("cuda_hash_workspace_bytes", &hash_workspace_bytes, py::arg("n"), py::arg("width"), py::arg("height"),
             py::kw_only(), no_context, cuda_hash_workspace_doc);
  module.def("cuda_hash_images", &hash_images, py::arg("images"), py::kw_only(), py::arg("codes"),
             py::arg("workspace"), py::arg("orientations") = "plain", default_stream, no_context, cuda_hash_doc);
  module.def("cuda_codes_type", &codes_type, cuda_codes_doc);
  module.def("cuda_set_allocator", &set_allocator, py::arg("allocate"), py::arg("release"), py::kw_only(), no_context,
             cuda_allocator_doc);
}

}  // namespace libmatch_python
