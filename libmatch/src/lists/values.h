// How lists write names, codes and times.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/hashes.h"

namespace libmatch::detail {

// Without the spaces and tabs around it.
std::string_view trim(std::string_view text) noexcept;

// lower: in lower-case ASCII.
bool equal_without_case(std::string_view text, std::string_view lower) noexcept;

// A name from a list as a message can show it: short, in ASCII, in quotes.
std::string printable(std::string_view name);

bool is_hexadecimal(char c) noexcept;

// The kind that a list means by a name: "MD5", "sha-1", "ImagePDQ", "PhotoDNA" and so on, without regard to case and
// signs. PhotoDNA values are vectors of 144 bytes. Null for a name that libmatch has no kind for.
const hash_description *kind_of_name(std::string_view name) noexcept;

// The code that `text` writes in hexadecimal digits, into `code`. Returns "" or why not; a reason never quotes a
// code, for a list is a secret.
std::string read_hexadecimal(std::string_view text, const hash_description &kind, std::vector<std::uint8_t> &code);

// The same for PhotoDNA values: base64 (RFC 4648), hexadecimal digits, or numbers from 0 to 255 with commas between.
std::string read_vector(std::string_view text, std::vector<std::uint8_t> &code);

// By whichever of the two the kind is written.
std::string read_code(std::string_view text, const hash_description &kind, std::vector<std::uint8_t> &code);

// ISO 8601: 2017-10-24, 2017-10-24T15:00:00, with a fraction, with Z or an offset (UTC where neither stands), or with
// a space for the T; or /Date(1508857200000)/, or a number of seconds since 1970. Empty where it is none of these.
std::optional<std::int64_t> read_time(std::string_view text) noexcept;

// 2017-10-24T15:00:00Z
std::string write_time(std::int64_t seconds);

inline constexpr std::size_t max_label_bytes = 65535;

// Why a text cannot be a label or an id: too long, "not UTF-8", "holds a zero byte"; "" where it can.
std::string label_problem(std::string_view text);

// The same bits for every image or of no image at all: one value throughout, or the digest of nothing.
bool is_degenerate(const hash_description &kind, const std::uint8_t *code, std::size_t size) noexcept;

}  // namespace libmatch::detail
