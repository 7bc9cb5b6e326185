// What a context and a worker say to each other over their socket. The worker reads hostile files and may be taken
// over by one: whoever reads what it says believes none of it.
//
// Both programs are of one build and one machine: numbers lie as they do in memory.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libmatch/libmatch.h"
#include "scan/scan.h"

namespace libmatch::detail {

// The worker's first message: it is confined, or why it could not be.
struct worker_greeting {
  std::uint32_t magic;
  std::int32_t library_version;
  std::uint32_t options_size_bytes;
  std::int32_t refusal;  // 0, or the step that failed
  std::int32_t system_error;
  char hasher_refusal[512];  // "", or why the plug-in hasher could not be loaded; ends with a zero byte
};
inline constexpr std::uint32_t greeting_magic = 0x576d4c01;

// Before the bytes of a file.
struct file_request {
  lm_hash_options options;  // its hasher is null, for addresses mean nothing to another process
  std::int32_t by_hasher;   // not 0: by the plug-in that the worker has loaded
  keypoint_role role;
  std::uint64_t size_bytes;
};

// Before the bytes of an answer.
struct reply_header {
  std::uint64_t magic;
  std::uint64_t size_bytes;
};
inline constexpr std::uint64_t reply_magic = 0x576d4c02;
// More than any answer to the request takes: what a worker that lies can make the context keep.
std::uint64_t max_reply_size_bytes(const lm_hash_options &options) noexcept;

// What the worker ends with when there is no memory even to take a file in.
inline constexpr int exit_out_of_memory = 3;

// At most 500 letters, those that are not printable ASCII replaced.
std::string printable_reason(std::string_view text);

// Everything of a result but digests, which the context makes itself.
std::vector<std::uint8_t> write_reply(const scan_result &result);

// Any bytes are an answer to the request, or false. What it says of an image may still be a lie, but as such a result
// it holds together: as many codes as were asked for, parts that lie within their images, text of printable ASCII and
// at most 500 letters, which is there exactly where something was not scanned.
bool read_reply(std::span<const std::uint8_t> bytes, const scan_request &request, scan_result &result);

}  // namespace libmatch::detail
