// What the lanes of a warp do together.
#include "simt/warp.h"

#include <algorithm>
#include <bit>

#include "grid.h"
#include "simt/atomics.h"

namespace libmatch::simt {
namespace {

const char *name_of(collective kind) {
  switch (kind) {
    case collective::synchronise:
      return "__syncwarp";
    case collective::shuffle:
      return "a shuffle";
    case collective::vote:
      return "a vote";
    case collective::match:
      return "a match";
    case collective::reduce:
      return "a reduction";
    case collective::matrix:
      return "a matrix operation";
  }
  return "a collective";
}

// The collective that this lane takes part in, opened if it is the first. Ends the grid if lanes wait for each other
// in different places.
open_collective &join(warp_state &warp, unsigned lane, collective kind, unsigned mask, source_line where) {
  grid_run &run = grid_run::here();
  const char *const what = name_of(kind);
  if ((mask >> lane & 1u) == 0) {
    run.fail(where, {what, ": the mask does not name the lane itself"});
  }
  if ((mask & ~warp.present) != 0) {
    run.fail(where, {what, ": the mask names lanes that the block does not have"});
  }
  if ((mask & warp.finished) != 0) {
    run.fail(where, {"divergent collective: ", what, " waits for lanes that have ended"});
  }
  for (open_collective &open : warp.open) {
    if (open.mask == mask && open.kind == kind && same(open.where, where)) {
      return open;
    }
  }
  // Others may well be waited for elsewhere meanwhile, but not by lanes that this one waits for.
  for (const open_collective &open : warp.open) {
    if ((open.mask >> lane & 1u) != 0 && (open.arrived & mask) != 0) {
      run.fail(where, {"divergent collective: ", what, " meets ", name_of(open.kind), " of line ",
                       decimal(open.where.line).text, open.mask != mask ? ", with another mask" : ""});
    }
  }
  const auto lowest = static_cast<unsigned>(std::countr_zero(mask));
  warp.open.push_back({mask, 0, kind, where, &warp.order[lowest][warp.turns[lowest]++ % 2]});
  return warp.open.back();
}

// Runs what all lanes came for, and lets the others go on.
void complete(block_state &block, unsigned first_of_warp, const open_collective &open, unsigned lane,
              collective_function finish) {
  grid_run &run = grid_run::here();
  void *payloads[warp_lanes] = {};
  for (unsigned i = 0; i < warp_lanes; ++i) {
    if ((open.mask >> i & 1u) != 0) {
      payloads[i] = block.threads[first_of_warp + i].payload;
    }
  }
  if (finish != nullptr) {
    if (const char *const wrong = finish(payloads, open.mask)) {
      run.fail(open.where, {wrong});
    }
  }
  for (unsigned i = 0; i < warp_lanes; ++i) {
    if (i != lane && (open.mask >> i & 1u) != 0) {
      run.make_ready(block.threads[first_of_warp + i]);
    }
  }
}

}  // namespace

void warp_collective(collective kind, unsigned mask, void *payload, collective_function finish, source_line where) {
  grid_run &run = grid_run::here();
  thread_state &thread = run.current();
  warp_state &warp = thread.block->warps[thread.number / warp_lanes];
  char *order = nullptr;
  {
    const unseen_by_sanitizer unseen;
    thread.where = where;
    thread.payload = payload;
    open_collective &open = join(warp, thread.lane(), kind, mask, where);
    open.arrived |= 1u << thread.lane();
    order = open.order;
    if (kind == collective::synchronise) {
      release_to(order);
    }
    if (open.arrived == open.mask) {
      const open_collective whole = open;
      warp.open.erase(warp.open.begin() + (&open - warp.open.data()));
      complete(*thread.block, thread.number - thread.lane(), whole, thread.lane(), finish);
    } else {
      thread.progress = thread_progress::in_collective;
      run.leave();
    }
  }
  if (kind == collective::synchronise) {
    acquire_from(order);
  }
  may_switch();
}

unsigned active_lanes() {
  const unseen_by_sanitizer unseen;
  const thread_state &thread = grid_run::here().current();
  const warp_state &warp = thread.block->warps[thread.number / warp_lanes];
  return warp.present & ~warp.finished;
}

namespace {

template <class type>
type &payload_of(void *const *lanes, unsigned lane) {
  return *static_cast<type *>(lanes[lane]);
}

template <class function>
void for_each_lane(unsigned mask, function act) {
  for (unsigned left = mask; left != 0; left &= left - 1) {
    act(static_cast<unsigned>(std::countr_zero(left)));
  }
}

struct vote_payload {
  bool vote;
  unsigned ballot;
};

const char *take_votes(void *const *lanes, unsigned mask) {
  unsigned ballot = 0;
  for_each_lane(mask, [&](unsigned lane) { ballot |= payload_of<vote_payload>(lanes, lane).vote ? 1u << lane : 0u; });
  for_each_lane(mask, [&](unsigned lane) { payload_of<vote_payload>(lanes, lane).ballot = ballot; });
  return nullptr;
}

struct match_payload {
  std::uint64_t value;
  unsigned equal;
};

const char *take_matches(void *const *lanes, unsigned mask) {
  for_each_lane(mask, [&](unsigned lane) {
    auto &mine = payload_of<match_payload>(lanes, lane);
    mine.equal = 0;
    for_each_lane(mask, [&](unsigned other) {
      mine.equal |= payload_of<match_payload>(lanes, other).value == mine.value ? 1u << other : 0u;
    });
  });
  return nullptr;
}

template <class type>
struct reduce_payload {
  type value;
  type result;
  reduction by;
};

template <class type>
type reduced(type a, type b, reduction by) {
  switch (by) {
    case reduction::add:
      return static_cast<type>(static_cast<unsigned>(a) + static_cast<unsigned>(b));
    case reduction::minimum:
      return std::min(a, b);
    case reduction::maximum:
      return std::max(a, b);
    case reduction::bit_and:
      return a & b;
    case reduction::bit_or:
      return a | b;
    case reduction::bit_xor:
      return a ^ b;
  }
  return a;
}

template <class type>
const char *take_reductions(void *const *lanes, unsigned mask) {
  const auto first = static_cast<unsigned>(std::countr_zero(mask));
  type result = payload_of<reduce_payload<type>>(lanes, first).value;
  for_each_lane(mask & (mask - 1), [&](unsigned lane) {
    const auto &other = payload_of<reduce_payload<type>>(lanes, lane);
    result = reduced(result, other.value, other.by);
  });
  for_each_lane(mask, [&](unsigned lane) { payload_of<reduce_payload<type>>(lanes, lane).result = result; });
  return nullptr;
}

template <class type>
type reduce_lanes(unsigned mask, type value, reduction by, source_line where) {
  reduce_payload<type> payload{value, value, by};
  warp_collective(collective::reduce, mask, &payload, &take_reductions<type>, where);
  return payload.result;
}

}  // namespace

unsigned vote_ballot(unsigned mask, bool vote, source_line where) {
  vote_payload payload{vote, 0};
  warp_collective(collective::vote, mask, &payload, &take_votes, where);
  return payload.ballot;
}

unsigned match_any(unsigned mask, std::uint64_t value, source_line where) {
  match_payload payload{value, 0};
  warp_collective(collective::match, mask, &payload, &take_matches, where);
  return payload.equal;
}

unsigned match_all(unsigned mask, std::uint64_t value, int *all_equal, source_line where) {
  *all_equal = match_any(mask, value, where) == mask ? 1 : 0;
  return *all_equal != 0 ? mask : 0;
}

unsigned reduce(unsigned mask, unsigned value, reduction by, source_line where) {
  return reduce_lanes(mask, value, by, where);
}
int reduce(unsigned mask, int value, reduction by, source_line where) { return reduce_lanes(mask, value, by, where); }

}  // namespace libmatch::simt
