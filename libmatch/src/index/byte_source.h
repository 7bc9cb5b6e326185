// Where the bytes of an index file come from: an open file, or memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/file.h"

namespace libmatch::detail {

class byte_source {
 public:
  virtual ~byte_source() = default;

  const std::string &name() const noexcept { return name_; }
  std::uint64_t size() const noexcept { return size_; }
  // Fills the destination, which lies within the first size() bytes.
  virtual void read(void *destination, std::size_t bytes, std::uint64_t offset) const = 0;

 protected:
  byte_source(std::string name, std::uint64_t size) : name_(std::move(name)), size_(size) {}

 private:
  std::string name_;
  std::uint64_t size_;
};

class file_source final : public byte_source {
 public:
  explicit file_source(const std::string &path) : file_source(file_descriptor::open_for_reading(path)) {}

  void read(void *destination, std::size_t bytes, std::uint64_t offset) const override {
    const std::size_t count = file_.read_at(destination, bytes, offset);
    if (count != bytes) {
      fail(LM_ERROR_IO, name(), ": cut short at offset ", offset + count, " while it was read");
    }
  }

 private:
  explicit file_source(file_descriptor file)
      : byte_source(file.path(), file.regular_size()), file_(std::move(file)) {}

  file_descriptor file_;
};

class memory_source final : public byte_source {
 public:
  memory_source(const std::string &name, std::span<const std::uint8_t> bytes)
      : byte_source(name, bytes.size()), bytes_(bytes) {}

  void read(void *destination, std::size_t bytes, std::uint64_t offset) const override {
    if (bytes != 0) {  // memcpy takes no null pointer, not even for no bytes
      std::memcpy(destination, bytes_.data() + offset, bytes);
    }
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

}  // namespace libmatch::detail
