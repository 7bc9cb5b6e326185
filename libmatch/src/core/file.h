// Files: reading, mapping, and writing so that a reader finds the old file or the new one, whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace libmatch::detail {

// An open file descriptor. Every failure throws LM_ERROR_IO with the path and the system's reason.
class file_descriptor {
 public:
  // A regular file; everything else is refused, without waiting for whoever might write into a pipe.
  static file_descriptor open_for_reading(const std::string &path);
  // Also a pipe or a terminal, which may have no end: for what is read line by line.
  static file_descriptor open_stream(const std::string &path);
  file_descriptor(file_descriptor &&other) noexcept;
  file_descriptor &operator=(file_descriptor &&other) noexcept;
  ~file_descriptor();

  // Reads up to `size` bytes from `offset`; returns how many there were.
  std::size_t read_at(void *destination, std::size_t size, std::uint64_t offset) const;
  // Reads up to `size` bytes from the current position; returns how many; 0 at the end.
  std::size_t read(void *destination, std::size_t size) const;
  void write_all(const void *source, std::size_t size) const;
  void write_all_at(const void *source, std::size_t size, std::uint64_t offset) const;
  void sync() const;
  void close();  // reports what a destructor could not
  // Bytes of a regular file, 0 for pipes and devices; LM_ERROR_IO for a folder.
  std::uint64_t size() const;
  // The same, and LM_ERROR_IO for everything that is no regular file.
  std::uint64_t regular_size() const;
  int get() const noexcept { return descriptor_; }
  const std::string &path() const noexcept { return path_; }

 private:
  friend class atomic_file;
  static file_descriptor open_with(const std::string &path, int flags);
  file_descriptor(int descriptor, std::string path);
  int descriptor_ = -1;
  std::string path_;
};

// The whole of a regular file. LM_ERROR_LIMIT when it holds more than max_bytes, which is measured before memory is
// taken.
std::vector<std::uint8_t> read_file(const std::string &path, std::uint64_t max_bytes);

// A regular file's bytes as memory, read-only, until destroyed. Touching them raises SIGBUS if somebody cuts the file
// short meanwhile or the disk cannot be read.
class mapped_file {
 public:
  explicit mapped_file(const std::string &path);
  mapped_file(const mapped_file &) = delete;
  mapped_file &operator=(const mapped_file &) = delete;
  ~mapped_file();
  std::span<const std::uint8_t> bytes() const noexcept { return {data_, size_}; }

 private:
  const std::uint8_t *data_ = nullptr;
  std::size_t size_ = 0;
};

// A new file beside `path` that takes its name on commit(): written, synced, renamed, the folder synced. Without
// commit() it disappears and `path` holds what it held. A symbolic link is followed: what it points to is replaced.
// LM_ERROR_IO when `path` exists and is no regular file.
class atomic_file {
 public:
  explicit atomic_file(const std::string &path);
  atomic_file(const atomic_file &) = delete;
  atomic_file &operator=(const atomic_file &) = delete;
  ~atomic_file();
  // Appends.
  void write(const void *source, std::size_t size);
  // Overwrites bytes that write() has written.
  void write_at(const void *source, std::size_t size, std::uint64_t offset);
  // When only the folder's sync fails, the new file stands under its name and the error says so.
  void commit();

 private:
  std::string path_;
  std::string temporary_path_;
  file_descriptor folder_;
  file_descriptor file_;
  bool committed_ = false;
};

}  // namespace libmatch::detail
