#include "index/index_file_keypoints.h"

#include <limits>

namespace libmatch::detail {

namespace {

class keypoint_starts_check final : public content_check {
 public:
  keypoint_starts_check(const std::string &path, const file_section &section, std::uint64_t points)
      : path_(path), section_(section), points_(points) {}

  void feed(const std::uint8_t *piece, std::size_t size, std::uint64_t offset) override {
    for (std::size_t at = 0; at < size; at += sizeof(std::uint32_t)) {
      const auto place = load_integer<std::uint32_t>(piece + at);
      if (offset + at == 0 && place != 0) {
        fail_in_section(path_, section_, 0, "the first reference begins at point ", place, " and not at 0");
      }
      if (offset + at != 0 && (place <= last_ || place - last_ > max_points_of_set)) {
        fail_in_section(path_, section_, offset + at, "point ", place, " is not 1 to ", max_points_of_set,
                        " behind the one before it, ", last_);
      }
      if (place > points_) {
        fail_in_section(path_, section_, offset + at, "point ", place, " lies beyond the ", points_,
                        " that there are");
      }
      last_ = place;
    }
  }

  void finish() override {
    if (last_ != points_) {
      fail_in_section(path_, section_, section_.size - sizeof(std::uint32_t), "the last reference ends at point ",
                      last_, " of ", points_);
    }
  }

 private:
  const std::string &path_;
  const file_section &section_;
  const std::uint64_t points_;
  std::uint32_t last_ = 0;
};

class plane_sizes_check final : public content_check {
 public:
  plane_sizes_check(const std::string &path, const file_section &section) : path_(path), section_(section) {}

  void feed(const std::uint8_t *piece, std::size_t size, std::uint64_t offset) override {
    for (std::size_t at = 0; at < size; at += sizeof(std::uint16_t)) {
      const auto side = load_integer<std::uint16_t>(piece + at);
      if (side < 1 || side > max_plane_side) {
        fail_in_section(path_, section_, offset + at, "a plane with a side of ", side, " pixels");
      }
    }
  }

 private:
  const std::string &path_;
  const file_section &section_;
};

template <typename Visit>
void for_each_live(const keypoint_table &table, const Visit &visit) {
  for (const keypoint_entry &entry : table.segments) {
    for (std::size_t r = 0; r < entry.references->size(); ++r) {
      if (!entry.is_removed(r)) {
        visit(entry.references->reference(r));
      }
    }
  }
}

template <typename Element>
std::span<const Element> mapped_section(std::span<const std::uint8_t> bytes, const file_layout &layout,
                                        section_kind kind) {
  const file_section *section = layout.find(keypoint_table_number, kind);
  if (section == nullptr) {
    return {};
  }
  return {reinterpret_cast<const Element *>(bytes.data() + section->offset),
          static_cast<std::size_t>(section->size) / sizeof(Element)};
}

}  // namespace

std::unique_ptr<content_check> make_keypoint_starts_check(const std::string &path, const file_section &section,
                                                          std::uint64_t points) {
  return std::make_unique<keypoint_starts_check>(path, section, points);
}

std::unique_ptr<content_check> make_plane_sizes_check(const std::string &path, const file_section &section) {
  return std::make_unique<plane_sizes_check>(path, section);
}

std::unique_ptr<content_check> make_keypoint_check(const std::string &path, const file_section &section,
                                                   const file_layout &layout) {
  switch (section.kind) {
    case section_kind::ids:
      return make_ids_check(path, section, layout.next_id);
    case section_kind::keypoint_starts:
      return make_keypoint_starts_check(path, section, layout.keypoints.points);
    case section_kind::plane_sizes:
      return make_plane_sizes_check(path, section);
    default:
      return nullptr;
  }
}

void plan_keypoint_sections(const keypoint_table &table, file_layout &layout) {
  stored_keypoint_shape &shape = layout.keypoints;
  shape.signature_bytes = static_cast<std::uint32_t>(table.signature_bytes());
  shape.extraction = keypoint_extraction;
  for_each_live(table, [&](const keypoint_reference &reference) {
    ++shape.references;
    shape.points += reference.points.size();
  });
  if (shape.points > max_file_points) {
    fail(LM_ERROR_LIMIT, shape.points, " keypoints are more than the ", max_file_points, " that a file can hold");
  }
  if (shape.references == 0) {
    shape = {};
    return;
  }
  for (const section_kind kind : keypoint_sections) {
    if (const std::uint64_t size = keypoint_section_bytes(shape, kind); size != 0) {
      layout.sections.push_back({kind, keypoint_table_number, 0, size, {}});
    }
  }
}

void write_keypoint_section(const keypoint_table &table, const file_layout &layout, section_kind kind,
                            const std::function<void(const void *, std::uint64_t)> &append) {
  if (kind == section_kind::keypoint_shape) {
    append(&layout.keypoints, sizeof layout.keypoints);
    return;
  }
  std::uint32_t place = 0;
  if (kind == section_kind::keypoint_starts) {
    append(&place, sizeof place);
  }
  for_each_live(table, [&](const keypoint_reference &reference) {
    switch (kind) {
      case section_kind::ids:
        append(&reference.id, sizeof reference.id);
        break;
      case section_kind::keypoint_starts:
        place += static_cast<std::uint32_t>(reference.points.size());
        append(&place, sizeof place);
        break;
      case section_kind::plane_sizes:
        append(&reference.plane, sizeof reference.plane);
        break;
      case section_kind::keypoints:
        append(reference.points.data(), reference.points.size_bytes());
        break;
      case section_kind::keypoint_codes:
        append(reference.codes.data(), reference.codes.size_bytes());
        break;
      default:
        append(reference.signature.data(), reference.signature.size_bytes());
        break;
    }
  });
}

std::shared_ptr<const keypoint_segment> map_keypoints(std::span<const std::uint8_t> bytes, const file_layout &layout,
                                                      const std::shared_ptr<const void> &storage) {
  if (layout.keypoints.references == 0) {
    return nullptr;
  }
  const keypoint_segment::arrays arrays{mapped_section<std::int64_t>(bytes, layout, section_kind::ids),
                                        mapped_section<std::uint32_t>(bytes, layout, section_kind::keypoint_starts),
                                        mapped_section<stored_plane_size>(bytes, layout, section_kind::plane_sizes),
                                        mapped_section<keypoint>(bytes, layout, section_kind::keypoints),
                                        mapped_section<std::uint64_t>(bytes, layout, section_kind::keypoint_codes),
                                        mapped_section<std::uint8_t>(bytes, layout, section_kind::signatures)};
  return std::make_shared<const keypoint_segment>(layout.keypoints.signature_bytes, arrays, storage);
}

}  // namespace libmatch::detail
