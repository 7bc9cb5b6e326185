#include "grid.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "simt/executor.h"

namespace libmatch::simt {
namespace {

std::uint64_t seed_of_environment() {
  const char *const text = std::getenv("LM_SIMT_SEED");
  return text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
}

std::atomic<std::uint64_t> &seed() {
  static std::atomic<std::uint64_t> value{seed_of_environment()};
  return value;
}

std::string text_of(source_line where) {
  if (where.file == nullptr) {
    return "its beginning";
  }
  const std::string path = where.file;
  return path.substr(path.find_last_of('/') + 1) + ":" + std::to_string(where.line);
}

constexpr std::size_t blocks_at_once_max = 3;

}  // namespace

decimal::decimal(int value) { std::snprintf(text, sizeof text, "%d", value); }

std::uint64_t current_seed() { return seed().load(); }
void set_schedule_seed(std::uint64_t value) { seed().store(value); }
std::uint64_t schedule_seed() { return current_seed(); }

grid_run &grid_run::here() {
  static thread_local grid_run run;
  return run;
}

std::uint64_t grid_run::random_number() {
  // SplitMix64.
  std::uint64_t z = random_state_ += 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

std::string grid_run::describe(const thread_state &thread, source_line where) const {
  const uint3 &block = thread.block->index;
  const uint3 &index = thread.index;
  const auto place = [](const uint3 &of) {
    return "(" + std::to_string(of.x) + ", " + std::to_string(of.y) + ", " + std::to_string(of.z) + ")";
  };
  return "block " + place(block) + " thread " + place(index) + " at " + text_of(where);
}

void grid_run::make_ready(thread_state &thread) {
  thread.progress = thread_progress::ready;
  ready_next_.push_back(&thread);
}

void grid_run::leave() {
  // A thread that never goes on must not be left with ThreadSanitizer's eyes shut.
  unseen_by_sanitizer::suspend();
  switch_context(current_->stack->place(), host_);
  while (abandoning_) {
    release_to(&end_order_);
    switch_context(current_->stack->place(), host_);
  }
  unseen_by_sanitizer::resume();
}

void grid_run::fail(source_line where, std::initializer_list<const char *> words) {
  if (failure_.empty()) {
    failure_ = describe(*current_, where) + ": ";
    for (const char *const word : words) {
      failure_ += word;
    }
  }
  for (;;) {
    leave();
  }
}

void grid_run::thread_main() {
  grid_run &run = here();
  first_entry(run.host_);
  for (;;) {
    if (!run.abandoning_) {
      acquire_from(&run.begin_order_);
      (*run.body_)();
      release_to(&run.end_order_);
    }
    const unseen_by_sanitizer unseen;
    if (!run.abandoning_) {
      run.finish_current();
    }
    run.leave();
  }
}

void grid_run::finish_current() {
  thread_state &thread = *current_;
  block_state &block = *thread.block;
  warp_state &warp = block.warps[thread.number / warp_lanes];
  if (!thread.uncommitted.empty() || !thread.copy_groups.empty()) {
    fail(thread.where, {"the thread ends with asynchronous copies that it never waited for"});
  }
  for (const open_collective &open : warp.open) {
    if ((open.mask >> thread.lane() & 1u) != 0) {
      fail(open.where, {"the thread ends while lanes of its warp wait for it here"});
    }
  }
  if (block.at_barrier != 0) {
    fail(block.barrier, {"the thread ends while threads of its block wait for it at this barrier"});
  }
  warp.finished |= 1u << thread.lane();
  thread.progress = thread_progress::finished;
  --block.live;
}

void grid_run::prepare(const grid_shape &shape) {
  shape_ = shape;
  failure_.clear();
  ready_.clear();
  ready_next_.clear();
  next_block_ = 0;
  running_blocks_ = 0;
  enter_from_host(host_);
  // Other grids of this thread of the host get other orders.
  if (seed_ != current_seed()) {
    seed_ = current_seed();
    random_state_ = seed_;
  }
  const std::uint64_t blocks = std::uint64_t{shape.grid.x} * shape.grid.y * shape.grid.z;
  block_order_.resize(blocks);
  for (std::uint64_t i = 0; i < blocks; ++i) {
    block_order_[i] = seed_ == 1 ? blocks - 1 - i : i;
  }
  resident_ = 1;
  if (random()) {
    for (std::size_t i = blocks; i > 1; --i) {
      std::swap(block_order_[i - 1], block_order_[random_number() % i]);
    }
    resident_ = 1 + random_number() % blocks_at_once_max;
  }
#ifdef LIBMATCH_SIMT_TSAN
  // Blocks that follow each other on the same stacks are in order for ThreadSanitizer: it needs others beside them.
  resident_ = std::max<std::size_t>(resident_, 2);
#endif
  while (blocks_.size() < resident_) {
    blocks_.push_back(std::make_unique<block_state>());
  }
}

void grid_run::start_block(block_state &block, std::uint64_t number) {
  const dim3 &grid = shape_.grid;
  const dim3 &size = shape_.block;
  block.running = true;
  block.index = {static_cast<unsigned>(number % grid.x), static_cast<unsigned>(number / grid.x % grid.y),
                 static_cast<unsigned>(number / (std::uint64_t{grid.x} * grid.y))};
  const unsigned threads = size.x * size.y * size.z;
  if (block.threads.size() < threads) {
    block.threads.resize(threads);
  }
  block.live = threads;
  block.at_barrier = 0;
  block.votes = 0;
  block.static_shared_bytes = 0;
  block.garbage = random() ? static_cast<unsigned char>(random_number()) : 0xA5;
  block.dynamic_shared = guarded_memory(shape_.dynamic_shared_bytes, 128, block.garbage);
  block.warps.assign((threads + warp_lanes - 1) / warp_lanes, warp_state{});
  block.slow_warp = random() ? static_cast<unsigned>(random_number() % (2 * block.warps.size())) : ~0u;
  for (unsigned i = 0; i < threads; ++i) {
    thread_state &thread = block.threads[i];
    if (thread.stack == nullptr) {
      thread.stack = std::make_unique<fiber>(&thread_main);
    }
    thread.block = &block;
    thread.number = i;
    thread.index = {i % size.x, i / size.x % size.y, i / (size.x * size.y)};
    thread.where = {};
    block.warps[i / warp_lanes].present |= 1u << thread.lane();
    make_ready(thread);
  }
}

void grid_run::start_waiting_blocks() {
  for (std::size_t i = 0; i < resident_ && next_block_ < block_order_.size(); ++i) {
    if (!blocks_[i]->running) {
      start_block(*blocks_[i], block_order_[next_block_++]);
      ++running_blocks_;
    }
  }
}

void grid_run::end_block(block_state &block) {
  bool intact = block.dynamic_shared.intact();
  for (const shared_array_state &array : block.shared) {
    intact = intact && array.memory.intact();
  }
  if (!intact && failure_.empty()) {
    failure_ = describe(block.threads[0], {}) + ": the block wrote beyond an array in shared memory";
  }
  block.shared.clear();
  block.dynamic_shared = guarded_memory();
  block.running = false;
  --running_blocks_;
}

void grid_run::resume(thread_state &thread) {
  current_ = &thread;
  threadIdx = thread.index;
  blockIdx = thread.block->index;
  switch_context(host_, thread.stack->place());
  current_ = nullptr;
}

bool grid_run::resume_one() {
  if (ready_.empty()) {
    std::swap(ready_, ready_next_);
    if (seed_ == 0) {
      std::reverse(ready_.begin(), ready_.end());
    }
  }
  if (ready_.empty()) {
    return false;
  }
  if (random()) {
    std::swap(ready_.back(), ready_[random_number() % ready_.size()]);
  }
  thread_state &thread = *ready_.back();
  ready_.pop_back();
  if (random()) {
    // Mostly left waiting or now and then: so that how far threads are apart varies.
    const bool slow = thread.number / warp_lanes == thread.block->slow_warp;
    const std::uint64_t chance = random_number() % 8;
    if (slow ? chance != 0 : chance == 0) {
      ready_next_.push_back(&thread);
      return true;
    }
  }
  resume(thread);
  if (failure_.empty() && thread.block->live == 0) {
    end_block(*thread.block);
  }
  return true;
}

std::string grid_run::why_stuck() const {
  for (std::size_t i = 0; i < resident_; ++i) {
    if (!blocks_[i]->running) {
      continue;
    }
    for (const thread_state &thread : blocks_[i]->threads) {
      if (thread.progress == thread_progress::in_collective) {
        return describe(thread, thread.where) + ": waits for lanes of its warp that wait elsewhere";
      }
    }
    for (const thread_state &thread : blocks_[i]->threads) {
      if (thread.progress == thread_progress::at_barrier) {
        return describe(thread, thread.where) + ": waits at a barrier for threads that wait elsewhere";
      }
    }
  }
  return "no thread can go on";
}

// Threads stand anywhere in a kernel, which owns nothing: their stacks begin anew.
void grid_run::abandon() {
  abandoning_ = true;
  for (const auto &block : blocks_) {
    for (thread_state &thread : block->threads) {
      if (thread.progress != thread_progress::finished) {
        // So that what it did is in order before what the host does next.
        resume(thread);
        thread.stack->restart();
      }
      thread.progress = thread_progress::finished;
      thread.uncommitted.clear();
      thread.copy_groups.clear();
    }
    block->shared.clear();
    block->dynamic_shared = guarded_memory();
    block->running = false;
  }
  abandoning_ = false;
}

std::string grid_run::run(const grid_shape &shape, std::size_t shared_bytes_max,
                          const std::function<void()> &thread_body) {
  const unseen_by_sanitizer unseen;
  shared_bytes_max_ = shared_bytes_max;
  body_ = &thread_body;
  prepare(shape);
  blockDim = shape.block;
  gridDim = shape.grid;
  release_to(&begin_order_);
  start_waiting_blocks();
  while (running_blocks_ != 0 && failure_.empty()) {
    const std::size_t before = running_blocks_;
    if (!resume_one() && failure_.empty()) {
      failure_ = why_stuck();
    }
    if (running_blocks_ < before && failure_.empty()) {
      start_waiting_blocks();
    }
  }
  if (!failure_.empty()) {
    abandon();
  }
  acquire_from(&end_order_);
  return std::exchange(failure_, {});
}

}  // namespace libmatch::simt
