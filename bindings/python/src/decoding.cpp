// Decoding, and the options of it that hashing shares.
#include "arguments.h"
#include "module.h"

namespace libmatch_python {

namespace {

lm_orientations orientations_argument(const std::string &name) {
  if (name == "plain") {
    return LM_ORIENTATIONS_PLAIN;
  }
  if (name == "derived") {
    return LM_ORIENTATIONS_DERIVED;
  }
  if (name == "sampled") {
    return LM_ORIENTATIONS_SAMPLED;
  }
  if (name == "true") {
    return LM_ORIENTATIONS_TRUE;
  }
  throw py::value_error("orientations is '" + name + "': expected 'plain', 'derived', 'sampled' or 'true'");
}

py::array decode(const py::object &data, bool ignore_exif_orientation, const py::object &max_bytes,
                 const py::object &max_pixels, const py::object &max_frames) {
  const lm_hash_options options =
      hash_options("pdq256", "plain", ignore_exif_orientation, {max_bytes, max_pixels, max_frames});
  const buffers_argument arguments(py::make_tuple(data));
  lm_decoded *decoded = nullptr;
  call([&] { return lm_decode(arguments.data(), &options, &decoded); });
  decoded_handle handle(decoded);
  const lm_image &image = lm_decoded_view(handle.get())->image;
  const py::capsule owner = owned_by_python(std::move(handle));
  const std::vector<py::ssize_t> shape{image.height, image.width, 3};
  const std::vector<py::ssize_t> strides{signed_size(image.stride_bytes), 3, 1};
  return read_only(py::array(py::dtype::of<std::uint8_t>(), shape, strides, image.pixels, owner));
}

std::string hash_profile(const std::string &hash, const std::string &orientations, bool ignore_exif_orientation) {
  const lm_hash_options options = hash_options(hash, orientations, ignore_exif_orientation, {});
  return lm_hash_profile(&options);
}

constexpr const char *decode_doc = R"(decode(data, *, ignore_exif_orientation=False, max_bytes=None, max_pixels=None,
    max_frames=None)
--

Decodes one encoded image (JPEG, PNG, WebP, GIF, BMP, TIFF, and HEIC or AVIF where libheif is installed;
recognised by content) as it is before hashing.

Args:
    data: a bytes-like object.
    ignore_exif_orientation: as stored instead of upright.
    max_bytes, max_pixels, max_frames: limits, as in hash_files.

Returns:
    uint8 [H, W, 3], RGB.

Raises:
    ValueError: of unknown format, damaged, or over a limit.
    NotImplementedError: a variety of a known format that is not decoded.)";

constexpr const char *hash_profile_doc = R"(hash_profile(hash='pdq256', *, orientations='plain',
    ignore_exif_orientation=False)
--

The name of what stands between file bytes and codes: decoder, scaling, orientation.

Codes of different profiles must not be compared: give it to the Index that holds them.)";

}  // namespace

lm_effort effort_argument(const std::string &name) {
  for (lm_effort effort = LM_EFFORT_FAST; lm_effort_name(effort) != nullptr; ++effort) {
    if (name == lm_effort_name(effort)) {
      return effort;
    }
  }
  throw py::value_error("effort is '" + name + "': expected 'fast', 'standard' or 'thorough'");
}

lm_hash_options hash_options(const std::string &hash, const std::string &orientations, bool ignore_exif_orientation,
                             const limit_arguments &limits) {
  lm_hash_options options = LM_HASH_OPTIONS_INIT;
  options.hash = hash_argument(hash);
  options.orientations = orientations_argument(orientations);
  options.ignore_exif_orientation = ignore_exif_orientation ? 1 : 0;
  if (!limits.max_bytes.is_none()) {
    options.max_bytes = count_argument(limits.max_bytes, "max_bytes", UINT64_MAX);
  }
  if (!limits.max_pixels.is_none()) {
    options.max_pixels = count_argument(limits.max_pixels, "max_pixels", UINT64_MAX);
  }
  if (!limits.max_frames.is_none()) {
    options.max_frames = count32_argument(limits.max_frames, "max_frames");
  }
  if (!limits.max_images.is_none()) {
    options.max_images = count32_argument(limits.max_images, "max_images");
  }
  if (!limits.max_milliseconds.is_none()) {
    options.max_milliseconds = count32_argument(limits.max_milliseconds, "max_milliseconds");
  }
  return options;
}

void define_decoding(py::module_ &module) {
  const py::arg_v upright = py::arg("ignore_exif_orientation") = false;
  module.def("decode", &decode, py::arg("data"), py::kw_only(), upright, py::arg("max_bytes") = py::none(),
             py::arg("max_pixels") = py::none(), py::arg("max_frames") = py::none(), decode_doc);
  module.def("hash_profile", &hash_profile, py::arg("hash") = "pdq256", py::kw_only(),
             py::arg("orientations") = "plain", upright, hash_profile_doc);
}

}  // namespace libmatch_python
