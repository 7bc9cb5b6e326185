// Gives large memory back in a thread of its own: whoever lets go of the last snapshot that holds it may be a search.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace libmatch::detail {

// Starts that thread, with the priority of the one that calls. Without it the first to give something back starts it;
// of low priority it would be stopped by others with the map of the process locked.
void start_reclaiming();

// Unmaps.
void reclaim_mapping(void *address, std::size_t size) noexcept;

// Gives the pages of memory that nobody uses any more back, and runs `release`, which frees it: there when they are
// many, else here; here, too, when there is no memory for a note of it.
void reclaim(std::span<std::uint8_t> memory, const std::function<void()> &release) noexcept;

}  // namespace libmatch::detail
