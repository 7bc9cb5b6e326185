// The running of one kernel's grid on one thread of the host: what its blocks, warps and threads are, and the order
// in which they go on.
#pragma once

#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "fiber.h"
#include "guarded_memory.h"
#include "simt/launch.h"
#include "simt/thread.h"
#include "simt/warp.h"

namespace libmatch::simt {

struct block_state;

// The same file may have its name at two addresses.
inline bool same(source_line a, source_line b) {
  return a.line == b.line && (a.file == b.file || std::strcmp(a.file, b.file) == 0);
}

enum class thread_progress { ready, at_barrier, in_collective, finished };

struct pending_copy {
  void *to;
  const void *from;
  std::size_t bytes_from;
  std::size_t bytes;
  bool arrived = false;
};

struct thread_state {
  std::unique_ptr<fiber> stack;
  block_state *block = nullptr;
  unsigned number = 0;
  uint3 index{};
  thread_progress progress = thread_progress::finished;
  // Where it waits, and for messages.
  source_line where{};
  void *payload = nullptr;
  std::vector<pending_copy> uncommitted;
  std::deque<std::vector<pending_copy>> copy_groups;

  unsigned lane() const { return number % warp_lanes; }
};

// A collective of which some lanes have arrived.
struct open_collective {
  unsigned mask;
  unsigned arrived;
  collective kind;
  source_line where;
  // What it orders memory by, if it does.
  char *order;
};

struct warp_state {
  unsigned present = 0;
  unsigned finished = 0;
  std::vector<open_collective> open;
  // What __syncwarp orders memory by, for each lowest lane of a mask: two in turn, so that who has not yet gone on
  // from one does not see what is ordered by the next.
  char order[warp_lanes][2];
  unsigned turns[warp_lanes] = {};
};

struct shared_array_state {
  const void *key;
  guarded_memory memory;
};

// A block that has been begun, or a place for one.
struct block_state {
  bool running = false;
  uint3 index{};
  std::vector<thread_state> threads;
  std::vector<warp_state> warps;
  std::vector<shared_array_state> shared;
  guarded_memory dynamic_shared;
  std::size_t static_shared_bytes = 0;
  unsigned char garbage = 0;
  unsigned live = 0;
  unsigned at_barrier = 0;
  unsigned barrier_turn = 0;
  int votes = 0;
  int votes_taken = 0;
  source_line barrier{};
  char barrier_order[2];
  // The warp that is mostly left waiting, so that the others run ahead of it.
  unsigned slow_warp = 0;
};

class grid_run {
 public:
  // That of the calling thread of the host.
  static grid_run &here();

  // Runs the whole grid. Returns what went wrong; empty if nothing did.
  std::string run(const grid_shape &shape, std::size_t shared_bytes_max, const std::function<void()> &thread_body);

  // For the thread that runs now.
  thread_state &current() { return *current_; }
  bool random() const { return seed_ >= 2; }
  std::uint64_t random_number();
  std::size_t shared_bytes_max() const { return shared_bytes_max_; }
  std::size_t dynamic_shared_bytes() const { return shape_.dynamic_shared_bytes; }
  void make_ready(thread_state &thread);
  // Goes on with others; returns when it is this thread's turn again. Both this and fail() are called with one
  // unseen_by_sanitizer alive.
  void leave();
  // The words are put together to the message. Whatever the thread's stack owns is lost: callers keep nothing there.
  [[noreturn]] void fail(source_line where, std::initializer_list<const char *> words);

 private:
  static void thread_main();
  void prepare(const grid_shape &shape);
  void start_block(block_state &block, std::uint64_t number);
  void start_waiting_blocks();
  void end_block(block_state &block);
  bool resume_one();
  void resume(thread_state &thread);
  void abandon();
  void finish_current();
  std::string why_stuck() const;
  std::string describe(const thread_state &thread, source_line where) const;

  grid_shape shape_{};
  std::size_t shared_bytes_max_ = 0;
  const std::function<void()> *body_ = nullptr;
  std::uint64_t seed_ = 0;
  std::uint64_t random_state_ = 0;
  std::vector<std::unique_ptr<block_state>> blocks_;
  std::size_t resident_ = 1;
  std::vector<std::uint64_t> block_order_;
  std::size_t next_block_ = 0;
  std::size_t running_blocks_ = 0;
  // Threads that are ready: each goes on once before any goes on twice.
  std::vector<thread_state *> ready_;
  std::vector<thread_state *> ready_next_;
  thread_state *current_ = nullptr;
  context host_;
  std::string failure_;
  // The grid has failed: a thread that is resumed does nothing but leave.
  bool abandoning_ = false;
  char begin_order_ = 0;
  char end_order_ = 0;
};

// A number for messages.
struct decimal {
  explicit decimal(int value);
  char text[12];
};

// Of the whole program; read when a grid begins.
std::uint64_t current_seed();

}  // namespace libmatch::simt
