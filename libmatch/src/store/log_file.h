// The log: changes in the order of their commits, appended to a file.
//
// A record counts when its checksum, or its tag, is right. Bytes behind the last record that do are of a write that
// did not come to its end, unless a later record says that they were synced: then the file is damaged.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/file_header.h"
#include "store/file_system.h"

namespace libmatch::detail {

inline constexpr std::size_t max_log_payload = std::size_t{64} << 20;

struct log_record {
  std::uint64_t offset = 0;        // of the payload
  std::uint32_t transactions = 0;  // committed together
  std::vector<std::uint8_t> changes;
};

// Appends. A failed append may be tried again; after a failed sync nothing is known, and the log takes no more.
class log_writer {
 public:
  log_writer(file_system &files, const std::string &path, std::uint64_t number, const store_identity &identity);

  void append(std::uint32_t transactions, std::span<const std::uint8_t> changes);
  void sync();
  std::uint64_t size() const noexcept { return size_; }
  bool has_unsynced() const noexcept { return synced_ != size_; }

 private:
  file_header header_;
  std::unique_ptr<store_file> file_;
  std::unique_ptr<block_cipher> cipher_;
  std::uint64_t size_ = page_bytes;
  std::uint64_t synced_ = page_bytes;
  std::uint64_t counter_ = 0;
  std::vector<std::uint8_t> buffer_;
};

// Follows a log that may be written meanwhile.
class log_reader {
 public:
  log_reader(const file_system &files, const std::string &path, std::uint64_t number, const store_identity &identity);

  // The records behind those that were read before. LM_ERROR_FORMAT for damage.
  std::vector<log_record> read_new();
  // Then read_new() returns all records, also those that were read before.
  void begin_again() noexcept {
    at_ = page_bytes;
    counter_ = 0;
  }
  // Whether the last call left bytes behind the last record.
  bool has_torn_tail() const noexcept { return torn_; }
  const std::string &path() const noexcept { return file_->path(); }

 private:
  bool read_record(std::span<const std::uint8_t> bytes, std::size_t at, log_record &record, std::uint64_t &counter,
                   std::uint64_t &synced, std::size_t &end);
  void check_tail(std::span<const std::uint8_t> bytes, std::size_t at);

  std::unique_ptr<store_file> file_;
  file_header header_;
  std::unique_ptr<block_cipher> cipher_;
  std::uint64_t at_ = page_bytes;
  std::uint64_t counter_ = 0;  // the least that the next record may have
  bool torn_ = false;
};

}  // namespace libmatch::detail
