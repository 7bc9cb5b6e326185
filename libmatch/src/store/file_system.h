// The system calls that a store makes, and no others: so that tests can let any of them fail, and lose what was not
// synced.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace libmatch::detail {

// Bytes that stay where they are as long as somebody holds them.
struct held_bytes {
  std::span<const std::uint8_t> bytes;
  std::shared_ptr<const void> storage;
  bool is_mapped = false;  // from a file that does not change, which has the bytes whenever they are looked at again
};

// Gives back the memory that pages of a mapped file take of this process. What is looked at again is mapped again.
void let_go_of_pages(std::span<const std::uint8_t> mapped) noexcept;

// An open file. Every failure throws LM_ERROR_IO with the path and the system's reason.
class store_file {
 public:
  virtual ~store_file() = default;

  const std::string &path() const noexcept { return path_; }
  virtual std::uint64_t size() const = 0;
  // Up to `size` bytes; returns how many there were.
  virtual std::size_t read_at(void *destination, std::size_t size, std::uint64_t offset) const = 0;
  // When it fails, some of the bytes may have been written.
  virtual void write_at(const void *source, std::size_t size, std::uint64_t offset) = 0;
  // Content and size are on the disk. When it fails, nobody knows what is.
  virtual void sync() = 0;
  // The whole file as memory.
  virtual held_bytes map() const = 0;

 protected:
  explicit store_file(std::string path) : path_(std::move(path)) {}

 private:
  std::string path_;
};

class file_system {
 public:
  virtual ~file_system() = default;

  virtual bool exists(const std::string &path) const = 0;
  // The names in a folder, in no order.
  virtual std::vector<std::string> list(const std::string &folder) const = 0;
  virtual void create_folder(const std::string &path) = 0;
  virtual std::unique_ptr<store_file> open(const std::string &path) const = 0;  // for reading
  // A new, empty file, readable by its owner alone. One that is there is emptied first.
  virtual std::unique_ptr<store_file> create(const std::string &path) = 0;
  virtual void rename(const std::string &from, const std::string &to) = 0;
  virtual void remove(const std::string &path) = 0;
  // Names that were created, renamed or removed in the folder are on the disk.
  virtual void sync_folder(const std::string &path) = 0;
  // Held until destroyed, or the process ends; null when another has it.
  virtual std::shared_ptr<void> lock(const std::string &path) = 0;
  // What says that a path leads to another file than before: its device, number and time.
  virtual std::string identity(const std::string &path) const = 0;
};

std::shared_ptr<file_system> machine_file_system();

}  // namespace libmatch::detail
