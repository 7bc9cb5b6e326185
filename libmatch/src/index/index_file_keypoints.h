// What an index file holds of references with keypoints.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "index/index_file_content.h"
#include "index/index_file_layout.h"
#include "index/keypoint_segment.h"

namespace libmatch::detail {

// From 0, each at least one point and at most max_points_of_set behind the one before, up to the number of points.
std::unique_ptr<content_check> make_keypoint_starts_check(const std::string &path, const file_section &section,
                                                          std::uint64_t points);
// Sides of 1 to max_plane_side.
std::unique_ptr<content_check> make_plane_sizes_check(const std::string &path, const file_section &section);

// The check of a section of the keypoints; null where anything may stand.
std::unique_ptr<content_check> make_keypoint_check(const std::string &path, const file_section &section,
                                                   const file_layout &layout);

// The sections that the live references take, with their sizes; none when there is no live one. LM_ERROR_LIMIT.
void plan_keypoint_sections(const keypoint_table &table, file_layout &layout);

// Hands out the bytes of a section, piece by piece, as they are to be written.
void write_keypoint_section(const keypoint_table &table, const file_layout &layout, section_kind kind,
                            const std::function<void(const void *, std::uint64_t)> &append);

// The references as they lie in a mapped file, unread; null when there are none.
std::shared_ptr<const keypoint_segment> map_keypoints(std::span<const std::uint8_t> bytes, const file_layout &layout,
                                                      const std::shared_ptr<const void> &storage);

}  // namespace libmatch::detail
