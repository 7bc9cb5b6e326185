#include "core/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include "core/error.h"

namespace libmatch::detail {

namespace {

[[noreturn]] void fail_io(const std::string &path, const char *action) {
  fail(LM_ERROR_IO, path, ": cannot ", action, ": ", std::generic_category().message(errno));
}

std::string folder_of(const std::string &path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) {
    return ".";
  }
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Where a path leads: through a symbolic link to the file it points to, unless that is not there.
std::string follow_links(const std::string &path) {
  const std::unique_ptr<char, decltype(&std::free)> target(::realpath(path.c_str(), nullptr), &std::free);
  return target != nullptr ? std::string(target.get()) : path;
}

}  // namespace

file_descriptor::file_descriptor(int descriptor, std::string path)
    : descriptor_(descriptor), path_(std::move(path)) {}

file_descriptor::file_descriptor(file_descriptor &&other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

file_descriptor &file_descriptor::operator=(file_descriptor &&other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  return *this;
}

file_descriptor::~file_descriptor() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

file_descriptor file_descriptor::open_with(const std::string &path, int flags) {
  int descriptor;
  do {
    descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) {
    fail_io(path, "open");
  }
  return {descriptor, path};
}

// O_NONBLOCK: a named pipe that nobody writes to would hold up the opening itself. It means nothing to regular files.
file_descriptor file_descriptor::open_for_reading(const std::string &path) {
  file_descriptor file = open_with(path, O_NONBLOCK);
  file.regular_size();
  return file;
}

file_descriptor file_descriptor::open_stream(const std::string &path) { return open_with(path, 0); }

std::size_t file_descriptor::read_at(void *destination, std::size_t size, std::uint64_t offset) const {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count =
        ::pread(descriptor_, static_cast<char *>(destination) + done, size - done, static_cast<off_t>(offset + done));
    if (count < 0) {
      if (errno == EINTR) {
        continue;
      }
      fail_io(path_, "read");
    }
    if (count == 0) {
      break;
    }
    done += static_cast<std::size_t>(count);
  }
  return done;
}

std::size_t file_descriptor::read(void *destination, std::size_t size) const {
  for (;;) {
    const ssize_t count = ::read(descriptor_, destination, size);
    if (count >= 0) {
      return static_cast<std::size_t>(count);
    }
    if (errno != EINTR) {
      fail_io(path_, "read");
    }
  }
}

void file_descriptor::write_all(const void *source, std::size_t size) const {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = ::write(descriptor_, static_cast<const char *>(source) + done, size - done);
    if (count < 0) {
      if (errno == EINTR) {
        continue;
      }
      fail_io(path_, "write");
    }
    done += static_cast<std::size_t>(count);
  }
}

void file_descriptor::write_all_at(const void *source, std::size_t size, std::uint64_t offset) const {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = ::pwrite(descriptor_, static_cast<const char *>(source) + done, size - done,
                                   static_cast<off_t>(offset + done));
    if (count < 0) {
      if (errno == EINTR) {
        continue;
      }
      fail_io(path_, "write");
    }
    done += static_cast<std::size_t>(count);
  }
}

void file_descriptor::sync() const {
  while (::fsync(descriptor_) != 0) {
    if (errno != EINTR) {
      fail_io(path_, "sync");
    }
  }
}

void file_descriptor::close() {
  if (::close(std::exchange(descriptor_, -1)) != 0) {
    fail_io(path_, "close");
  }
}

std::uint64_t file_descriptor::size() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) {
    fail_io(path_, "examine");
  }
  if (S_ISDIR(status.st_mode)) {
    errno = EISDIR;
    fail_io(path_, "read");
  }
  return S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
}

std::uint64_t file_descriptor::regular_size() const {
  const std::uint64_t bytes = size();
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
    fail(LM_ERROR_IO, path_, ": not a regular file");
  }
  return bytes;
}

std::vector<std::uint8_t> read_file(const std::string &path, std::uint64_t max_bytes) {
  const file_descriptor file = file_descriptor::open_for_reading(path);
  const std::uint64_t expected = file.size();
  const auto check_limit = [&](std::uint64_t size) {
    if (size > max_bytes) {
      fail(LM_ERROR_LIMIT, path, ": more than ", max_bytes, " bytes");
    }
  };
  check_limit(expected);
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(expected) + 1);
  std::size_t size = 0;
  // One byte more than expected is asked for, so that the end is seen and a growing file is noticed.
  for (;;) {
    const std::size_t count = file.read(bytes.data() + size, bytes.size() - size);
    if (count == 0) {
      break;
    }
    size += count;
    check_limit(size);
    if (size == bytes.size()) {
      bytes.resize(bytes.size() * 2 + (1U << 16));
    }
  }
  bytes.resize(size);
  return bytes;
}

mapped_file::mapped_file(const std::string &path) {
  const file_descriptor file = file_descriptor::open_for_reading(path);
  size_ = static_cast<std::size_t>(file.regular_size());
  if (size_ == 0) {
    return;
  }
  void *address = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file.get(), 0);
  if (address == MAP_FAILED) {
    fail_io(path, "map");
  }
  data_ = static_cast<const std::uint8_t *>(address);
}

mapped_file::~mapped_file() {
  if (data_ != nullptr) {
    ::munmap(const_cast<std::uint8_t *>(data_), size_);
  }
}

// The folder is opened first: where that is not allowed, nothing has been replaced yet.
atomic_file::atomic_file(const std::string &path)
    : path_(follow_links(path)), folder_(file_descriptor::open_with(folder_of(path_), O_DIRECTORY)), file_(-1, "") {
  struct stat status {};
  const bool exists = ::stat(path_.c_str(), &status) == 0;
  if (exists && !S_ISREG(status.st_mode)) {
    fail(LM_ERROR_IO, path, ": cannot replace what is not a regular file");
  }
  // A name of its own for each writer, in the same folder, since a rename does not cross file systems.
  temporary_path_ = path_ + ".XXXXXX";
  const int descriptor = ::mkostemp(temporary_path_.data(), O_CLOEXEC);
  if (descriptor < 0) {
    fail_io(path, "create a temporary file beside");
  }
  file_ = file_descriptor(descriptor, path);  // errors name what the caller named
  // A new file is its owner's alone (mkostemp gives 0600; a list is a secret), a replaced one keeps its permissions.
  if (exists && ::fchmod(descriptor, status.st_mode & 0777U) != 0) {
    const int reason = errno;
    ::unlink(temporary_path_.c_str());
    errno = reason;
    fail_io(path, "keep the permissions of");
  }
}

atomic_file::~atomic_file() {
  if (!committed_) {
    ::unlink(temporary_path_.c_str());
  }
}

void atomic_file::write(const void *source, std::size_t size) { file_.write_all(source, size); }

void atomic_file::write_at(const void *source, std::size_t size, std::uint64_t offset) {
  file_.write_all_at(source, size, offset);
}

void atomic_file::commit() {
  file_.sync();
  file_.close();
  if (::rename(temporary_path_.c_str(), path_.c_str()) != 0) {
    fail_io(path_, "rename a temporary file to");
  }
  committed_ = true;
  // A rename is durable only once the folder that holds the name is synced. Some file systems cannot sync a folder
  // and say EINVAL; there is nothing more to do on them.
  if (::fsync(folder_.get()) != 0 && errno != EINVAL) {
    fail_io(path_, "sync the folder of (the new file is in place)");
  }
}

}  // namespace libmatch::detail
