// libmatch.Index: what it holds and how it is kept.
#include <array>

#include "arguments.h"
#include "index_docs.h"
#include "list_docs.h"
#include "module.h"

namespace libmatch_python {

namespace {

std::size_t code_bytes(const index_object &index) { return describe(index).bits / 8; }

index_object make_index(const py::object &bits, const std::optional<std::string> &hash, const std::string &profile,
                        const py::object &context) {
  const std::uint32_t width = count32_argument(bits, "bits");
  const lm_hash kind = hash_argument(hash.value_or(width == 256 ? "pdq256" : "code"));
  index_object index{nullptr, context_argument(context)};
  lm_index *made = nullptr;
  check(lm_index_create(index.context.get(), kind, width, profile.c_str(), &made));
  index.handle.reset(made);
  return index;
}

void add(index_object &self, const py::object &codes, const py::object &ids, const py::object &labels) {
  const auto rows = codes_argument(codes, "codes", code_bytes(self));
  const auto n = static_cast<std::size_t>(rows.shape(0));
  const optional_ids given_ids(ids, n);
  const optional_labels given_labels(labels, n);
  call([&] { return lm_index_add(self.handle.get(), rows.data(), given_ids.data(), given_labels.data(), n); });
}

void add_digests(index_object &self, const std::string &hash, const py::object &digests, const py::object &ids,
                 const py::object &labels) {
  const lm_hash kind = digest_argument(hash);
  const auto rows = codes_argument(digests, "digests", lm_hash_bits(kind) / 8);
  const auto n = static_cast<std::size_t>(rows.shape(0));
  const optional_ids given_ids(ids, n);
  const optional_labels given_labels(labels, n);
  call([&] {
    return lm_index_add_digests(self.handle.get(), kind, rows.data(), given_ids.data(), given_labels.data(), n);
  });
}

void add_keypoints(index_object &self, const py::object &ids, const keypoints_object &keypoints) {
  const auto values = ids_argument(ids);
  const std::size_t n = lm_keypoints_view(keypoints.handle)->size;
  if (static_cast<std::size_t>(values.size()) != n) {
    throw py::value_error("ids has " + std::to_string(values.size()) + " values for " + std::to_string(n) +
                          " images");
  }
  call([&] { return lm_index_add_keypoints(self.handle.get(), values.data(), keypoints.handle); });
}

std::size_t add_csv(index_object &self, const py::object &path, const std::optional<std::string> &kind,
                    py::object progress) {
  const path_argument file(path, "path");
  lm_list_options options = LM_LIST_OPTIONS_INIT;
  if (kind.has_value()) {
    check(lm_hash_from_name(kind->c_str(), &options.kind));
  }
  options.format = LM_LIST_CSV;
  const std::array<const char *, 1> paths{file.c_str()};
  lm_list *read = nullptr;
  call_with_progress(std::move(progress), [&](const lm_progress *meter) {
    return lm_list_read(paths.data(), paths.size(), &options, meter, &read);
  });
  const list_handle list(read);
  call([&] { return lm_index_add_list(self.handle.get(), list.get()); });
  return lm_list_size(list.get());
}

void add_list(index_object &self, const list_object &entries) {
  call([&] { return lm_index_add_list(self.handle.get(), entries.handle.get()); });
}

std::int64_t remove(index_object &self, const py::object &ids) {
  const auto values = ids_argument(ids);
  std::int64_t removed = 0;
  call([&] {
    return lm_index_remove(self.handle.get(), values.data(), static_cast<std::size_t>(values.size()), &removed);
  });
  return removed;
}

void save(const index_object &self, const py::object &path, py::object progress) {
  const path_argument file(path, "path");
  call_with_progress(std::move(progress),
                     [&](const lm_progress *meter) { return lm_index_save(self.handle.get(), file.c_str(), meter); });
}

index_object load(const py::object &path, bool map, const py::object &context, py::object progress) {
  const path_argument file(path, "path");
  index_object index{nullptr, context_argument(context)};
  lm_index *made = nullptr;
  call_with_progress(std::move(progress), [&](const lm_progress *meter) {
    return map ? lm_index_map(index.context.get(), file.c_str(), &made)
               : lm_index_load(index.context.get(), file.c_str(), meter, &made);
  });
  index.handle.reset(made);
  return index;
}

void verify(const py::object &path, py::object progress) {
  const path_argument file(path, "path");
  call_with_progress(std::move(progress),
                     [&](const lm_progress *meter) { return lm_index_verify(file.c_str(), meter); });
}

py::dict digest_counts(const index_object &self) {
  const lm_index_data data = describe(self);
  py::dict counts;
  counts["md5"] = data.md5;
  counts["sha1"] = data.sha1;
  counts["sha256"] = data.sha256;
  return counts;
}

py::str repr(const index_object &self) {
  const lm_index_data data = describe(self);
  return py::str("<libmatch.Index hash={!r} bits={} codes={} digests={}>")
      .format(lm_hash_name(data.hash), data.bits, data.codes, data.md5 + data.sha1 + data.sha256);
}

void define_properties(py::class_<index_object> &index) {
  index.def_property_readonly(
      "hash", [](const index_object &self) { return text(lm_hash_name(describe(self).hash)); },
      "The hash of the codes: \"pdq256\", or \"code\" or \"vector8\" for one that libmatch does not compute.");
  index.def_property_readonly(
      "bits", [](const index_object &self) { return describe(self).bits; }, "Bits of one code.");
  index.def_property_readonly(
      "profile", [](const index_object &self) { return text(describe(self).profile); },
      "What made the codes, as hash_profile() names it; \"\" when not known.");
  index.def_property_readonly(
      "library_version", [](const index_object &self) { return version_text(describe(self).library_version); },
      "The version of libmatch that wrote the file; this one's if never saved.");
  index.def_property_readonly("digest_counts", &digest_counts,
                              "Digests held of each kind: {\"md5\": n, \"sha1\": n, \"sha256\": n}.");
  index.def_property_readonly(
      "keypoint_sets", [](const index_object &self) { return describe(self).keypoint_sets; },
      "How many images have keypoints.");
  index.def_property_readonly(
      "keypoints", [](const index_object &self) { return describe(self).keypoints; },
      "How many keypoints there are, of all images.");
  index.def_property_readonly(
      "next_id", [](const index_object &self) { return describe(self).next_id; },
      "What the next entry without an id gets.");
  index.def_property_readonly(
      "memory_bytes", [](const index_object &self) { return describe(self).memory_bytes; },
      "Memory taken or mapped for all of it.");
  index.def_property_readonly(
      "mapped", [](const index_object &self) { return describe(self).mapped != 0; },
      "Whether pages come from the file when touched.");
}

}  // namespace

lm_index_data describe(const index_object &index) {
  lm_index_data data{};
  data.struct_size = sizeof(data);
  check(lm_index_view(index.handle.get(), &data));
  return data;
}

void define_index(py::module_ &module) {
  const py::arg_v no_progress = py::arg("progress") = py::none();
  const py::arg_v no_context = py::arg("context") = py::none();
  const py::arg_v no_ids = py::arg("ids") = py::none();
  const py::arg_v no_labels = py::arg("labels") = py::none();
  py::class_<index_object> index(module, "Index", py::is_final(), index_doc);
  index.attr("__module__") = "libmatch";
  index
      .def(py::init(&make_index), py::arg("bits") = 256, py::kw_only(), py::arg("hash") = py::none(),
           py::arg("profile") = "", no_context,
           "__init__(self, bits=256, *, hash=None, profile='', context=None)\n--\n\n")
      .def("add", &add, py::arg("codes"), no_ids, no_labels, add_doc)
      .def("add_digests", &add_digests, py::arg("hash"), py::arg("digests"), no_ids, no_labels, add_digests_doc)
      .def("add_csv", &add_csv, py::arg("path"), py::kw_only(), py::arg("kind") = py::none(),
           py::arg("progress") = py::none(), add_csv_doc)
      .def("add_keypoints", &add_keypoints, py::arg("ids"), py::arg("keypoints"), add_keypoints_doc)
      .def("add_list", &add_list, py::arg("entries"), add_list_doc)
      .def("remove", &remove, py::arg("ids"), remove_doc)
      .def("__len__", [](const index_object &self) { return lm_index_size(self.handle.get()); })
      .def("__repr__", &repr)
      .def("save", &save, py::arg("path"), py::kw_only(), no_progress, save_doc)
      .def_static("load", &load, py::arg("path"), py::kw_only(), py::arg("map") = false, no_context, no_progress,
                  load_doc)
      .def_static("verify", &verify, py::arg("path"), py::kw_only(), no_progress, verify_doc);
  define_properties(index);
  define_search(index);
  define_layouts(index);
  define_live_index(index);
}

}  // namespace libmatch_python
