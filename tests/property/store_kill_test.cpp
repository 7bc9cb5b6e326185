// A real writer on a real disk, killed at any moment: the store opens, and holds what was acknowledged and at most
// the one commit that was under way.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <iostream>
#include <new>
#include <thread>

#include "store/store.h"
#include "support/files.h"
#include "support/store_effort.h"
#include "support/store_model.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

model_transaction transaction_number(std::uint64_t number) {
  random_source random(1000 + number);
  const std::size_t changes = random.below(20) == 0 ? 200 : 1 + random.below(10);
  return random_transaction(random, changes, 1000 + static_cast<std::int64_t>(number / 8));
}

// What the writer's process tells: how many transactions are committed.
class shared_counter {
 public:
  shared_counter()
      : memory_(::mmap(nullptr, sizeof(std::atomic<std::uint64_t>), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (memory_ == MAP_FAILED) {
      throw std::bad_alloc();
    }
    value_ = new (memory_) std::atomic<std::uint64_t>(0);
  }
  shared_counter(const shared_counter &) = delete;
  shared_counter &operator=(const shared_counter &) = delete;
  ~shared_counter() { ::munmap(memory_, sizeof(std::atomic<std::uint64_t>)); }
  std::atomic<std::uint64_t> &value() { return *value_; }

 private:
  void *memory_;
  std::atomic<std::uint64_t> *value_;
};

// Commits one transaction after the other until it is killed.
[[noreturn]] void write_until_killed(const std::string &path, std::atomic<std::uint64_t> &acknowledged) {
  store_options options;
  options.log_bytes = 4096 + 4000;
  options.transaction_bytes = 6000;
  const auto writer = store_writer::open(path, options);
  for (;;) {
    const std::uint64_t number = writer->snapshot()->version;
    commit(*writer, transaction_number(number));
    acknowledged = number + 1;
  }
}

}  // namespace

TEST(StoreKill, AcknowledgedChangesSurvive) {
  const temporary_folder folder;
  const std::string path = folder / "store";
  create_store(path, {});
  shared_counter acknowledged;
  store_model model;
  std::uint64_t version = 0;
  random_source random(1);
  for (std::uint64_t kill = 0; kill < effort(6, 200); ++kill) {
    SCOPED_TRACE(testing::Message() << "kill " << kill);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      write_until_killed(path, acknowledged.value());
    }
    // Some die while they open the store, the others while they write.
    if (kill % 4 != 0) {
      const std::uint64_t before = acknowledged.value();
      for (int wait = 0; wait < 5000 && acknowledged.value() == before; ++wait) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(40000)));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    reader_options reading;
    reading.poll_interval = std::chrono::milliseconds(0);
    const auto snapshot = store_reader::open(path, reading)->snapshot();
    ASSERT_GE(snapshot->version, acknowledged.value());
    ASSERT_LE(snapshot->version, acknowledged.value() + 1);
    for (; version < snapshot->version; ++version) {
      model.apply(transaction_number(version));
    }
    acknowledged.value() = version;
    ASSERT_EQ(lines_of(*snapshot), model.lines());
    verify_store(path, reading, nullptr);
  }
  std::cout << version << " transactions, " << effort(6, 200) << " kills\n";
  EXPECT_GT(version, 0U);
}
