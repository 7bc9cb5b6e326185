// What a thread does with its block: barriers, shared memory, copies that arrive later.
#include "simt/thread.h"

#include <algorithm>
#include <cstring>

#include "grid.h"
#include "simt/atomics.h"

namespace libmatch::simt {
namespace {

constexpr std::size_t static_shared_bytes_max = std::size_t{48} << 10;

// Through the C library, which both sanitizers watch.
void carry_out(const pending_copy &copy) {
  std::memcpy(copy.to, copy.from, copy.bytes_from);
  std::memset(static_cast<char *>(copy.to) + copy.bytes_from, 0, copy.bytes - copy.bytes_from);
}

char memory_fence_order = 0;

}  // namespace

void may_switch() {
  const unseen_by_sanitizer unseen;
  grid_run &run = grid_run::here();
  if (run.random() && run.random_number() % 4 == 0) {
    run.make_ready(run.current());
    run.leave();
  }
}

void memory_fence() {
  release_to(&memory_fence_order);
  acquire_from(&memory_fence_order);
}

int block_barrier(bool vote, barrier_vote taken, source_line where) {
  grid_run &run = grid_run::here();
  thread_state &thread = run.current();
  block_state &block = *thread.block;
  char *const order = &block.barrier_order[block.barrier_turn % 2];
  release_to(order);
  int votes = 0;
  {
    const unseen_by_sanitizer unseen;
    if (block.live != blockDim.x * blockDim.y * blockDim.z) {
      run.fail(where, {"a thread of the block ended before this barrier"});
    }
    if (block.at_barrier == 0) {
      block.barrier = where;
      block.votes = 0;
    } else if (!same(block.barrier, where)) {
      run.fail(where,
               {"divergent barrier: other threads of the block wait at line ", decimal(block.barrier.line).text});
    }
    thread.where = where;
    block.votes += vote ? 1 : 0;
    if (++block.at_barrier == block.live) {
      block.at_barrier = 0;
      ++block.barrier_turn;
      block.votes_taken = block.votes;
      for (thread_state &other : block.threads) {
        if (other.progress == thread_progress::at_barrier || &other == &thread) {
          run.make_ready(other);
        }
      }
    } else {
      thread.progress = thread_progress::at_barrier;
    }
    run.leave();
    votes = block.votes_taken;
  }
  acquire_from(order);
  switch (taken) {
    case barrier_vote::any:
      return votes != 0 ? 1 : 0;
    case barrier_vote::all:
      return static_cast<unsigned>(votes) == blockDim.x * blockDim.y * blockDim.z ? 1 : 0;
    case barrier_vote::count:
      break;
  }
  return votes;
}

void *shared_array(const void *key, std::size_t bytes, std::size_t alignment) {
  const unseen_by_sanitizer unseen;
  grid_run &run = grid_run::here();
  block_state &block = *run.current().block;
  for (const shared_array_state &array : block.shared) {
    if (array.key == key) {
      return array.memory.data();
    }
  }
  block.static_shared_bytes += bytes;
  if (block.static_shared_bytes > static_shared_bytes_max ||
      block.static_shared_bytes + run.dynamic_shared_bytes() > run.shared_bytes_max()) {
    run.fail(run.current().where, {"more shared memory than the device has"});
  }
  block.shared.push_back({key, guarded_memory(bytes, std::max<std::size_t>(alignment, 16), block.garbage)});
  return block.shared.back().memory.data();
}

void *dynamic_shared_memory() {
  const unseen_by_sanitizer unseen;
  return grid_run::here().current().block->dynamic_shared.data();
}

void copy_async(void *shared, const void *global, std::size_t bytes, std::size_t bytes_there, const char *file,
                int line) {
  const auto misaligned = [bytes](const void *at) { return reinterpret_cast<std::uintptr_t>(at) % bytes != 0; };
  const pending_copy copy{shared, global, bytes_there, bytes};
  bool now = false;
  {
    const unseen_by_sanitizer unseen;
    grid_run &run = grid_run::here();
    run.current().where = {file, line};
    if ((bytes != 4 && bytes != 8 && bytes != 16) || bytes_there > bytes || misaligned(shared) ||
        misaligned(global)) {
      run.fail({file, line}, {"an asynchronous copy is of 4, 8 or 16 bytes, at addresses that these divide"});
    }
    // It may arrive at once: whoever still reads what was there before is found out, too.
    now = run.random() && run.random_number() % 2 == 0;
    run.current().uncommitted.push_back(copy);
    run.current().uncommitted.back().arrived = now;
  }
  if (now) {
    carry_out(copy);
  }
  poison(shared, bytes);
}

void copy_async_commit() {
  const unseen_by_sanitizer unseen;
  thread_state &thread = grid_run::here().current();
  thread.copy_groups.push_back(std::move(thread.uncommitted));
  thread.uncommitted.clear();
}

void copy_async_wait(unsigned groups_left) {
  thread_state &thread = grid_run::here().current();
  for (;;) {
    std::vector<pending_copy> group;
    {
      const unseen_by_sanitizer unseen;
      if (thread.copy_groups.size() <= groups_left) {
        return;
      }
      group = std::move(thread.copy_groups.front());
      thread.copy_groups.pop_front();
    }
    for (const pending_copy &copy : group) {
      unpoison(copy.to, copy.bytes);
      if (!copy.arrived) {
        carry_out(copy);
      }
    }
  }
}

void fail_kernel(const char *reason, source_line where) {
  const unseen_by_sanitizer unseen;
  grid_run::here().fail(where, {reason});
}

}  // namespace libmatch::simt
