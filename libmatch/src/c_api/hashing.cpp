// Hashes, pixels and files.
#include <array>
#include <cstring>

#include "c_api/guard.h"
#include "c_api/handles.h"
#include "core/aligned_vector.h"
#include "core/hashes.h"
#include "image/decode.h"
#include "index/bit_order.h"

struct lm_hashes {
  std::vector<uint8_t> codes;
  std::vector<uint8_t> quality;
  std::vector<lm_scan> scans;
  std::vector<std::string> reasons;
  std::vector<const char *> reason_texts;
  std::vector<int64_t> image_offsets{0};
  std::vector<uint32_t> image_frames;
  std::vector<uint8_t> image_codes;
  std::vector<uint8_t> image_quality;
  std::vector<uint8_t> image_trimmed;
  std::unique_ptr<lm_keypoints> keypoints;  // of the images; null where none were asked for
  lm_hashes_data data;
};

struct lm_decoded {
  libmatch::detail::decoded_image image;
  lm_decoded_data data;
};

namespace libmatch::detail {

namespace {

constexpr const char *profile_upright = "libmatch-1";
constexpr const char *profile_as_stored = "libmatch-1-stored-orientation";

constexpr std::uint32_t max_keypoints = 65535;

constexpr std::array orientation_names{"plain",  "rotate90", "rotate180",  "rotate270",
                                       "flip_x", "flip_y",   "flip_plus1", "flip_minus1"};

std::size_t codes_each(lm_orientations orientations) {
  return orientations == LM_ORIENTATIONS_PLAIN ? 1 : orientation_names.size();
}

std::size_t bytes_of_pixel(lm_pixel_format format) {
  switch (format) {
    case LM_PIXEL_GRAY8:
      return 1;
    case LM_PIXEL_RGB8:
      return 3;
    case LM_PIXEL_RGBA8:
      return 4;
    default:
      return 0;
  }
}

void require_image(const lm_image &image, std::uint64_t max_pixels, std::size_t i) {
  const std::size_t pixel = bytes_of_pixel(image.format);
  const char *wrong = image.pixels == nullptr                    ? "pixels is NULL"
                      : image.width == 0 || image.height == 0    ? "width or height is 0"
                      : pixel == 0                               ? "format is unknown"
                      : image.stride_bytes / pixel < image.width ? "stride_bytes is less than a row"
                                                                 : nullptr;
  if (wrong != nullptr) {
    fail(LM_ERROR_INVALID_ARGUMENT, "images[", i, "]: ", wrong);
  }
  if (std::uint64_t{image.width} * image.height > max_pixels) {
    fail(LM_ERROR_LIMIT, "images[", i, "]: ", image.width, " x ", image.height, " is over the limit of ", max_pixels,
         " pixels");
  }
}

scan_request request_for(const lm_hash_options &options) {
  scan_request request;
  request.options = options;
  request.pdq = options.hash == LM_HASH_PDQ256;
  if (!request.pdq) {
    request.digests.push_back(options.hash);
  }
  return request;
}

void append_images(const scan_result &result, lm_hashes &hashes) {
  for (const scanned_image &image : result.images) {
    hashes.image_frames.push_back(image.frame);
    hashes.image_codes.insert(hashes.image_codes.end(), image.codes.begin(), image.codes.end());
    hashes.image_quality.push_back(image.quality);
    hashes.image_trimmed.push_back(image.trimmed ? 1 : 0);
  }
  hashes.image_offsets.push_back(static_cast<std::int64_t>(hashes.image_frames.size()));
}

// The code of the file as a whole: its digest, or that of its first image; zeros where it has none.
void append_codes(const scan_result &result, std::size_t size, std::vector<std::uint8_t> &codes) {
  if (!result.digests.empty()) {
    codes.insert(codes.end(), result.digests.front().data(), result.digests.front().data() + size);
  } else if (result.images.empty()) {
    codes.resize(codes.size() + size);
  } else {
    const std::vector<std::uint8_t> &first = result.images.front().codes;
    codes.insert(codes.end(), first.begin(), first.end());
  }
}

std::unique_ptr<lm_hashes> to_hashes(std::vector<scan_result> results, const lm_hash_options &options) {
  const std::size_t each = codes_each(options.orientations);
  const std::size_t code_size = lm_hash_bits(options.hash) / 8;
  auto hashes = std::make_unique<lm_hashes>();
  hashes->codes.reserve(results.size() * each * code_size);
  std::vector<keypoint_set> sets;
  for (scan_result &result : results) {
    for (scanned_image &image : result.images) {
      sets.push_back(std::move(image.keypoints));
    }
    append_codes(result, each * code_size, hashes->codes);
    append_images(result, *hashes);
    hashes->quality.push_back(result.images.empty() ? std::uint8_t{0} : result.images.front().quality);
    hashes->scans.push_back(result.scan);
    hashes->reasons.push_back(std::move(result.reason));
  }
  if (options.keypoints != 0) {
    hashes->keypoints = to_keypoints(std::move(sets));
  }
  for (const std::string &reason : hashes->reasons) {
    hashes->reason_texts.push_back(reason.c_str());
  }
  hashes->data = {results.size(),
                  each,
                  code_size,
                  hashes->codes.data(),
                  hashes->quality.data(),
                  hashes->scans.data(),
                  hashes->reason_texts.data(),
                  hashes->image_frames.size(),
                  hashes->image_offsets.data(),
                  hashes->image_frames.data(),
                  hashes->image_codes.data(),
                  hashes->image_quality.data(),
                  hashes->image_trimmed.data()};
  return hashes;
}

lm_hashes *hash_sources(lm_context *context, const lm_hash_options *options, const std::vector<scan_source> &sources,
                        const lm_progress *progress) {
  const lm_hash_options checked = checked_hash_options(options);
  std::vector<scan_result> results =
      scan_files(sources, request_for(checked), *context->device, *context->threads, progress);
  return to_hashes(std::move(results), checked).release();
}

// A failure to decode a single image is the call's own.
lm_status status_of(lm_scan scan) {
  switch (scan) {
    case LM_SCAN_UNSUPPORTED:
      return LM_ERROR_UNSUPPORTED;
    case LM_SCAN_LIMIT:
      return LM_ERROR_LIMIT;
    default:
      return LM_ERROR_FORMAT;
  }
}

}  // namespace

void require_images(const lm_image *images, std::size_t n, std::uint64_t max_pixels) {
  require_array(images, n, "images");
  for (std::size_t i = 0; i < n; ++i) {
    require_image(images[i], max_pixels, i);
  }
}

lm_hash_options checked_hash_options(const lm_hash_options *options) {
  lm_hash_options unset = LM_HASH_OPTIONS_INIT;
  if (options != nullptr) {  // what a program means that does not know these: the first image, however long it takes
    unset.max_images = 0;
    unset.max_milliseconds = 0;
  }
  const lm_hash_options result = read_options(options, unset, "options");
  const hash_description *hash = describe(result.hash);
  require(hash != nullptr && hash->bits != 0, "options->hash", "not a hash that libmatch computes");
  require(result.orientations >= LM_ORIENTATIONS_PLAIN && result.orientations <= LM_ORIENTATIONS_SAMPLED,
          "options->orientations", "unknown value");
  require(result.orientations == LM_ORIENTATIONS_PLAIN || !hash->is_digest, "options->orientations",
          "a digest knows only LM_ORIENTATIONS_PLAIN");
  require(result.keypoints <= max_keypoints, "options->keypoints", "more than 65535");
  require(result.keypoints == 0 || !hash->is_digest, "options->keypoints", "a digest has none");
  require(result.trim_borders == 0 || !hash->is_digest, "options->trim_borders", "a digest knows no borders");
  require(result.trim_borders == 0 || result.orientations != LM_ORIENTATIONS_TRUE, "options->trim_borders",
          "not with LM_ORIENTATIONS_TRUE; LM_ORIENTATIONS_SAMPLED is nearly as exact");
  return result;
}

}  // namespace libmatch::detail

using namespace libmatch::detail;

const char *lm_hash_name(lm_hash hash) {
  const hash_description *description = describe(hash);
  return description != nullptr ? description->name : nullptr;
}

lm_status lm_hash_from_name(const char *name, lm_hash *out_hash) {
  return guarded([&] {
    require_handle(name, "name");
    require_handle(out_hash, "out_hash");
    std::string names;
    for (const hash_description &description : all_hashes()) {
      if (std::strcmp(name, description.name) == 0) {
        *out_hash = description.hash;
        return;
      }
      names += (names.empty() ? "" : ", ") + std::string(description.name);
    }
    fail(LM_ERROR_INVALID_ARGUMENT, "hash \"", name, "\" is unknown; there are ", names);
  });
}

uint32_t lm_hash_bits(lm_hash hash) {
  const hash_description *description = describe(hash);
  return description != nullptr ? description->bits : 0;
}

const char *lm_orientation_name(int32_t orientation) {
  const auto i = static_cast<std::size_t>(orientation);
  return orientation >= 0 && i < orientation_names.size() ? orientation_names[i] : nullptr;
}

const char *lm_scan_name(lm_scan scan) {
  constexpr std::array names{"ok", "unknown_format", "unsupported", "damaged", "limit", "unreadable"};
  const auto i = static_cast<std::size_t>(scan);
  return scan >= 0 && i < names.size() ? names[i] : nullptr;
}

const char *lm_hash_profile(const lm_hash_options *options) {
  const char *profile = nullptr;
  guarded([&] {
    const bool as_stored = checked_hash_options(options).ignore_exif_orientation != 0;
    profile = as_stored ? profile_as_stored : profile_upright;
  });
  return profile;
}

lm_status lm_hash_images(lm_context *context, const lm_hash_options *options, const lm_image *images, size_t n,
                         const lm_progress *progress, uint8_t *codes, uint8_t *quality) {
  return guarded([&] {
    require_handle(context, "context");
    require_array(codes, n, "codes");
    const lm_hash_options checked = checked_hash_options(options);
    require(checked.hash == LM_HASH_PDQ256, "options->hash", "pixels have no digest; only files do");
    require(checked.trim_borders == 0, "options->trim_borders", "there is room for the codes of whole images only");
    require(checked.keypoints == 0, "options->keypoints", "lm_extract_keypoints gives those of pixels");
    require_images(images, n, checked.max_pixels);
    const std::size_t each = codes_each(checked.orientations);
    progress_meter meter(progress, n);
    context->threads->for_each(n, [&](std::size_t i) {
      const pdq_result result = context->device->hash_pdq(images[i], checked.orientations);
      std::memcpy(codes + i * each * pdq_code_size_bytes, result.codes.data(), each * pdq_code_size_bytes);
      if (quality != nullptr) {
        quality[i] = result.quality;
      }
      meter.add(1);
    });
  });
}

lm_status lm_hash_buffers(lm_context *context, const lm_hash_options *options, const lm_buffer *buffers, size_t n,
                          const lm_progress *progress, lm_hashes **out_hashes) {
  return guarded([&] {
    require_handle(context, "context");
    require_handle(out_hashes, "out_hashes");
    *out_hashes = hash_sources(context, options, sources_of_buffers(buffers, n), progress);
  });
}

lm_status lm_hash_files(lm_context *context, const lm_hash_options *options, const char *const *paths, size_t n,
                        const lm_progress *progress, lm_hashes **out_hashes) {
  return guarded([&] {
    require_handle(context, "context");
    require_handle(out_hashes, "out_hashes");
    *out_hashes = hash_sources(context, options, sources_of_paths(paths, n), progress);
  });
}

const lm_hashes_data *lm_hashes_view(const lm_hashes *hashes) { return hashes != nullptr ? &hashes->data : nullptr; }

const lm_keypoints *lm_hashes_keypoints(const lm_hashes *hashes) {
  return hashes != nullptr ? hashes->keypoints.get() : nullptr;
}

void lm_hashes_free(lm_hashes *hashes) { delete hashes; }

lm_status lm_decode(const lm_buffer *buffer, const lm_hash_options *options, lm_decoded **out_decoded) {
  return guarded([&] {
    require_handle(buffer, "buffer");
    require_array(buffer->data, buffer->size, "buffer->data");
    require_handle(out_decoded, "out_decoded");
    const lm_hash_options checked = checked_hash_options(options);
    auto decoded = std::make_unique<lm_decoded>();
    try {
      decoded->image =
          decode({static_cast<const std::uint8_t *>(buffer->data), buffer->size},
                 {checked.max_bytes, checked.max_pixels, checked.max_frames, checked.ignore_exif_orientation == 0});
    } catch (const scan_failure &failure) {
      fail(status_of(failure.scan()), failure.what());
    }
    const decoded_image &image = decoded->image;
    decoded->data = {image.view(), image.format, image.frames, image.exif_orientation};
    *out_decoded = decoded.release();
  });
}

const lm_decoded_data *lm_decoded_view(const lm_decoded *decoded) {
  return decoded != nullptr ? &decoded->data : nullptr;
}

void lm_decoded_free(lm_decoded *decoded) { delete decoded; }

lm_status lm_distances(lm_context *context, lm_hash hash, uint32_t bits, const uint8_t *queries, size_t n_queries,
                       const uint8_t *codes, size_t n_codes, uint32_t *out_distances) {
  return guarded([&] {
    require_handle(context, "context");
    const hash_description &kind = checked_code_hash(hash, bits);
    require_array(queries, n_queries, "queries");
    require_array(codes, n_codes, "codes");
    if (n_queries == 0 || n_codes == 0) {
      return;
    }
    require_handle(out_distances, "out_distances");
    const std::uint32_t words = (bits + 63) / 64;
    aligned_vector<std::uint64_t> query_rows(n_queries * words);
    aligned_vector<std::uint64_t> code_rows(n_codes * words);
    pack_rows(queries, n_queries, hash, bits, query_rows.data());
    pack_rows(codes, n_codes, hash, bits, code_rows.data());
    context->device->distances({query_rows.data(), n_queries, words, kind.compared_by}, code_rows.data(), n_codes,
                               out_distances, *context->threads);
  });
}
