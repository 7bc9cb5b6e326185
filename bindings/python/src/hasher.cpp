// libmatch.Hasher: a plug-in.
#include "arguments.h"
#include "module.h"

namespace libmatch_python {

namespace {

hasher_object load_hasher(const py::object &path) {
  const path_argument file(path, "path");
  lm_hasher_handle *handle = nullptr;
  call([&] { return lm_hasher_load(file.c_str(), &handle); });
  return {{handle, lm_hasher_free}};
}

py::str repr(const hasher_object &self) {
  const lm_hasher_data data = describe(*self.handle);
  return py::str("<libmatch.Hasher name={!r} version={!r} hash={!r} bits={}>")
      .format(data.name, data.version, lm_hash_name(data.hash), data.bits);
}

constexpr const char *hasher_doc = R"(Hasher(path)
--

A plug-in hasher: a shared object that offers a hash which libmatch does not compute (libmatch/hasher.h).

Given as hasher= it hashes images everywhere: hash_images, hash_files, hash_buffers, match_files, match_buffers. Its
code runs in this process, with all its rights.

Args:
    path: of the shared object, str, bytes or os.PathLike; never searched for.

Raises:
    OSError: there is no such file.
    ValueError: no shared object, no plug-in hasher, or one whose table makes no sense.
    NotImplementedError: of another version of the interface.
    RuntimeError: the plug-in itself cannot begin.)";

}  // namespace

lm_hasher_data describe(const lm_hasher_handle &hasher) {
  lm_hasher_data data{};
  data.struct_size = sizeof(data);
  check(lm_hasher_view(&hasher, &data));
  return data;
}

std::shared_ptr<lm_hasher_handle> hasher_argument(const py::object &object) {
  if (object.is_none()) {
    return nullptr;
  }
  if (!py::isinstance<hasher_object>(object)) {
    throw py::type_error(std::string("hasher is ") + Py_TYPE(object.ptr())->tp_name +
                         ": expected libmatch.Hasher or None");
  }
  return object.cast<const hasher_object &>().handle;
}

void define_hasher(py::module_ &module) {
  py::class_<hasher_object> hasher(module, "Hasher", py::is_final(), hasher_doc);
  hasher.attr("__module__") = "libmatch";
  hasher.def(py::init(&load_hasher), py::arg("path"), "__init__(self, path)\n--\n\n").def("__repr__", &repr);
  hasher.def_property_readonly(
      "name", [](const hasher_object &self) { return text(describe(*self.handle).name); }, "As the plug-in says.");
  hasher.def_property_readonly(
      "version", [](const hasher_object &self) { return text(describe(*self.handle).version); },
      "As the plug-in says; part of the profile.");
  hasher.def_property_readonly(
      "hash", [](const hasher_object &self) { return text(lm_hash_name(describe(*self.handle).hash)); },
      "\"code\" or \"vector8\": what an Index of its codes is made with.");
  hasher.def_property_readonly(
      "bits", [](const hasher_object &self) { return describe(*self.handle).bits; },
      "Bits of one code; 8 a dimension for \"vector8\".");
  hasher.def_property_readonly(
      "max_distance", [](const hasher_object &self) { return describe(*self.handle).max_distance; },
      "Usual for a match.");
  hasher.def_property_readonly(
      "thread_safe", [](const hasher_object &self) { return describe(*self.handle).thread_safe != 0; },
      "Whether several images are hashed at once; otherwise they wait for each other.");
}

}  // namespace libmatch_python
