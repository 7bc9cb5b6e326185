// From uploads to verdicts.
#include "arguments.h"
#include "module.h"

namespace libmatch_python {

namespace {

// Uploads are hashed as the index's codes were, if the library computes that hash; the call refuses other codes.
lm_hash hash_of_images(lm_hash of_index) {
  return lm_hash_usual_distance(of_index) != 0 ? of_index : lm_hash{LM_HASH_PDQ256};
}

// The keyword arguments that both functions take.
struct match_arguments {
  match_arguments(const index_object &index, const std::string &effort, const py::object &max_distance,
                  const py::object &review_distance, const py::object &min_quality,
                  const lm_hash_options &hash_options, const py::object &hasher, const py::object &context)
      : plugin(hasher_argument(hasher)),
        hashing(hash_options),
        shared(context.is_none() ? index.context : context_argument(context)) {
    hashing.hash = hash_of_images(describe(index).hash);
    hashing.hasher = plugin.get();
    options.effort = effort_argument(effort);
    options.max_distance = !max_distance.is_none() ? count32_argument(max_distance, "max_distance")
                           : plugin                ? describe(*plugin).max_distance
                                                   : lm_hash_usual_distance(hashing.hash);
    if (!review_distance.is_none()) {
      options.review_distance =
          static_cast<std::uint32_t>(count_argument(review_distance, "review_distance", LM_REVIEW_AUTOMATIC - 1));
    }
    options.min_quality = static_cast<std::uint32_t>(count_argument(min_quality, "min_quality", 100));
    options.hash = &hashing;
  }
  match_arguments(const match_arguments &) = delete;
  match_arguments &operator=(const match_arguments &) = delete;

  std::shared_ptr<lm_hasher_handle> plugin;
  lm_hash_options hashing;
  std::shared_ptr<lm_context> shared;
  lm_match_options options = LM_MATCH_OPTIONS_INIT;
};

py::object match_files(const index_object &index, const py::object &paths, const std::string &effort,
                       const py::object &max_distance, const py::object &review_distance,
                       const py::object &min_quality, bool ignore_exif_orientation, const py::object &max_bytes,
                       const py::object &max_pixels, const py::object &max_frames, const py::object &max_images,
                       const py::object &max_milliseconds, const py::object &hasher, const py::object &context,
                       py::object progress) {
  const match_arguments common(index, effort, max_distance, review_distance, min_quality,
                               hash_options("pdq256", "plain", ignore_exif_orientation,
                                            {max_bytes, max_pixels, max_frames, max_images, max_milliseconds}),
                               hasher, context);
  const paths_argument files(paths);
  lm_verdicts *verdicts = nullptr;
  call_with_progress(std::move(progress), [&](const lm_progress *meter) {
    return lm_match_files(common.shared.get(), index.handle.get(), &common.options, files.data(), files.size(), meter,
                          &verdicts);
  });
  return verdicts_result(verdicts_handle(verdicts));
}

py::object match_buffers(const index_object &index, const py::object &buffers, const std::string &effort,
                         const py::object &max_distance, const py::object &review_distance,
                         const py::object &min_quality, bool ignore_exif_orientation, const py::object &max_bytes,
                         const py::object &max_pixels, const py::object &max_frames, const py::object &max_images,
                         const py::object &max_milliseconds, const py::object &hasher, const py::object &context,
                         py::object progress) {
  const match_arguments common(index, effort, max_distance, review_distance, min_quality,
                               hash_options("pdq256", "plain", ignore_exif_orientation,
                                            {max_bytes, max_pixels, max_frames, max_images, max_milliseconds}),
                               hasher, context);
  const buffers_argument uploads(buffers);
  lm_verdicts *verdicts = nullptr;
  call_with_progress(std::move(progress), [&](const lm_progress *meter) {
    return lm_match_buffers(common.shared.get(), index.handle.get(), &common.options, uploads.data(), uploads.size(),
                            meter, &verdicts);
  });
  return verdicts_result(verdicts_handle(verdicts));
}

py::object match_images(const index_object &index, const py::object &images, const std::string &effort,
                        const py::object &max_distance, const py::object &review_distance,
                        const py::object &min_quality, const py::object &max_pixels, const py::object &hasher,
                        const py::object &context, py::object progress) {
  const match_arguments common(
      index, effort, max_distance, review_distance, min_quality,
      hash_options("pdq256", "plain", false, {py::none(), max_pixels, py::none(), py::none(), py::none()}), hasher,
      context);
  const images_argument uploads(images);
  lm_verdicts *verdicts = nullptr;
  call_with_progress(std::move(progress), [&](const lm_progress *meter) {
    return lm_match_images(common.shared.get(), index.handle.get(), &common.options, uploads.data(), uploads.size(),
                           meter, &verdicts);
  });
  return verdicts_result(verdicts_handle(verdicts));
}

constexpr const char *match_files_doc = R"(match_files(index, paths, *, effort='standard', max_distance=None,
    review_distance=None, min_quality=50, ignore_exif_orientation=False, max_bytes=None, max_pixels=None,
    max_frames=None, max_images=None, max_milliseconds=None, hasher=None, context=None, progress=None)
--

Hashes n uploads and looks each up in the index: all codes of all its images by range search, its digests exactly.

Digests (of the kinds that the index holds) count whatever became of the image. An upload with an entry near enough
is a "match", or one for a person to "review". Otherwise it is "not_scanned" if any of it could not be decoded, which is
not the same as "no_match"; "low_quality" if all of it is too plain; else "no_match".

Args:
    index: an Index of codes of images, of this profile or of an unknown one. Uploads get the index's hash.
    paths: an iterable of n str, bytes or os.PathLike.
    effort: "fast" looks up the plain code; "standard" 16 codes, of the image turned and mirrored and of what
        its border frames; "thorough" parts of the image too, where the index holds keypoints. Of other hashes
        than "pdq256" there is the plain code only.
    max_distance: of a match, differing bits (or squared Euclidean), inclusive; None for what is usual for the hash:
        31 for "pdq256".
    review_distance: of a review, likewise; None for what suits the size of the list, 64 bits for a million
        codes of "pdq256", fewer for more, and no review for other hashes; 0 for none.
    min_quality: codes of images below it are not looked up.
    ignore_exif_orientation, max_bytes, max_pixels, max_frames, max_images, max_milliseconds: as in hash_files.
    hasher: the Hasher that made the index's codes, where they are a plug-in's.
    context: a Context; None for the index's.
    progress: called as progress(done, total) in uploads; see hash_images.

Returns:
    Verdicts(verdicts, quality, scans, reasons, offsets, hashes, ids, distances, labels): upload i owns
    matches offsets[i] to offsets[i + 1] - 1, best first. Its attribute details says what each match rests
    on, and uploads has it all as one object an upload.)";

constexpr const char *match_buffers_doc = R"(match_buffers(index, buffers, *, effort='standard', max_distance=None,
    review_distance=None, min_quality=50, ignore_exif_orientation=False, max_bytes=None, max_pixels=None,
    max_frames=None, max_images=None, max_milliseconds=None, hasher=None, context=None, progress=None)
--

Looks n uploads in memory up in the index.

Args:
    buffers: an iterable of n bytes-like objects, each the content of a file; not copied.

The other arguments and the result are those of match_files.)";

constexpr const char *match_images_doc = R"(match_images(index, images, *, effort='standard', max_distance=None,
    review_distance=None, min_quality=50, max_pixels=None, hasher=None, context=None, progress=None)
--

Looks n images of pixels up in the index, as files of the same pixels would be. There are no digests of pixels.

Args:
    images: an iterable of n arrays, as for hash_images.

The other arguments and the result are those of match_files.)";

}  // namespace

void define_matching(py::module_ &module) {
  const py::arg_v standard = py::arg("effort") = "standard";
  const py::arg_v distance = py::arg("max_distance") = py::none();
  const py::arg_v review = py::arg("review_distance") = py::none();
  const py::arg_v quality = py::arg("min_quality") = 50;
  const py::arg_v upright = py::arg("ignore_exif_orientation") = false;
  const py::arg_v default_bytes = py::arg("max_bytes") = py::none();
  const py::arg_v default_pixels = py::arg("max_pixels") = py::none();
  const py::arg_v default_frames = py::arg("max_frames") = py::none();
  const py::arg_v default_images = py::arg("max_images") = py::none();
  const py::arg_v default_milliseconds = py::arg("max_milliseconds") = py::none();
  const py::arg_v no_hasher = py::arg("hasher") = py::none();
  const py::arg_v no_context = py::arg("context") = py::none();
  const py::arg_v no_progress = py::arg("progress") = py::none();
  module.def("match_files", &match_files, py::arg("index"), py::arg("paths"), py::kw_only(), standard, distance,
             review, quality, upright, default_bytes, default_pixels, default_frames, default_images,
             default_milliseconds, no_hasher, no_context, no_progress, match_files_doc);
  module.def("match_buffers", &match_buffers, py::arg("index"), py::arg("buffers"), py::kw_only(), standard, distance,
             review, quality, upright, default_bytes, default_pixels, default_frames, default_images,
             default_milliseconds, no_hasher, no_context, no_progress, match_buffers_doc);
  module.def("match_images", &match_images, py::arg("index"), py::arg("images"), py::kw_only(), standard, distance,
             review, quality, default_pixels, no_hasher, no_context, no_progress, match_images_doc);
}

}  // namespace libmatch_python
