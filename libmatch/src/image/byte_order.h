// Integers out of bytes. The caller has checked that the bytes are there.
#pragma once

#include <cstdint>

namespace libmatch::detail {

constexpr std::uint32_t read_u16_le(const std::uint8_t *p) { return static_cast<std::uint32_t>(p[0] | (p[1] << 8)); }
constexpr std::uint32_t read_u16_be(const std::uint8_t *p) { return static_cast<std::uint32_t>((p[0] << 8) | p[1]); }
constexpr std::uint32_t read_u32_le(const std::uint8_t *p) { return read_u16_le(p) | (read_u16_le(p + 2) << 16); }
constexpr std::uint32_t read_u32_be(const std::uint8_t *p) { return (read_u16_be(p) << 16) | read_u16_be(p + 2); }

}  // namespace libmatch::detail
