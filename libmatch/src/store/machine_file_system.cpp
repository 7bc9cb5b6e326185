#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <sstream>
#include <system_error>
#include <utility>

#include "core/error.h"
#include "store/file_system.h"
#include "store/reclaimer.h"

namespace libmatch::detail {

namespace {

[[noreturn]] void fail_io(const std::string &path, const char *action) {
  fail(LM_ERROR_IO, path, ": cannot ", action, ": ", std::generic_category().message(errno));
}

class descriptor {
 public:
  descriptor(const std::string &path, int flags, const char *action) {
    do {
      number_ = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
    } while (number_ < 0 && errno == EINTR);
    if (number_ < 0) {
      fail_io(path, action);
    }
  }
  descriptor(const descriptor &) = delete;
  descriptor &operator=(const descriptor &) = delete;
  ~descriptor() { ::close(number_); }
  int get() const noexcept { return number_; }

 private:
  int number_ = -1;
};

// Unmapping gigabytes takes milliseconds, so it is left to a thread that nobody waits for.
class mapping {
 public:
  mapping(void *address, std::size_t size) : address_(address), size_(size) {}
  mapping(const mapping &) = delete;
  mapping &operator=(const mapping &) = delete;
  ~mapping() { reclaim_mapping(address_, size_); }

 private:
  void *address_;
  std::size_t size_;
};

class machine_file final : public store_file {
 public:
  machine_file(const std::string &path, int flags, const char *action)
      : store_file(path), descriptor_(path, flags, action) {
    struct stat status {};
    if (::fstat(descriptor_.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
      fail(LM_ERROR_IO, path, ": not a regular file");
    }
  }

  std::uint64_t size() const override {
    struct stat status {};
    if (::fstat(descriptor_.get(), &status) != 0) {
      fail_io(path(), "examine");
    }
    return static_cast<std::uint64_t>(status.st_size);
  }

  std::size_t read_at(void *destination, std::size_t size, std::uint64_t offset) const override {
    std::size_t done = 0;
    while (done < size) {
      const ssize_t count = ::pread(descriptor_.get(), static_cast<char *>(destination) + done, size - done,
                                    static_cast<off_t>(offset + done));
      if (count < 0 && errno != EINTR) {
        fail_io(path(), "read");
      }
      if (count == 0) {
        break;
      }
      done += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    return done;
  }

  void write_at(const void *source, std::size_t size, std::uint64_t offset) override {
    std::size_t done = 0;
    while (done < size) {
      const ssize_t count = ::pwrite(descriptor_.get(), static_cast<const char *>(source) + done, size - done,
                                     static_cast<off_t>(offset + done));
      if (count < 0 && errno != EINTR) {
        fail_io(path(), "write");
      }
      done += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
  }

  void sync() override {
    while (::fdatasync(descriptor_.get()) != 0) {
      if (errno != EINTR) {
        fail_io(path(), "sync");
      }
    }
  }

  held_bytes map() const override {
    const auto size = static_cast<std::size_t>(this->size());
    if (size == 0) {
      return {};
    }
    void *address = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor_.get(), 0);
    if (address == MAP_FAILED) {
      fail_io(path(), "map");
    }
    return {{static_cast<const std::uint8_t *>(address), size}, std::make_shared<const mapping>(address, size), true};
  }

 private:
  descriptor descriptor_;
};

class machine final : public file_system {
 public:
  bool exists(const std::string &path) const override {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0;
  }

  std::vector<std::string> list(const std::string &folder) const override {
    std::vector<std::string> names;
    std::error_code failure;
    for (std::filesystem::directory_iterator entry(folder, failure), end; !failure && entry != end;
         entry.increment(failure)) {
      names.push_back(entry->path().filename().string());
    }
    if (failure) {
      fail(LM_ERROR_IO, folder, ": cannot list: ", failure.message());
    }
    return names;
  }

  void create_folder(const std::string &path) override {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
      fail_io(path, "create the folder");
    }
  }

  // O_NONBLOCK: a named pipe that nobody writes to would hold up the opening itself.
  std::unique_ptr<store_file> open(const std::string &path) const override {
    return std::make_unique<machine_file>(path, O_RDONLY | O_NONBLOCK, "open");
  }

  std::unique_ptr<store_file> create(const std::string &path) override {
    return std::make_unique<machine_file>(path, O_RDWR | O_CREAT | O_TRUNC, "create");
  }

  void rename(const std::string &from, const std::string &to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) {
      fail_io(from, "rename");
    }
  }

  void remove(const std::string &path) override {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
      fail_io(path, "remove");
    }
  }

  // Some file systems cannot sync a folder and say EINVAL; there is nothing more to do on them.
  void sync_folder(const std::string &path) override {
    const descriptor folder(path, O_RDONLY | O_DIRECTORY, "open the folder");
    if (::fsync(folder.get()) != 0 && errno != EINVAL) {
      fail_io(path, "sync the folder");
    }
  }

  std::shared_ptr<void> lock(const std::string &path) override {
    auto file = std::make_shared<descriptor>(path, O_RDWR | O_CREAT, "open the lock");
    while (::flock(file->get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) {
        return nullptr;
      }
      if (errno != EINTR) {
        fail_io(path, "lock");
      }
    }
    return file;
  }

  std::string identity(const std::string &path) const override {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
      fail_io(path, "examine");
    }
    std::ostringstream text;
    text << status.st_dev << ' ' << status.st_ino << ' ' << status.st_size << ' ' << status.st_mtim.tv_sec << ' '
         << status.st_mtim.tv_nsec;
    return text.str();
  }
};

}  // namespace

void let_go_of_pages(std::span<const std::uint8_t> mapped) noexcept {
  constexpr std::size_t page = 4096;
  const std::size_t before = (page - reinterpret_cast<std::uintptr_t>(mapped.data()) % page) % page;
  if (mapped.size() >= before + page) {
    const std::span<const std::uint8_t> whole = mapped.subspan(before, (mapped.size() - before) / page * page);
    static_cast<void>(::madvise(const_cast<std::uint8_t *>(whole.data()), whole.size(), MADV_DONTNEED));
  }
}

std::shared_ptr<file_system> machine_file_system() {
  static const std::shared_ptr<file_system> system = std::make_shared<machine>();
  return system;
}

}  // namespace libmatch::detail
