// What the lanes of a warp do together. Every lane that a mask names must reach the call with the same mask; a lane
// that has left, that waits elsewhere or that is not named itself ends the grid with a message.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "simt/thread.h"

namespace libmatch::simt {

inline constexpr unsigned warp_lanes = 32;

enum class collective { synchronise, shuffle, vote, match, reduce, matrix };

// What a lane brings, by lane; nullptr for lanes outside the mask. Run once, by the last lane to arrive. Returns what
// is wrong with the call, or nullptr.
using collective_function = const char *(*)(void *const *lanes, unsigned mask);

// The lane's payload is read and written by `finish` while all lanes of the mask wait here. Only `synchronise` orders
// what the lanes did in memory, as in CUDA.
void warp_collective(collective kind, unsigned mask, void *payload, collective_function finish, source_line where);

// The lanes of the mask that are in the same branch by now. Here: all that have not left.
unsigned active_lanes();

template <class type>
struct shuffle_payload {
  type given;
  type taken;
  // The lane to read, or less than 0 for the own value.
  int from;
};

template <class type>
type shuffle(unsigned mask, type value, int from, source_line where) {
  static_assert(std::is_trivially_copyable_v<type> && (sizeof(type) == 4 || sizeof(type) == 8),
                "a lane hands over 4 or 8 bytes");
  shuffle_payload<type> payload{value, value, from};
  warp_collective(
      collective::shuffle, mask, &payload,
      [](void *const *lanes, unsigned named) -> const char * {
        for (unsigned lane = 0; lane < warp_lanes; ++lane) {
          if ((named >> lane & 1u) == 0) {
            continue;
          }
          auto &mine = *static_cast<shuffle_payload<type> *>(lanes[lane]);
          if (mine.from < 0) {
            continue;
          }
          if ((named >> mine.from & 1u) == 0) {
            return "a shuffle reads a lane that the mask does not name";
          }
          mine.taken = static_cast<shuffle_payload<type> *>(lanes[mine.from])->given;
        }
        return nullptr;
      },
      where);
  return payload.taken;
}

inline int own_lane(int width) {
  return static_cast<int>((threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z)) % warp_lanes) &
         (width - 1);
}
inline int own_base(int width) {
  return static_cast<int>((threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z)) % warp_lanes) &
         ~(width - 1);
}

unsigned vote_ballot(unsigned mask, bool vote, source_line where);
unsigned match_any(unsigned mask, std::uint64_t value, source_line where);
unsigned match_all(unsigned mask, std::uint64_t value, int *all_equal, source_line where);

enum class reduction { add, minimum, maximum, bit_and, bit_or, bit_xor };
unsigned reduce(unsigned mask, unsigned value, reduction by, source_line where);
int reduce(unsigned mask, int value, reduction by, source_line where);

template <class type>
std::uint64_t bits_of(type value) {
  static_assert(std::is_trivially_copyable_v<type> && sizeof(type) <= 8);
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  return bits;
}

}  // namespace libmatch::simt

#define LM_SIMT_HERE const char *file = __builtin_FILE(), int line = __builtin_LINE()

inline void __syncwarp(unsigned mask = 0xFFFFFFFFu, LM_SIMT_HERE) {
  libmatch::simt::warp_collective(libmatch::simt::collective::synchronise, mask, nullptr, nullptr, {file, line});
}

template <class type>
type __shfl_sync(unsigned mask, type value, int from, int width = 32, LM_SIMT_HERE) {
  return libmatch::simt::shuffle(mask, value, libmatch::simt::own_base(width) + (from & (width - 1)), {file, line});
}
template <class type>
type __shfl_xor_sync(unsigned mask, type value, int lane_mask, int width = 32, LM_SIMT_HERE) {
  // A lane of a later group is not read; one of an earlier group may be, as on the device.
  const int from = (libmatch::simt::own_base(width) + libmatch::simt::own_lane(width)) ^ lane_mask;
  return libmatch::simt::shuffle(mask, value, from < libmatch::simt::own_base(width) + width ? from : -1,
                                 {file, line});
}
template <class type>
type __shfl_up_sync(unsigned mask, type value, unsigned delta, int width = 32, LM_SIMT_HERE) {
  const int from = libmatch::simt::own_lane(width) - static_cast<int>(delta);
  return libmatch::simt::shuffle(mask, value, from >= 0 ? libmatch::simt::own_base(width) + from : -1, {file, line});
}
template <class type>
type __shfl_down_sync(unsigned mask, type value, unsigned delta, int width = 32, LM_SIMT_HERE) {
  const int from = libmatch::simt::own_lane(width) + static_cast<int>(delta);
  return libmatch::simt::shuffle(mask, value, from < width ? libmatch::simt::own_base(width) + from : -1,
                                 {file, line});
}

inline unsigned __ballot_sync(unsigned mask, int vote, LM_SIMT_HERE) {
  return libmatch::simt::vote_ballot(mask, vote != 0, {file, line});
}
inline int __any_sync(unsigned mask, int vote, LM_SIMT_HERE) {
  return libmatch::simt::vote_ballot(mask, vote != 0, {file, line}) != 0 ? 1 : 0;
}
inline int __all_sync(unsigned mask, int vote, LM_SIMT_HERE) {
  return libmatch::simt::vote_ballot(mask, vote != 0, {file, line}) == mask ? 1 : 0;
}
inline unsigned __activemask() { return libmatch::simt::active_lanes(); }

template <class type>
unsigned __match_any_sync(unsigned mask, type value, LM_SIMT_HERE) {
  return libmatch::simt::match_any(mask, libmatch::simt::bits_of(value), {file, line});
}
template <class type>
unsigned __match_all_sync(unsigned mask, type value, int *all_equal, LM_SIMT_HERE) {
  return libmatch::simt::match_all(mask, libmatch::simt::bits_of(value), all_equal, {file, line});
}

template <class type>
requires std::same_as<type, int> || std::same_as<type, unsigned> type __reduce_add_sync(unsigned mask, type value,
                                                                                        LM_SIMT_HERE) {
  return libmatch::simt::reduce(mask, value, libmatch::simt::reduction::add, {file, line});
}
template <class type>
requires std::same_as<type, int> || std::same_as<type, unsigned> type __reduce_min_sync(unsigned mask, type value,
                                                                                        LM_SIMT_HERE) {
  return libmatch::simt::reduce(mask, value, libmatch::simt::reduction::minimum, {file, line});
}
template <class type>
requires std::same_as<type, int> || std::same_as<type, unsigned> type __reduce_max_sync(unsigned mask, type value,
                                                                                        LM_SIMT_HERE) {
  return libmatch::simt::reduce(mask, value, libmatch::simt::reduction::maximum, {file, line});
}
inline unsigned __reduce_and_sync(unsigned mask, unsigned value, LM_SIMT_HERE) {
  return libmatch::simt::reduce(mask, value, libmatch::simt::reduction::bit_and, {file, line});
}
inline unsigned __reduce_or_sync(unsigned mask, unsigned value, LM_SIMT_HERE) {
  return libmatch::simt::reduce(mask, value, libmatch::simt::reduction::bit_or, {file, line});
}
inline unsigned __reduce_xor_sync(unsigned mask, unsigned value, LM_SIMT_HERE) {
  return libmatch::simt::reduce(mask, value, libmatch::simt::reduction::bit_xor, {file, line});
}

#undef LM_SIMT_HERE
