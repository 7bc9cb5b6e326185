#include "isolation/messages.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>

#include "hash/frame_signature.h"
#include "scan/pixels.h"

namespace libmatch::detail {

namespace {

constexpr std::size_t max_reason_size_bytes = 500;
constexpr std::uint8_t max_quality = 100;
constexpr std::size_t max_view_pixels = std::size_t{frame_view_side} * frame_view_side;

// Of one code, or of eight.
std::size_t codes_size_bytes(const lm_hash_options &options) noexcept {
  return (options.orientations == LM_ORIENTATIONS_PLAIN ? 1 : 8) * std::size_t{hash_of(options).bits / 8};
}

std::size_t max_images(const lm_hash_options &options) {
  return std::max<std::size_t>(options.max_images, 1) * (options.trim_borders != 0 ? 2 : 1);
}

class byte_writer {
 public:
  template <typename Value>
  void put(const Value &value) {
    static_assert(std::is_trivially_copyable_v<Value>);
    const auto *begin = reinterpret_cast<const std::uint8_t *>(&value);
    bytes_.insert(bytes_.end(), begin, begin + sizeof(value));
  }
  // A string or a vector: how many, then the values.
  template <typename Array>
  void put_array(const Array &values) {
    static_assert(std::is_trivially_copyable_v<typename Array::value_type>);
    put(static_cast<std::uint32_t>(values.size()));
    const auto *begin = reinterpret_cast<const std::uint8_t *>(values.data());
    bytes_.insert(bytes_.end(), begin, begin + values.size() * sizeof(typename Array::value_type));
  }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

// Once more is asked for than there is, everything that it gives is zero and complete() is false.
class byte_reader {
 public:
  explicit byte_reader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  template <typename Value>
  Value get() {
    static_assert(std::is_trivially_copyable_v<Value>);
    Value value{};
    if (const std::span<const std::uint8_t> from = next(sizeof(value)); !from.empty()) {
      std::memcpy(&value, from.data(), sizeof(value));
    }
    return value;
  }
  // False when there are more than max_size of them, or fewer than it says: memory is taken for what is there.
  template <typename Array>
  bool get_array(Array &values, std::size_t max_size) {
    static_assert(std::is_trivially_copyable_v<typename Array::value_type>);
    const auto size = get<std::uint32_t>();
    failed_ = failed_ || size > max_size;
    const std::span<const std::uint8_t> from =
        failed_ ? std::span<const std::uint8_t>() : next(size * sizeof(typename Array::value_type));
    if (!failed_) {
      values.resize(size);
      std::copy(from.begin(), from.end(), reinterpret_cast<std::uint8_t *>(values.data()));
    }
    return !failed_;
  }
  // All was there, and nothing is left over.
  bool complete() const noexcept { return !failed_ && bytes_.empty(); }

 private:
  std::span<const std::uint8_t> next(std::size_t size) {
    failed_ = failed_ || size > bytes_.size();
    if (failed_) {
      return {};
    }
    const std::span<const std::uint8_t> from = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return from;
  }

  std::span<const std::uint8_t> bytes_;
  bool failed_ = false;
};

void put_keypoints(const keypoint_set &keypoints, byte_writer &writer) {
  writer.put(keypoints.width);
  writer.put(keypoints.height);
  writer.put_array(keypoints.points);
  writer.put_array(keypoints.codes);
  writer.put_array(keypoints.signature);
  writer.put(keypoints.view.width);
  writer.put(keypoints.view.height);
  writer.put_array(keypoints.view.pixels);
}

bool get_keypoints(byte_reader &reader, std::size_t max_points, keypoint_set &keypoints) {
  keypoints.width = reader.get<std::uint16_t>();
  keypoints.height = reader.get<std::uint16_t>();
  if (!reader.get_array(keypoints.points, max_points) ||
      !reader.get_array(keypoints.codes, max_points * keypoint_code_words) ||
      !reader.get_array(keypoints.signature, frame_signature_size_bytes)) {
    return false;
  }
  keypoints.view.width = reader.get<std::uint32_t>();
  keypoints.view.height = reader.get<std::uint32_t>();
  return reader.get_array(keypoints.view.pixels, max_view_pixels);
}

bool is_empty(const keypoint_set &keypoints) {
  return keypoints.width == 0 && keypoints.height == 0 && keypoints.points.empty() && keypoints.codes.empty() &&
         keypoints.signature.empty() && keypoints.view.width == 0 && keypoints.view.height == 0 &&
         keypoints.view.pixels.empty();
}

// As extract_keypoints makes a set for that role, on a plane of that image.
bool holds_together(const keypoint_set &keypoints, keypoint_role role, const scanned_image &image) {
  const bool is_query = role == keypoint_role::query;
  const plane_size plane =
      reduced_size(image.width, image.height, is_query ? query_plane_side : reference_plane_side);
  const plane_size view = reduced_size(keypoints.width, keypoints.height, frame_view_side);
  return keypoints.width == plane.width && keypoints.height == plane.height &&
         keypoints.codes.size() == keypoints.points.size() * keypoint_code_words &&
         std::all_of(keypoints.points.begin(), keypoints.points.end(),
                     [&](const keypoint &point) {
                       return point.x < keypoints.width * 16U && point.y < keypoints.height * 16U;
                     }) &&
         keypoints.signature.size() == (is_query ? 0 : frame_signature_size_bytes) &&
         keypoints.view.width == (is_query ? view.width : 0) &&
         keypoints.view.height == (is_query ? view.height : 0) &&
         keypoints.view.pixels.size() == std::size_t{keypoints.view.width} * keypoints.view.height;
}

void put_image(const scanned_image &image, byte_writer &writer) {
  writer.put(image.frame);
  writer.put(static_cast<std::uint8_t>(image.trimmed ? 1 : 0));
  writer.put(image.width);
  writer.put(image.height);
  writer.put(image.part);
  writer.put(image.quality);
  writer.put_array(image.codes);
  put_keypoints(image.keypoints, writer);
}

bool get_image(byte_reader &reader, const lm_hash_options &options, scanned_image &image) {
  image.frame = reader.get<std::uint32_t>();
  const auto trimmed = reader.get<std::uint8_t>();
  image.trimmed = trimmed != 0;
  image.width = reader.get<std::uint32_t>();
  image.height = reader.get<std::uint32_t>();
  image.part = reader.get<pixel_rectangle>();
  image.quality = reader.get<std::uint8_t>();
  return trimmed <= 1 && reader.get_array(image.codes, codes_size_bytes(options)) &&
         get_keypoints(reader, options.keypoints, image.keypoints);
}

bool lies_within(const pixel_rectangle &part, const scanned_image &image) {
  return part.width != 0 && part.height != 0 && std::uint64_t{part.x} + part.width <= image.width &&
         std::uint64_t{part.y} + part.height <= image.height;
}

bool answers(const scanned_image &image, const scan_request &request) {
  const lm_hash_options &options = request.options;
  return image.codes.size() == codes_size_bytes(options) && image.quality <= max_quality &&
         lies_within(image.part, image) && std::uint64_t{image.width} * image.height <= options.max_pixels &&
         (options.trim_borders != 0 || !image.trimmed) &&
         (is_empty(image.keypoints) || (!image.trimmed && holds_together(image.keypoints, request.role, image)));
}

// With a border, an image is followed by what the border frames.
bool answers(const std::vector<scanned_image> &images, const scan_request &request) {
  return images.size() <= max_images(request.options) && (images.empty() || !images.front().trimmed) &&
         std::all_of(images.begin(), images.end(),
                     [&](const scanned_image &image) { return answers(image, request); });
}

bool is_printable(char letter) { return letter >= ' ' && letter <= '~'; }

// What a worker may say of a file: it reads none by its path, and does not judge itself.
bool can_come_from_worker(lm_scan scan, const lm_hash_options &options) {
  return (scan >= LM_SCAN_OK && scan <= LM_SCAN_LIMIT) || (scan == LM_SCAN_NOT_HASHED && options.hasher != nullptr);
}

}  // namespace

std::uint64_t max_reply_size_bytes(const lm_hash_options &options) noexcept {
  const std::uint64_t of_image =
      sizeof(scanned_image) + codes_size_bytes(options) + frame_signature_size_bytes + max_view_pixels;
  constexpr std::uint64_t of_point = sizeof(keypoint) + keypoint_code_words * sizeof(std::uint64_t);
  return 1024 + max_images(options) * (of_image + options.keypoints * of_point);
}

std::string printable_reason(std::string_view text) {
  std::string result(text.substr(0, max_reason_size_bytes));
  std::replace_if(
      result.begin(), result.end(), [](char letter) { return !is_printable(letter); }, '?');
  return result;
}

std::vector<std::uint8_t> write_reply(const scan_result &result) {
  byte_writer writer;
  writer.put(result.scan);
  writer.put_array(printable_reason(result.reason));
  writer.put(static_cast<std::uint32_t>(result.images.size()));
  for (const scanned_image &image : result.images) {
    put_image(image, writer);
  }
  return writer.take();
}

bool read_reply(std::span<const std::uint8_t> bytes, const scan_request &request, scan_result &result) {
  byte_reader reader(bytes);
  result.scan = reader.get<lm_scan>();
  if (!reader.get_array(result.reason, max_reason_size_bytes) ||
      !can_come_from_worker(result.scan, request.options) || (result.scan == LM_SCAN_OK) != result.reason.empty() ||
      !std::all_of(result.reason.begin(), result.reason.end(), is_printable)) {
    return false;
  }
  result.images.clear();
  for (auto left = reader.get<std::uint32_t>(); left != 0; --left) {
    if (!get_image(reader, request.options, result.images.emplace_back())) {
      return false;
    }
  }
  return reader.complete() && (result.scan != LM_SCAN_OK || !result.images.empty()) &&
         answers(result.images, request);
}

}  // namespace libmatch::detail
