// libmatch.Keypoints.
#include "arguments.h"
#include "module.h"

namespace libmatch_python {

namespace {

const lm_keypoints_data &data_of(const keypoints_object &self) { return *lm_keypoints_view(self.handle); }

py::dtype point_type() {
  py::list names;
  py::list formats;
  py::list offsets;
  const auto add = [&](const char *name, const char *format, std::size_t offset) {
    names.append(name);
    formats.append(format);
    offsets.append(offset);
  };
  add("x", "u2", offsetof(lm_keypoint, x));
  add("y", "u2", offsetof(lm_keypoint, y));
  add("scale", "u1", offsetof(lm_keypoint, scale));
  add("angle", "u1", offsetof(lm_keypoint, angle));
  return {names, formats, offsets, sizeof(lm_keypoint)};
}

py::ssize_t points_of(const keypoints_object &self) {
  const lm_keypoints_data &data = data_of(self);
  return static_cast<py::ssize_t>(data.offsets[data.size]);
}

py::object extract_keypoints(const py::object &images, const py::object &max_points, const py::object &context,
                             py::object progress) {
  lm_hash_options options = LM_HASH_OPTIONS_INIT;
  options.keypoints = static_cast<std::uint32_t>(count_argument(max_points, "max_points", 65535));
  if (options.keypoints == 0) {
    throw py::value_error("max_points is 0: expected 1 to 65535");
  }
  const std::shared_ptr<lm_context> shared = context_argument(context);
  const images_argument arguments(images);
  lm_keypoints *made = nullptr;
  call_with_progress(std::move(progress), [&](const lm_progress *meter) {
    return lm_extract_keypoints(shared.get(), &options, arguments.data(), arguments.size(), meter, &made);
  });
  return py::cast(keypoints_object{made, owned_by_python(keypoints_handle(made))});
}

constexpr const char *keypoints_doc = R"(The keypoints of n images: corners, each with a code of what is around it.

Made by extract_keypoints and hash_files, taken by Index.add_keypoints. They tell far more of an image than its
code does: where its corners are and what surrounds them. Keep them from whoever may not hold the image.)";

constexpr const char *extract_keypoints_doc =
    R"(extract_keypoints(images, max_points=200, *, context=None, progress=None)
--

The keypoints of n decoded images, as an Index keeps them.

Args:
    images: as for hash_images.
    max_points: of each image, 1 to 65,535.
    context: a Context; None for the process's default one.
    progress: called as progress(done, total) in images; see hash_images.

Returns:
    Keypoints.)";

}  // namespace

void define_keypoints(py::module_ &module) {
  py::class_<keypoints_object> keypoints(module, "Keypoints", py::is_final(), keypoints_doc);
  keypoints.attr("__module__") = "libmatch";
  keypoints.def("__len__", [](const keypoints_object &self) { return data_of(self).size; })
      .def_property_readonly(
          "offsets",
          [](const keypoints_object &self) {
            return view(data_of(self).offsets, {signed_size(data_of(self).size + 1)}, self.owner);
          },
          "int64 [n + 1]: image i has points offsets[i] to offsets[i + 1] - 1, best first.")
      .def_property_readonly(
          "widths",
          [](const keypoints_object &self) {
            return view(data_of(self).widths, {signed_size(data_of(self).size)}, self.owner);
          },
          "uint16 [n]: of the plane that the points lie on, the image averaged down to 512 pixels.")
      .def_property_readonly(
          "heights",
          [](const keypoints_object &self) {
            return view(data_of(self).heights, {signed_size(data_of(self).size)}, self.owner);
          },
          "uint16 [n]: likewise.")
      .def_property_readonly(
          "points",
          [](const keypoints_object &self) {
            return read_only(py::array(point_type(), {points_of(self)}, {}, data_of(self).points, self.owner));
          },
          "[m] of x, y (1/16 pixels of the plane), scale (1/16 octaves) and angle (1/256 of a turn).")
      .def_property_readonly(
          "codes",
          [](const keypoints_object &self) {
            return view(data_of(self).codes, {points_of(self), 32}, self.owner);
          },
          "uint8 [m, 32].")
      .def("__repr__", [](const keypoints_object &self) {
        return "<libmatch.Keypoints images=" + std::to_string(data_of(self).size) +
               " points=" + std::to_string(points_of(self)) + '>';
      });
  module.def("extract_keypoints", &extract_keypoints, py::arg("images"), py::arg("max_points") = 200, py::kw_only(),
             py::arg("context") = py::none(), py::arg("progress") = py::none(), extract_keypoints_doc);
}

}  // namespace libmatch_python
