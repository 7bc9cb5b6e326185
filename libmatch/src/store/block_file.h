// Files that are written once: a header page, then the body in blocks, each with a checksum or sealed with a key.
//
// Plain: the body as it is, so that it can be mapped, and behind it the checksum of each block. Encrypted: each
// block, followed by its tag.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/aligned_vector.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "store/file_header.h"
#include "store/file_system.h"

namespace libmatch::detail {

class block_file_writer {
 public:
  // Creates the file. It counts once something durable names it.
  block_file_writer(file_system &files, const std::string &path, file_type type, std::uint64_t number,
                    const store_identity &identity);

  void write(const void *source, std::size_t size);
  template <typename Element>
  void write(std::span<const Element> elements) {
    write(elements.data(), elements.size_bytes());
  }
  // Zeros up to the next multiple.
  void pad_to(std::size_t multiple);
  std::uint64_t position() const noexcept { return body_bytes_; }

  // Writes the rest and the header, and syncs. Returns the bytes of the file.
  std::uint64_t finish();

 private:
  void write_blocks(bool is_end);
  void put(const void *source, std::size_t size);

  file_header header_;
  std::unique_ptr<store_file> file_;
  std::unique_ptr<block_cipher> cipher_;
  std::vector<std::uint8_t> buffer_;
  std::vector<std::uint8_t> sealed_;
  std::vector<std::uint64_t> sums_;  // two a block
  std::uint64_t body_bytes_ = 0;
  std::uint64_t file_bytes_ = page_bytes;
  std::uint64_t block_ = 0;
};

class block_file {
 public:
  // Checks the header and the file's size.
  block_file(const file_system &files, const std::string &path, file_type type, const store_identity &identity,
             bool is_first = false);

  const file_header &header() const noexcept { return header_; }

  // The body as memory: mapped and unverified where it is plain and `map` is set, else read and every block verified.
  // LM_ERROR_CANCELLED once `stop`, when it is not null, is set.
  held_bytes body(bool map, thread_pool *threads, const std::atomic<bool> *stop = nullptr) const;
  // Verifies every block. The meter counts bytes of the body; null: nothing is counted.
  void verify(progress_meter *meter) const;
  // Verifies the blocks first to last - 1 of a plain file; those of an encrypted one were when they were read.
  void verify_blocks(std::uint64_t first, std::uint64_t last) const;
  std::uint64_t blocks() const noexcept { return (header_.body_bytes + block_bytes - 1) / block_bytes; }

 private:
  void read_block(std::uint64_t block, std::uint8_t *target, block_cipher *cipher,
                  std::vector<std::uint8_t> &sealed) const;
  std::size_t size_of(std::uint64_t block) const noexcept;
  void read_sums();
  [[noreturn]] void refuse_block(std::uint64_t block) const;

  std::unique_ptr<store_file> file_;
  std::optional<cipher_key> key_;
  file_header header_;
  std::vector<std::uint64_t> sums_;
};

// What is authenticated with each encrypted block, so that none can stand for another and none can be left out.
std::array<std::uint8_t, 40> bound_to_block(const file_header &header, std::uint64_t counter, bool is_last);

}  // namespace libmatch::detail
