// libmatch.Index: what makes its searches faster, and how they would be done.
#include <array>

#include "arguments.h"
#include "index_docs.h"
#include "module.h"

namespace libmatch_python {

namespace {

lm_layout_policy policy_argument(const std::string &policy, const char *name) {
  // In the order of their values.
  constexpr std::array<const char *, 3> policies{"automatic", "always", "never"};
  for (std::size_t i = 0; i < policies.size(); ++i) {
    if (policy == policies[i]) {
      return static_cast<lm_layout_policy>(i);
    }
  }
  throw py::value_error(std::string(name) + " is '" + policy + "': expected 'automatic', 'always' or 'never'");
}

void set_layouts(index_object &self, const std::string &planes, const std::string &buckets,
                 const py::object &max_memory_bytes) {
  lm_layout_options options = LM_LAYOUT_OPTIONS_INIT;
  options.planes = policy_argument(planes, "planes");
  options.buckets = policy_argument(buckets, "buckets");
  options.max_memory_bytes = count_argument(max_memory_bytes, "max_memory_bytes", UINT64_MAX);
  call([&] { return lm_index_set_layouts(self.handle.get(), &options); });
}

void prepare(index_object &self, py::object progress) {
  call_with_progress(std::move(progress), [&](const lm_progress *meter) {
    return lm_index_prepare(self.handle.get(), self.context.get(), meter);
  });
}

py::object plan(const index_object &self, const py::object &n_queries, const py::object &max_distance) {
  const auto count = static_cast<std::size_t>(count_argument(n_queries, "n_queries", SIZE_MAX));
  const std::uint32_t radius = count32_argument(max_distance, "max_distance");
  lm_plan_data data{};
  data.struct_size = sizeof(data);
  call([&] { return lm_index_plan(self.handle.get(), self.context.get(), count, radius, &data); });
  return plan_result(data);
}

}  // namespace

void define_layouts(py::class_<index_object> &index) {
  index
      .def("set_layouts", &set_layouts, py::kw_only(), py::arg("planes") = "automatic",
           py::arg("buckets") = "automatic", py::arg("max_memory_bytes") = 0, set_layouts_doc)
      .def("prepare", &prepare, py::arg("progress") = py::none(), prepare_doc)
      .def("plan", &plan, py::arg("n_queries"), py::arg("max_distance"), plan_doc);
}

}  // namespace libmatch_python
