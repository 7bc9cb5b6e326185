// The parts that make up the module. Docstrings begin with the signature as inspect.signature reads it.
#pragma once

#include <pybind11/stl.h>

#include <memory>
#include <optional>
#include <string>

#include "call.h"
#include "results.h"

namespace libmatch_python {

// libmatch.Context. Every object that needs the context shares it.
struct context_object {
  std::shared_ptr<lm_context> handle;
};

// libmatch.Index.
struct index_object {
  index_handle handle;
  std::shared_ptr<lm_context> context;
};

// libmatch.HashList.
struct list_object {
  list_handle handle;
};

// libmatch.Hasher.
struct hasher_object {
  std::shared_ptr<lm_hasher_handle> handle;
};

// The plug-in of a libmatch.Hasher; null for None.
std::shared_ptr<lm_hasher_handle> hasher_argument(const py::object &object);

// The context of a libmatch.Context; of None the process's default one, opened when first needed.
std::shared_ptr<lm_context> context_argument(const py::object &object);
// "1.2.3" of an LM_VERSION.
std::string version_text(std::int32_t version);
lm_index_data describe(const index_object &index);
lm_hasher_data describe(const lm_hasher_handle &hasher);

// The keyword arguments that hash_files, match_files and the like have in common. None is the library's default.
struct limit_arguments {
  py::object max_bytes = py::none();
  py::object max_pixels = py::none();
  py::object max_frames = py::none();
  py::object max_images = py::none();
  py::object max_milliseconds = py::none();
};
lm_hash_options hash_options(const std::string &hash, const std::string &orientations, bool ignore_exif_orientation,
                             const limit_arguments &limits);

// "fast", "standard" or "thorough".
lm_effort effort_argument(const std::string &name);

// "csv" and so on; "automatic".
lm_list_format format_argument(const std::string &name);

// libmatch.Keypoints: owned, or those of hashed files, which `owner` keeps alive.
struct keypoints_object {
  const lm_keypoints *handle;
  py::object owner;
};

void define_context(py::module_ &module);
void define_cuda(py::module_ &module);
void define_decoding(py::module_ &module);
void define_hasher(py::module_ &module);
void define_hashing(py::module_ &module);
void define_keypoints(py::module_ &module);
void define_layouts(py::class_<index_object> &index);
void define_lists(py::module_ &module);
void define_results(py::module_ &module);
void define_search(py::class_<index_object> &index);
void define_index(py::module_ &module);
void define_matching(py::module_ &module);
void define_live(py::module_ &module);
void define_live_index(py::class_<index_object> &index);
void define_writer(py::module_ &module);

}  // namespace libmatch_python
