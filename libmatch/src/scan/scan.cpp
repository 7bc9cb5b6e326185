#include "scan/scan.h"

#include <chrono>
#include <exception>
#include <limits>
#include <new>
#include <span>
#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "hash/hasher.h"
#include "image/decode.h"
#include "scan/framed_hasher.h"
#include "scan/image_hasher.h"

namespace libmatch::detail {

namespace {

constexpr std::size_t read_size_bytes = std::size_t{1} << 18;

void digest_bytes(std::span<const std::uint8_t> bytes, const scan_request &request, scan_result &result) {
  for (std::size_t i = 0; i < request.digests.size(); ++i) {
    digester digest(request.digests[i]);
    digest.update(bytes.data(), bytes.size());
    digest.finish(result.digests[i].data());
  }
  result.readable = true;
}

// A digest needs no more memory than a part of the file, so files of any size have one.
void digest_file(const char *path, const scan_request &request, scan_result &result) {
  std::vector<std::unique_ptr<digester>> digests;
  digests.reserve(request.digests.size());
  for (const lm_hash hash : request.digests) {
    digests.push_back(std::make_unique<digester>(hash));
  }
  const file_descriptor file = file_descriptor::open_for_reading(path);
  std::vector<std::uint8_t> part(read_size_bytes);
  while (const std::size_t size = file.read(part.data(), part.size())) {
    for (const auto &digest : digests) {
      digest->update(part.data(), size);
    }
  }
  for (std::size_t i = 0; i < digests.size(); ++i) {
    digests[i]->finish(result.digests[i].data());
  }
  result.readable = true;
}

using clock = std::chrono::steady_clock;

// What is left of a file's time, for decoding it once more; 0: no limit.
std::uint32_t milliseconds_left(std::uint32_t max_milliseconds, clock::time_point start) {
  if (max_milliseconds == 0) {
    return 0;
  }
  const auto spent = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - start).count();
  return spent < max_milliseconds ? max_milliseconds - static_cast<std::uint32_t>(spent) : 1;
}

void hash_bytes(std::span<const std::uint8_t> bytes, const scan_request &request, const backend &device,
                scan_result &result) {
  const lm_hash_options &options = request.options;
  const clock::time_point start = clock::now();
  const bool first_only = options.max_images == 0;
  decode_options decoding{options.max_bytes, options.max_pixels, options.max_frames,
                          options.ignore_exif_orientation == 0};
  decoding.max_images = first_only ? 1 : std::numeric_limits<std::uint32_t>::max();
  decoding.max_milliseconds = options.max_milliseconds;
  const image_request wanted{options, first_only ? 1 : options.max_images, request.role};
  image_hasher hasher(wanted, device, result.images);
  std::exception_ptr failure;
  try {
    decode_images(bytes, decoding, hasher);
    if (hasher.has_left_out()) {
      fail(LM_ERROR_LIMIT, "more distinct images than the limit of ", options.max_images);
    }
  } catch (const std::exception &) {
    failure = std::current_exception();  // the images before it count, and what their borders frame
  }
  if (!hasher.framed().empty()) {
    decoding.max_milliseconds = milliseconds_left(options.max_milliseconds, start);
    framed_hasher second(options.orientations, hasher.framed(), device, result.images);
    decode_images(bytes, decoding, second);
    second.insert();
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
}

class direct_scanner final : public image_scanner {
 public:
  explicit direct_scanner(std::shared_ptr<const backend> device) : device_(std::move(device)) {}

  void scan_image(std::span<const std::uint8_t> bytes, const scan_request &request,
                  scan_result &result) const override {
    hash_bytes(bytes, request, *device_, result);
  }

 private:
  std::shared_ptr<const backend> device_;
};

void scan_bytes(std::span<const std::uint8_t> bytes, const scan_request &request, const image_scanner &images,
                scan_result &result) {
  digest_bytes(bytes, request, result);
  if (request.pixels) {
    images.scan_image(bytes, request, result);
  }
}

void scan_path(const char *path, const scan_request &request, const image_scanner &images, scan_result &result) {
  if (!request.pixels) {
    digest_file(path, request, result);
    return;
  }
  std::vector<std::uint8_t> bytes;
  try {
    bytes = read_file(path, request.options.max_bytes);
  } catch (const error &failure) {
    if (failure.status() == LM_ERROR_LIMIT && !request.digests.empty()) {
      digest_file(path, request, result);
    }
    throw;
  }
  scan_bytes(bytes, request, images, result);
}

void not_scanned(scan_result &result, lm_scan scan, const char *reason) {
  result.scan = scan;
  result.reason = reason;
}

}  // namespace

std::unique_ptr<const image_scanner> make_direct_scanner(std::shared_ptr<const backend> device) {
  return std::make_unique<direct_scanner>(std::move(device));
}

scan_result scan_file(const scan_source &source, const scan_request &request, const image_scanner &images) {
  scan_result result;
  result.digests.resize(request.digests.size());
  try {
    if (source.path != nullptr) {
      scan_path(source.path, request, images, result);
    } else {
      scan_bytes({static_cast<const std::uint8_t *>(source.buffer.data), source.buffer.size}, request, images,
                 result);
    }
  } catch (const scan_failure &failure) {
    not_scanned(result, failure.scan(), failure.what());
  } catch (const hasher_failure &failure) {
    not_scanned(result, LM_SCAN_NOT_HASHED, failure.what());
  } catch (const error &failure) {
    if (failure.status() != LM_ERROR_IO && failure.status() != LM_ERROR_LIMIT) {
      throw;
    }
    not_scanned(result, failure.status() == LM_ERROR_IO ? LM_SCAN_UNREADABLE : LM_SCAN_LIMIT, failure.what());
  } catch (const std::bad_alloc &) {
    not_scanned(result, LM_SCAN_LIMIT, "not enough memory to decode it");
  }
  return result;
}

std::vector<scan_result> scan_files(const std::vector<scan_source> &sources, const scan_request &request,
                                    const image_scanner &images, thread_pool &threads, const lm_progress *progress) {
  images.check(request);
  std::vector<scan_result> results(sources.size());
  progress_meter meter(progress, sources.size());
  threads.for_each(sources.size(), [&](std::size_t i) {
    results[i] = scan_file(sources[i], request, images);
    meter.add(1);
  });
  return results;
}

}  // namespace libmatch::detail
