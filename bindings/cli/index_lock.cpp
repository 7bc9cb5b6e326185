#include "index_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "output.h"

namespace command {

namespace {

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
    open();
    wait();
    if (is_in_place()) {
      return;
    }
    close(descriptor_);
  }
}

index_lock::~index_lock() {
  unlink(path_.c_str());
  close(descriptor_);
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
