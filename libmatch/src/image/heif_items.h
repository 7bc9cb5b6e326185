// What the boxes of a HEIF or AVIF file say of its items, read without libheif (ISO/IEC 14496-12:2020, 8.11).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace libmatch::detail {

// The id of an AV1 item that 'iloc' gives no bytes; none when each has some, and none when the boxes do not hold
// together: libheif says what is wrong with them. libheif 1.15 hands such an item to dav1d as it is, and loses 40
// bytes each time, so the file must not get there.
std::optional<std::uint32_t> av1_item_without_bytes(std::span<const std::uint8_t> file);

}  // namespace libmatch::detail
