// The directories of a TIFF or BigTIFF, one for each page, found without libtiff: before it runs, the sizes are known
// to be within the limits, and a chain without an end has one.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace libmatch::detail {

struct tiff_page {
  std::uint64_t offset = 0;  // of its directory
  std::uint64_t width = 0;
  std::uint64_t height = 0;
  bool is_mask = false;  // of another page's transparency
};

struct tiff_directories {
  std::vector<tiff_page> pages;
  std::string damage;  // why the chain goes on no further than these pages; "" where it ends
};

// file begins with a TIFF's magic. Stops at one page more than max_pages.
tiff_directories read_tiff_directories(std::span<const std::uint8_t> file, std::uint32_t max_pages);

}  // namespace libmatch::detail
