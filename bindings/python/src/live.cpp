// Live indexes: opening one for searches, and what it holds.
#include <algorithm>

#include "arguments.h"
#include "live.h"
#include "live_docs.h"
#include "module.h"

namespace libmatch_python {

namespace {

using lists_handle = std::unique_ptr<lm_lists, libmatch::deleter<lm_lists_free>>;
using entries_handle = std::unique_ptr<lm_entries, libmatch::deleter<lm_entries_free>>;

// What Index.entries returns.
struct entry_iterator {
  entries_handle handle;
};

void create_live(const py::object &folder, const py::object &key) {
  const path_argument path(folder, "folder");
  const live_options_argument options(key);
  call([&] { return lm_live_create(path.c_str(), options.get()); });
}

void verify_live(const py::object &folder, const py::object &key, py::object progress) {
  const path_argument path(folder, "folder");
  const live_options_argument options(key);
  call_with_progress(std::move(progress),
                     [&](const lm_progress *meter) { return lm_live_verify(path.c_str(), options.get(), meter); });
}

index_object open_live(const py::object &folder, const py::object &key, const std::optional<std::string> &hash,
                       const py::object &bits, const std::string &residence, const py::object &context) {
  const path_argument path(folder, "folder");
  live_options_argument options(key);
  options.set_residence(residence);
  options.set_kind(hash_argument(hash.value_or("pdq256")), count32_argument(bits, "bits"), hash.has_value());
  index_object index{nullptr, context_argument(context)};
  lm_index *made = nullptr;
  call([&] { return lm_live_open(index.context.get(), path.c_str(), options.get(), &made); });
  index.handle.reset(made);
  return index;
}

py::list lists_of(const index_object &self) {
  lm_lists *found = nullptr;
  call([&] { return lm_live_lists(self.handle.get(), &found); });
  const lists_handle handle(found);
  const lm_lists_data &data = *lm_lists_view(found);
  const py::object info = py::module_::import("libmatch._results").attr("ListInfo");
  py::list lists;
  for (std::size_t i = 0; i < data.size; ++i) {
    lists.append(info(text(data.names[i]), text(lm_list_role_name(data.roles[i])),
                      data.bits[i] != 0 ? py::object(text(lm_hash_name(data.hashes[i]))) : py::none(), data.bits[i],
                      data.entries[i], data.withdrawn[i], text(data.checkpoints[i])));
  }
  return lists;
}

entry_iterator entries_of(const index_object &self, const std::optional<std::string> &list, bool withdrawn) {
  lm_entries *made = nullptr;
  check(lm_live_entries(self.handle.get(), list ? text_argument(*list, "list") : nullptr, withdrawn ? 1 : 0, &made));
  return {entries_handle(made)};
}

py::object next_entry(entry_iterator &self) {
  lm_entry entry{};
  entry.struct_size = sizeof(entry);
  std::int32_t found = 0;
  check(lm_entries_next(self.handle.get(), &entry, &found));
  if (found == 0) {
    throw py::stop_iteration();
  }
  return entry_result(entry);
}

}  // namespace

live_options_argument::live_options_argument(const py::object &key) {
  if (py::isinstance<py::bytes>(key)) {
    const std::string bytes = py::cast<std::string>(key);
    if (bytes.size() != key_.size()) {
      throw py::value_error("key has " + std::to_string(bytes.size()) + " bytes: expected 32, or the path of a file");
    }
    std::copy(bytes.begin(), bytes.end(), key_.begin());
    options_.key = [](void *user_data, std::uint8_t *out_key) -> std::int32_t {
      const auto *self = static_cast<const live_options_argument *>(user_data);
      std::copy(self->key_.begin(), self->key_.end(), out_key);
      return 0;
    };
    options_.user_data = this;
  } else if (!key.is_none()) {
    path_.emplace(key, "key");
    options_.key_path = path_->c_str();
  }
}

void live_options_argument::set_kind(lm_hash hash, std::uint32_t bits, bool is_given) {
  options_.hash = hash;
  options_.bits = bits == 0 && is_given ? lm_hash_bits(hash) : bits;
  if (is_given && options_.bits == 0) {
    throw py::value_error(std::string("bits: codes of ") + lm_hash_name(hash) + " have many widths, so name it");
  }
}

void live_options_argument::set_durability(const std::string &name) {
  if (name != "synced" && name != "deferred") {
    throw py::value_error("durability is \"" + name + "\": expected \"synced\" or \"deferred\"");
  }
  options_.durability = name == "deferred" ? LM_DURABILITY_DEFERRED : LM_DURABILITY_SYNCED;
}

void live_options_argument::set_residence(const std::string &name) {
  if (name != "memory" && name != "mapped") {
    throw py::value_error("residence is \"" + name + "\": expected \"memory\" or \"mapped\"");
  }
  options_.residence = name == "mapped" ? LM_RESIDENCE_MAPPED : LM_RESIDENCE_MEMORY;
}

py::object entry_result(const lm_entry &entry) {
  const py::object none = py::none();
  const bool is_withdrawn = entry.withdrawn != 0;
  return py::module_::import("libmatch._results")
      .attr("Entry")(text(lm_hash_name(entry.hash)), entry.bits,
                     entry.code != nullptr
                         ? py::object(py::bytes(reinterpret_cast<const char *>(entry.code), entry.bits / 8))
                         : none,
                     entry.id, text(entry.label), text(entry.list), text(entry.list_id),
                     entry.time >= 0 ? py::object(py::int_(entry.time)) : none, text(lm_list_role_name(entry.role)),
                     is_withdrawn, is_withdrawn ? py::object(py::int_(entry.withdrawn_at)) : none,
                     text(is_withdrawn ? entry.withdrawn_by : ""), text(is_withdrawn ? entry.reason : ""));
}

void define_live_index(py::class_<index_object> &index) {
  index
      .def_static("open", &open_live, py::arg("folder"), py::kw_only(), py::arg("key") = py::none(),
                  py::arg("hash") = py::none(), py::arg("bits") = 0, py::arg("residence") = "memory",
                  py::arg("context") = py::none(), open_doc)
      .def(
          "refresh", [](index_object &self) { call([&] { return lm_live_refresh(self.handle.get()); }); },
          refresh_doc)
      .def("lists", &lists_of, lists_doc)
      .def("entries", &entries_of, py::arg("list") = py::none(), py::kw_only(), py::arg("withdrawn") = false,
           entries_doc);
}

void define_live(py::module_ &module) {
  py::class_<entry_iterator>(module, "_EntryIterator", py::is_final())
      .def("__iter__", [](const py::object &self) { return self; })
      .def("__next__", &next_entry);
  module.def("create_live", &create_live, py::arg("folder"), py::kw_only(), py::arg("key") = py::none(),
             create_live_doc);
  module.def("verify_live", &verify_live, py::arg("folder"), py::kw_only(), py::arg("key") = py::none(),
             py::arg("progress") = py::none(), verify_live_doc);
}

}  // namespace libmatch_python
