#include "index_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "output.h"

namespace command {

namespace {

constexpr std::array ending_signals{SIGINT, SIGTERM, SIGHUP};
const char *volatile held_path = nullptr;

void remove_lock_and_end(int signal) {
  if (held_path != nullptr) {
    unlink(held_path);
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// Puts those signals off: between making the lock file and knowing whose it is, nobody could clean up.
class signals_put_off {
 public:
  signals_put_off() {
    sigset_t ending;
    sigemptyset(&ending);
    for (const int signal : ending_signals) {
      sigaddset(&ending, signal);
    }
    pthread_sigmask(SIG_BLOCK, &ending, &former_);
  }
  signals_put_off(const signals_put_off &) = delete;
  signals_put_off &operator=(const signals_put_off &) = delete;
  ~signals_put_off() { pthread_sigmask(SIG_SETMASK, &former_, nullptr); }

 private:
  sigset_t former_{};
};

// Beside the file that a link leads to: all names of an index share one lock.
std::string lock_path(const std::string &index_path) {
  std::error_code missing;
  const std::filesystem::path target = std::filesystem::canonical(index_path, missing);
  return (missing ? index_path : target.native()) + ".lock";
}

}  // namespace

// A file of its own, not the index: an index that is to be built is not there yet, and one that is saved gets a new
// inode. The holder removes it, so whoever waited for it must look whether it is still the one that others would
// find.
index_lock::index_lock(const std::string &index_path) : index_path_(index_path), path_(lock_path(index_path)) {
  for (;;) {
    {
      const signals_put_off put_off;
      open();
      if (try_lock() && is_in_place()) {
        remove_when_ended();
        return;
      }
    }
    wait();
    const signals_put_off put_off;
    if (is_in_place()) {
      remove_when_ended();
      return;
    }
    close(descriptor_);
  }
}

index_lock::~index_lock() {
  const signals_put_off put_off;
  unlink(path_.c_str());
  held_path = nullptr;
  for (std::size_t i = 0; i < ending_signals.size(); ++i) {
    sigaction(ending_signals[i], &former_actions_[i], nullptr);
  }
  close(descriptor_);
}

void index_lock::remove_when_ended() {
  held_path = path_.c_str();
  struct sigaction action {};
  action.sa_handler = remove_lock_and_end;
  for (std::size_t i = 0; i < ending_signals.size(); ++i) {
    sigaction(ending_signals[i], nullptr, &former_actions_[i]);
    if (former_actions_[i].sa_handler != SIG_IGN) {
      sigaction(ending_signals[i], &action, nullptr);
    }
  }
}

void index_lock::open() {
  // Its group may wait, too, where the user's mask lets it; others could hold up every change.
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
  if (descriptor_ < 0) {
    fail();
  }
}

bool index_lock::try_lock() const {
  if (flock(descriptor_, LOCK_EX | LOCK_NB) == 0) {
    return true;
  }
  if (errno != EWOULDBLOCK && errno != EINTR) {
    fail();
  }
  return false;
}

void index_lock::wait() const {
  using namespace std::chrono_literals;
  for (int tries = 0; tries < 25; ++tries) {
    if (try_lock()) {
      return;
    }
    std::this_thread::sleep_for(20ms);
  }
  print_message(escape(index_path_) + ": another command is changing it; waiting");
  while (flock(descriptor_, LOCK_EX) != 0) {
    if (errno != EINTR) {
      fail();
    }
  }
}

bool index_lock::is_in_place() const {
  struct stat named {};
  struct stat held {};
  return stat(path_.c_str(), &named) == 0 && fstat(descriptor_, &held) == 0 && named.st_dev == held.st_dev &&
         named.st_ino == held.st_ino;
}

void index_lock::fail() const {
  throw std::runtime_error(escape(path_) + ": cannot be locked: " + std::generic_category().message(errno));
}

}  // namespace command
