// libmatch.HashList: lists of hashes, read from files and written to them.
#include "arguments.h"
#include "list_docs.h"
#include "module.h"

namespace libmatch_python {

namespace {

list_object read_list(const py::object &paths, const std::string &format, const std::optional<std::string> &kind,
                      const py::object &bits, const std::string &columns, py::object progress) {
  const paths_argument files(one_or_many_paths(paths));
  lm_list_options options = LM_LIST_OPTIONS_INIT;
  options.format = format_argument(format);
  options.bits = count32_argument(bits, "bits");
  options.columns = columns.c_str();
  if (kind.has_value()) {
    check(lm_hash_from_name(kind->c_str(), &options.kind));
  }
  lm_list *read = nullptr;
  call_with_progress(std::move(progress), [&](const lm_progress *meter) {
    return lm_list_read(files.data(), files.size(), &options, meter, &read);
  });
  return {list_handle(read)};
}

void write(const list_object &self, const py::object &path, const std::string &format, py::object progress) {
  const path_argument file(path, "path");
  const lm_list_format wanted = format_argument(format);
  call_with_progress(std::move(progress), [&](const lm_progress *meter) {
    return lm_list_write(self.handle.get(), wanted, file.c_str(), meter);
  });
}

lm_list_data data_of(const list_object &self) {
  lm_list_data data{};
  data.struct_size = sizeof(data);
  check(lm_list_view(self.handle.get(), &data));
  return data;
}

py::object entry_at(const list_object &self, py::ssize_t i) {
  const auto size = signed_size(lm_list_size(self.handle.get()));
  const py::ssize_t place = i < 0 ? i + size : i;
  if (place < 0 || place >= size) {
    throw py::index_error("entry " + std::to_string(i) + " of a list of " + std::to_string(size));
  }
  const lm_list_entry &entry = *lm_list_get(self.handle.get(), static_cast<std::size_t>(place));
  return list_entry_result(entry);
}

}  // namespace

lm_list_format format_argument(const std::string &name) {
  lm_list_format format = LM_LIST_AUTOMATIC;
  if (name != "automatic") {
    check(lm_list_format_from_name(name.c_str(), &format));
  }
  return format;
}

void define_lists(py::module_ &module) {
  py::class_<list_object>(module, "HashList", list_doc)
      .def("__len__", [](const list_object &self) { return lm_list_size(self.handle.get()); })
      .def("__getitem__", &entry_at, py::arg("i"))
      .def("__iter__",
           [](const py::object &self) { return py::reinterpret_steal<py::iterator>(PySeqIter_New(self.ptr())); })
      .def_property_readonly("format", [](const list_object &self) { return data_of(self).format; })
      .def_property_readonly("withdrawals", [](const list_object &self) { return data_of(self).withdrawals; })
      .def_property_readonly("degenerate", [](const list_object &self) { return data_of(self).degenerate; })
      .def_property_readonly("left_out", [](const list_object &self) { return data_of(self).left_out; })
      .def_property_readonly("left_out_kinds", [](const list_object &self) { return data_of(self).left_out_kinds; })
      .def_property_readonly("checkpoint", [](const list_object &self) { return data_of(self).checkpoint; })
      .def_property_readonly("complete", [](const list_object &self) { return data_of(self).complete != 0; })
      .def("write", &write, py::arg("path"), py::kw_only(), py::arg("format"), py::arg("progress") = py::none(),
           list_write_doc);
  module.def("read_list", &read_list, py::arg("paths"), py::kw_only(), py::arg("format") = "automatic",
             py::arg("kind") = py::none(), py::arg("bits") = 0, py::arg("columns") = "",
             py::arg("progress") = py::none(), read_list_doc);
}

}  // namespace libmatch_python
