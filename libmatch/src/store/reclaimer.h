// Gives large memory back in a thread of its own: whoever lets go of the last snapshot that holds it may be a search.
#pragma once

#include <cstddef>
#include <functional>

namespace libmatch::detail {

// Unmaps, in pieces, so that other threads' page faults come in between.
void reclaim_mapping(void *address, std::size_t size) noexcept;

// Runs `release` there when it gives much back, else here; here, too, when there is no memory for a note of it.
void reclaim(std::size_t bytes, const std::function<void()> &release) noexcept;

}  // namespace libmatch::detail
