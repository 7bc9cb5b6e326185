// Hashing of pixels and files, digests, distances.
#include "arguments.h"
#include "module.h"

namespace libmatch_python {

namespace {

py::tuple hash_images(const py::object &images, const std::string &hash, const std::string &orientations,
                      const py::object &context, py::object progress) {
  const lm_hash_options options = hash_options(hash, orientations, false, {});
  const std::shared_ptr<lm_context> shared = context_argument(context);
  const images_argument arguments(images);
  const py::ssize_t n = signed_size(arguments.size());
  std::vector<py::ssize_t> shape{n, py::ssize_t{lm_hash_bits(options.hash) / 8}};
  if (options.orientations != LM_ORIENTATIONS_PLAIN) {
    shape.insert(shape.begin() + 1, 8);
  }
  py::array_t<std::uint8_t> codes(shape);
  py::array_t<std::uint8_t> quality(n);
  std::uint8_t *const codes_out = codes.mutable_data();
  std::uint8_t *const quality_out = quality.mutable_data();
  call_with_progress(std::move(progress), [&](const lm_progress *meter) {
    return lm_hash_images(shared.get(), &options, arguments.data(), arguments.size(), meter, codes_out, quality_out);
  });
  return py::make_tuple(read_only(codes), read_only(quality));
}

py::object hash_paths(const lm_hash_options &options, const py::object &paths, const py::object &context,
                      py::object progress) {
  const std::shared_ptr<lm_context> shared = context_argument(context);
  const paths_argument arguments(paths);
  lm_hashes *hashes = nullptr;
  call_with_progress(std::move(progress), [&](const lm_progress *meter) {
    return lm_hash_files(shared.get(), &options, arguments.data(), arguments.size(), meter, &hashes);
  });
  return hashes_result(hashes_handle(hashes));
}

constexpr std::uint32_t usual_keypoints = 200;

// What an effort asks of each image beside the plain code.
void set_effort(const std::string &name, lm_hash_options &options) {
  const lm_effort effort = effort_argument(name);
  if (options.orientations != LM_ORIENTATIONS_PLAIN) {
    throw py::value_error("orientations and effort are both given: the effort says which codes there are");
  }
  if (effort != LM_EFFORT_FAST) {
    options.orientations = LM_ORIENTATIONS_SAMPLED;
    options.trim_borders = 1;
  }
  if (effort == LM_EFFORT_THOROUGH) {
    options.keypoints = usual_keypoints;
  }
}

lm_hash_options file_options(const std::string &hash, const std::string &orientations,
                             const std::optional<std::string> &effort, const py::object &keypoints,
                             bool ignore_exif_orientation, const limit_arguments &limits) {
  lm_hash_options options = hash_options(hash, orientations, ignore_exif_orientation, limits);
  if (effort) {
    set_effort(*effort, options);
  }
  if (!keypoints.is_none()) {
    options.keypoints = static_cast<std::uint32_t>(count_argument(keypoints, "keypoints", 65535));
  }
  return options;
}

py::object hash_files(const py::object &paths, const std::string &hash, const std::string &orientations,
                      const std::optional<std::string> &effort, const py::object &keypoints,
                      bool ignore_exif_orientation, const py::object &max_bytes, const py::object &max_pixels,
                      const py::object &max_frames, const py::object &max_images, const py::object &max_milliseconds,
                      const py::object &context, py::object progress) {
  return hash_paths(file_options(hash, orientations, effort, keypoints, ignore_exif_orientation,
                                 {max_bytes, max_pixels, max_frames, max_images, max_milliseconds}),
                    paths, context, std::move(progress));
}

py::object digest_files(const py::object &paths, const std::string &hash, const py::object &context,
                        py::object progress) {
  lm_hash_options options = LM_HASH_OPTIONS_INIT;
  options.hash = digest_argument(hash);
  return hash_paths(options, paths, context, std::move(progress));
}

py::object hash_buffers(const py::object &buffers, const std::string &hash, const std::string &orientations,
                        const std::optional<std::string> &effort, const py::object &keypoints,
                        bool ignore_exif_orientation, const py::object &max_bytes, const py::object &max_pixels,
                        const py::object &max_frames, const py::object &max_images,
                        const py::object &max_milliseconds, const py::object &context, py::object progress) {
  const lm_hash_options options = file_options(hash, orientations, effort, keypoints, ignore_exif_orientation,
                                               {max_bytes, max_pixels, max_frames, max_images, max_milliseconds});
  const std::shared_ptr<lm_context> shared = context_argument(context);
  const buffers_argument arguments(buffers);
  lm_hashes *hashes = nullptr;
  call_with_progress(std::move(progress), [&](const lm_progress *meter) {
    return lm_hash_buffers(shared.get(), &options, arguments.data(), arguments.size(), meter, &hashes);
  });
  return hashes_result(hashes_handle(hashes));
}

py::array distances(const py::object &queries, const py::object &codes, const std::string &hash,
                    const py::object &context) {
  const std::shared_ptr<lm_context> shared = context_argument(context);
  const lm_hash kind = hash_argument(hash);
  const auto rows = codes_of_any_width(queries, "queries", kind);
  const auto columns = codes_argument(codes, "codes", static_cast<std::size_t>(rows.shape(1)));
  py::array_t<std::uint32_t> result({rows.shape(0), columns.shape(0)});
  const auto bits = static_cast<std::uint32_t>(rows.shape(1) * 8);
  const auto n_rows = static_cast<std::size_t>(rows.shape(0));
  const auto n_columns = static_cast<std::size_t>(columns.shape(0));
  std::uint32_t *const out = result.mutable_data();
  call([&] { return lm_distances(shared.get(), kind, bits, rows.data(), n_rows, columns.data(), n_columns, out); });
  return read_only(result);
}

constexpr const char *hash_images_doc = R"(hash_images(images, hash='pdq256', *, orientations='plain',
    context=None, progress=None)
--

Hashes n decoded images.

Args:
    images: an iterable of n uint8 arrays, each (H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA (alpha is
        laid over white), or one array of four dimensions. Any strides: rows of packed pixels are read
        where they are, other layouts are copied.
    hash: "pdq256".
    orientations: "plain" for one code an image; "derived" for eight codes from one DCT (cheap, 8 to 10
        bits from exact), "sampled" for eight from one filtered plane (nearly as cheap, seldom
        any bit from exact) or "true" for eight of the image really turned, in the order plain, rotate90,
        rotate180, rotate270, flip_x, flip_y, flip_plus1, flip_minus1.
    context: a Context; None for the process's default one.
    progress: called now and then, perhaps from another thread, as progress(done, total) in images; an
        exception from it ends the call and is raised.

Returns:
    (codes, quality): uint8 [n, 32], or [n, 8, 32] for eight orientations, and uint8 [n], 0 to 100;
    below 50 a code means nothing.)";

constexpr const char *hash_files_doc = R"(hash_files(paths, hash='pdq256', *, orientations='plain',
    effort=None, keypoints=None, ignore_exif_orientation=False, max_bytes=None, max_pixels=None, max_frames=None,
    max_images=None, max_milliseconds=None, context=None, progress=None)
--

Decodes and hashes n files. A file that cannot be scanned raises nothing: its place in the result says so.

Args:
    paths: an iterable of n str, bytes or os.PathLike.
    hash: "pdq256", or "md5", "sha1", "sha256" for digests of the files' bytes.
    orientations: "plain", "derived", "sampled" or "true"; see hash_images.
    effort: the codes that match_files looks an upload up by: "fast" for the plain one, "standard" for
        eight orientations of each image and of what its border frames, "thorough" for 200 keypoints too.
        None for what orientations says.
    keypoints: how many points are kept of each image, up to 65,535; None for none, or what effort says.
        They tell far more of an image than its code does.
    ignore_exif_orientation: hash images as stored instead of upright.
    max_bytes, max_pixels, max_frames: limits of one file, checked before memory is taken; None for
        2**28, 100 million and 10,000. Digests have none.
    max_images: distinct images of one file that are kept; a file of more is "limit" and keeps the first so
        many. None for 64; 0 for the first image, and no other is looked at.
    max_milliseconds: of one file; None for 60,000, 0 for no limit.
    context: a Context; None for the process's default one.
    progress: called as progress(done, total) in files; see hash_images.

Returns:
    Hashes(codes, quality, scans, reasons): codes uint8 [n, size] or [n, 8, size] and quality uint8 [n], of
    each file's first image; scans and reasons n str each. Its attribute images has all images of all
    files, and keypoints their keypoints.)";

constexpr const char *hash_buffers_doc = R"(hash_buffers(buffers, hash='pdq256', *, orientations='plain',
    effort=None, keypoints=None, ignore_exif_orientation=False, max_bytes=None, max_pixels=None, max_frames=None,
    max_images=None, max_milliseconds=None, context=None, progress=None)
--

Decodes and hashes n encoded images in memory.

Args:
    buffers: an iterable of n bytes-like objects, each the content of a file; not copied.

The other arguments and the result are those of hash_files.)";

constexpr const char *digest_files_doc = R"(digest_files(paths, hash='sha256', *, context=None, progress=None)
--

Digests of the bytes of n files of any size and kind.

Args:
    paths: an iterable of n str, bytes or os.PathLike.
    hash: "md5", "sha1" or "sha256".
    context: a Context; None for the process's default one.
    progress: called as progress(done, total) in files; see hash_images.

Returns:
    Hashes(codes, quality, scans, reasons): codes uint8 [n, 16], [n, 20] or [n, 32]; quality is 0; a file
    that cannot be read has zeros and the scan "unreadable".)";

constexpr const char *distances_doc = R"(distances(queries, codes, *, hash='code', context=None)
--

All distances: the numbers of bits in which codes differ, or squared Euclidean distances of vectors.

Args:
    queries: uint8 [n, size], size a multiple of 8 up to 256, or from 16 to 1024 for "vector8".
    codes: uint8 [m, size].
    hash: "code" or "pdq256" to count bits, "vector8" for vectors of unsigned bytes.
    context: a Context; None for the process's default one.

Returns:
    uint32 [n, m].)";

}  // namespace

void define_hashing(py::module_ &module) {
  const py::arg_v no_context = py::arg("context") = py::none();
  const py::arg_v no_progress = py::arg("progress") = py::none();
  const py::arg_v plain = py::arg("orientations") = "plain";
  const py::arg_v upright = py::arg("ignore_exif_orientation") = false;
  const py::arg_v default_bytes = py::arg("max_bytes") = py::none();
  const py::arg_v default_pixels = py::arg("max_pixels") = py::none();
  const py::arg_v default_frames = py::arg("max_frames") = py::none();
  const py::arg_v default_images = py::arg("max_images") = py::none();
  const py::arg_v default_milliseconds = py::arg("max_milliseconds") = py::none();
  const py::arg_v no_effort = py::arg("effort") = py::none();
  const py::arg_v no_keypoints = py::arg("keypoints") = py::none();
  module.def("hash_images", &hash_images, py::arg("images"), py::arg("hash") = "pdq256", py::kw_only(), plain,
             no_context, no_progress, hash_images_doc);
  module.def("hash_files", &hash_files, py::arg("paths"), py::arg("hash") = "pdq256", py::kw_only(), plain, no_effort,
             no_keypoints, upright, default_bytes, default_pixels, default_frames, default_images,
             default_milliseconds, no_context, no_progress, hash_files_doc);
  module.def("hash_buffers", &hash_buffers, py::arg("buffers"), py::arg("hash") = "pdq256", py::kw_only(), plain,
             no_effort, no_keypoints, upright, default_bytes, default_pixels, default_frames, default_images,
             default_milliseconds, no_context, no_progress, hash_buffers_doc);
  module.def("digest_files", &digest_files, py::arg("paths"), py::arg("hash") = "sha256", py::kw_only(), no_context,
             no_progress, digest_files_doc);
  module.def("distances", &distances, py::arg("queries"), py::arg("codes"), py::kw_only(), py::arg("hash") = "code",
             no_context, distances_doc);
}

}  // namespace libmatch_python
