// libmatch.Writer: the writer of a live index.
#include "arguments.h"
#include "live.h"
#include "live_docs.h"
#include "module.h"

namespace libmatch_python {

namespace {

// Threads may share it: one that closes it while others write waits for them.
struct writer_object {
  std::shared_ptr<lm_writer> handle;
};

std::shared_ptr<lm_writer> open_handle(const writer_object &self) {
  if (self.handle == nullptr) {
    throw py::value_error("the writer is closed");
  }
  return self.handle;
}

writer_object make_writer(const py::object &folder, const py::object &key, const std::string &durability) {
  const path_argument path(folder, "folder");
  live_options_argument options(key);
  options.set_durability(durability);
  lm_writer *made = nullptr;
  call([&] { return lm_writer_open(path.c_str(), options.get(), &made); });
  return {std::shared_ptr<lm_writer>(made, lm_writer_free)};
}

lm_change_data no_change() {
  lm_change_data change{};
  change.struct_size = sizeof(change);
  return change;
}

py::object change_result(const lm_change_data &change) {
  const char *format = lm_list_format_name(change.format);
  return py::module_::import("libmatch._results")
      .attr("Change")(change.added, change.changed, change.unchanged, change.superseded, change.withdrawn,
                      change.unknown, text(format != nullptr ? format : ""), change.records, change.degenerate,
                      change.left_out, change.complete != 0);
}

lm_list_role role_argument(const std::string &name) {
  for (lm_list_role role = 0; lm_list_role_name(role) != nullptr; ++role) {
    if (name == lm_list_role_name(role)) {
      return role;
    }
  }
  throw py::value_error("role is \"" + name + "\": expected \"known\", \"harmless\" or \"degenerate\"");
}

py::object add(const writer_object &self, const std::string &list, const py::object &codes, const py::object &ids,
               const py::object &labels, const std::string &hash, const py::object &list_ids,
               const py::object &times) {
  const std::shared_ptr<lm_writer> writer = open_handle(self);
  lm_additions additions = LM_ADDITIONS_INIT;
  additions.hash = hash_argument(hash);
  const std::uint32_t bits = lm_hash_bits(additions.hash);
  const auto rows =
      bits != 0 ? codes_argument(codes, "codes", bits / 8) : codes_of_any_width(codes, "codes", additions.hash);
  additions.n = static_cast<std::size_t>(rows.shape(0));
  additions.bits = static_cast<std::uint32_t>(rows.shape(1)) * 8;
  const optional_ids given_ids(ids, additions.n);
  const optional_labels given_labels(labels, additions.n);
  const optional_labels given_list_ids(list_ids, additions.n, "list_ids");
  const optional_ids given_times(times, additions.n, "times");
  additions.list = text_argument(list, "list");
  additions.codes = rows.data();
  additions.ids = given_ids.data();
  additions.labels = given_labels.data();
  additions.list_ids = given_list_ids.data();
  additions.times = given_times.data();
  lm_change_data change = no_change();
  call([&] { return lm_writer_add(writer.get(), &additions, &change); });
  return change_result(change);
}

// The arguments of import_list and import_pages behind the pages.
struct import_arguments {
  import_arguments(const std::string &list, const std::optional<std::string> &role, const py::object &time,
                   bool whole, const std::string &format_name, const std::optional<std::string> &kind,
                   const py::object &bits, const std::string &columns) {
    format.format = format_argument(format_name);
    format.bits = count32_argument(bits, "bits");
    format.columns = text_argument(columns, "columns");
    if (kind) {
      check(lm_hash_from_name(kind->c_str(), &format.kind));
    }
    options.list = text_argument(list, "list");
    options.format = &format;
    options.time = time.is_none() ? -1 : static_cast<std::int64_t>(count_argument(time, "time", INT64_MAX));
    options.whole = whole ? 1 : 0;
    options.role = role ? role_argument(*role) : LM_LIST_ROLE_AS_IS;
  }
  import_arguments(const import_arguments &) = delete;
  import_arguments &operator=(const import_arguments &) = delete;

  lm_list_options format = LM_LIST_OPTIONS_INIT;
  lm_import_options options = LM_IMPORT_OPTIONS_INIT;
};

py::object import_list(const writer_object &self, const py::object &pages, const std::string &list,
                       const std::optional<std::string> &role, const py::object &time, bool whole,
                       const std::string &format, const std::optional<std::string> &kind, const py::object &bits,
                       const std::string &columns, py::object progress) {
  const std::shared_ptr<lm_writer> writer = open_handle(self);
  const paths_argument files(one_or_many_paths(pages));
  const import_arguments arguments(list, role, time, whole, format, kind, bits, columns);
  lm_change_data change = no_change();
  call_with_progress(std::move(progress), [&](const lm_progress *meter) {
    return lm_writer_import(writer.get(), files.data(), files.size(), &arguments.options, meter, &change);
  });
  return change_result(change);
}

py::object import_pages(const writer_object &self, const py::object &pages, const std::string &list,
                        const std::optional<std::string> &role, const py::object &time, bool whole,
                        const std::string &format, const std::optional<std::string> &kind, const py::object &bits,
                        const std::string &columns, py::object progress) {
  const std::shared_ptr<lm_writer> writer = open_handle(self);
  const buffers_argument buffers(pages);
  const import_arguments arguments(list, role, time, whole, format, kind, bits, columns);
  lm_change_data change = no_change();
  call_with_progress(std::move(progress), [&](const lm_progress *meter) {
    return lm_writer_import_buffers(writer.get(), buffers.data(), buffers.size(), &arguments.options, meter, &change);
  });
  return change_result(change);
}

py::object withdraw(const writer_object &self, const std::optional<std::string> &list,
                    const std::optional<std::string> &list_id, const py::object &id,
                    const std::optional<py::bytes> &code, const std::string &hash, bool whole_list,
                    const std::string &reason, const std::optional<std::string> &by) {
  const std::shared_ptr<lm_writer> writer = open_handle(self);
  lm_withdrawal withdrawal = LM_WITHDRAWAL_INIT;
  const std::string bytes = code ? std::string(*code) : "";
  withdrawal.list = list ? text_argument(*list, "list") : nullptr;
  withdrawal.list_id = list_id ? text_argument(*list_id, "list_id") : nullptr;
  withdrawal.hash = hash_argument(hash);
  withdrawal.bits = static_cast<std::uint32_t>(bytes.size() * 8);
  withdrawal.code = code ? reinterpret_cast<const std::uint8_t *>(bytes.data()) : nullptr;
  withdrawal.id = id.is_none() ? -1 : static_cast<std::int64_t>(count_argument(id, "id", INT64_MAX));
  withdrawal.whole_list = whole_list ? 1 : 0;
  withdrawal.reason = text_argument(reason, "reason");
  withdrawal.by = by ? text_argument(*by, "by") : nullptr;
  lm_change_data change = no_change();
  call([&] { return lm_writer_withdraw(writer.get(), &withdrawal, &change); });
  return change_result(change);
}

void set_role(const writer_object &self, const std::string &list, const std::string &role) {
  const std::shared_ptr<lm_writer> writer = open_handle(self);
  const lm_list_role wanted = role_argument(role);
  const char *name = text_argument(list, "list");
  call([&] { return lm_writer_set_role(writer.get(), name, wanted); });
}

void compact(const writer_object &self, py::object progress) {
  const std::shared_ptr<lm_writer> writer = open_handle(self);
  call_with_progress(std::move(progress),
                     [&](const lm_progress *meter) { return lm_writer_compact(writer.get(), meter); });
}

void close(writer_object &self) {
  std::shared_ptr<lm_writer> last = std::move(self.handle);
  const py::gil_scoped_release released;  // it may wait for the disk
  last.reset();
}

}  // namespace

void define_writer(py::module_ &module) {
  const py::arg_v no_role = py::arg("role") = py::none();
  const py::arg_v no_time = py::arg("time") = py::none();
  const py::arg_v not_whole = py::arg("whole") = false;
  const py::arg_v any_format = py::arg("format") = "automatic";
  const py::arg_v no_kind = py::arg("kind") = py::none();
  const py::arg_v no_bits = py::arg("bits") = 0;
  const py::arg_v no_columns = py::arg("columns") = "";
  const py::arg_v no_progress = py::arg("progress") = py::none();
  py::class_<writer_object>(module, "Writer", py::is_final(), writer_doc)
      .def(py::init(&make_writer), py::arg("folder"), py::kw_only(), py::arg("key") = py::none(),
           py::arg("durability") = "synced", "__init__(self, folder, *, key=None, durability='synced')\n--\n\n")
      .def("add", &add, py::arg("list"), py::arg("codes"), py::arg("ids") = py::none(),
           py::arg("labels") = py::none(), py::kw_only(), py::arg("hash") = "pdq256",
           py::arg("list_ids") = py::none(), py::arg("times") = py::none(), writer_add_doc)
      .def("import_list", &import_list, py::arg("pages"), py::kw_only(), py::arg("list"), no_role, no_time, not_whole,
           any_format, no_kind, no_bits, no_columns, no_progress, import_list_doc)
      .def("import_pages", &import_pages, py::arg("pages"), py::kw_only(), py::arg("list"), no_role, no_time,
           not_whole, any_format, no_kind, no_bits, no_columns, no_progress, import_pages_doc)
      .def("withdraw", &withdraw, py::kw_only(), py::arg("list") = py::none(), py::arg("list_id") = py::none(),
           py::arg("id") = py::none(), py::arg("code") = py::none(), py::arg("hash") = "pdq256",
           py::arg("whole_list") = false, py::arg("reason") = "", py::arg("by") = py::none(), withdraw_doc)
      .def("set_role", &set_role, py::arg("list"), py::arg("role"), set_role_doc)
      .def("compact", &compact, py::kw_only(), no_progress, compact_doc)
      .def("close", &close, close_doc)
      .def("__enter__", [](const py::object &self) { return self; })
      .def("__exit__", [](writer_object &self, const py::args &) { close(self); });
}

}  // namespace libmatch_python
