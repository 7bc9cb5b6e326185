#include "store/log_file.h"

#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "store/block_file.h"

namespace libmatch::detail {

namespace {

constexpr std::uint32_t record_magic = 0x524C4D4C;  // "LMLR"
constexpr std::size_t alignment = 8;

// As it lies in the file, followed by the payload and zeros up to a multiple of 8 bytes.
struct record_header {
  std::uint32_t magic;
  std::uint32_t payload_bytes;
  std::uint64_t counter;  // grows from record to record
  std::uint64_t synced;   // bytes of the file that were on the disk before the record was written
  std::uint32_t transactions;
  std::uint32_t reserved;              // 0
  std::array<std::uint8_t, 16> proof;  // checksum of salt, header and payload, or the tag of the sealed payload
};
static_assert(sizeof(record_header) == 48);
constexpr std::size_t proved_bytes = 32;

std::size_t padded(std::size_t size) { return (size + alignment - 1) / alignment * alignment; }

std::array<std::uint8_t, 16> plain_proof(const file_header &file, const record_header &header,
                                         std::span<const std::uint8_t> payload) {
  checksum_stream sum;
  sum.update(file.salt.data(), file.salt.size());
  sum.update(&header, proved_bytes);
  sum.update(payload.data(), payload.size());
  const checksum value = sum.value();
  std::array<std::uint8_t, 16> proof{};
  std::memcpy(proof.data(), &value.low, 8);
  std::memcpy(proof.data() + 8, &value.high, 8);
  return proof;
}

// The file's place and the whole header but the tag.
std::array<std::uint8_t, 40 + proved_bytes> bound_to_record(const file_header &file, const record_header &header) {
  std::array<std::uint8_t, 40 + proved_bytes> bound{};
  const auto block = bound_to_block(file, header.counter, false);
  std::copy(block.begin(), block.end(), bound.begin());
  std::memcpy(bound.data() + block.size(), &header, proved_bytes);
  return bound;
}

}  // namespace

log_writer::log_writer(file_system &files, const std::string &path, std::uint64_t number,
                       const store_identity &identity)
    : header_(make_header(file_type::log, number, identity)), file_(files.create(path)) {
  if (identity.key) {
    cipher_ = std::make_unique<block_cipher>(derive_file_key(*identity.key, header_.salt));
  }
  const auto page = encode_header(header_);
  file_->write_at(page.data(), page.size(), 0);
  file_->sync();
}

// One write: a record that a crash tears is the last one.
void log_writer::append(std::uint32_t transactions, std::span<const std::uint8_t> changes) {
  if (changes.size() > max_log_payload) {
    fail(LM_ERROR_LIMIT, file_->path(), ": a commit of more than ", max_log_payload, " bytes");
  }
  record_header header{
      record_magic, static_cast<std::uint32_t>(changes.size()), counter_++, synced_, transactions, 0, {}};
  buffer_.assign(sizeof header + padded(changes.size()), 0);
  std::uint8_t *payload = buffer_.data() + sizeof header;
  if (cipher_ != nullptr) {
    header.proof =
        cipher_->seal(header.counter, bound_to_record(header_, header), changes.data(), changes.size(), payload);
  } else {
    std::copy(changes.begin(), changes.end(), payload);
    header.proof = plain_proof(header_, header, changes);
  }
  std::memcpy(buffer_.data(), &header, sizeof header);
  file_->write_at(buffer_.data(), buffer_.size(), size_);
  size_ += buffer_.size();
}

void log_writer::sync() {
  file_->sync();
  synced_ = size_;
}

log_reader::log_reader(const file_system &files, const std::string &path, std::uint64_t number,
                       const store_identity &identity)
    : file_(files.open(path)), header_(read_header(*file_, file_type::log, identity.key, &identity.id)) {
  if (header_.number != number) {
    fail(LM_ERROR_FORMAT, path, ": header, offset 24: the file is number ", header_.number);
  }
  if (header_.encrypted) {
    cipher_ = std::make_unique<block_cipher>(derive_file_key(*identity.key, header_.salt));
  }
}

// Whether a whole record lies at a place of the bytes.
bool log_reader::read_record(std::span<const std::uint8_t> bytes, std::size_t at, log_record &record,
                             std::uint64_t &counter, std::uint64_t &synced, std::size_t &end) {
  record_header header{};
  if (bytes.size() - at < sizeof header) {
    return false;
  }
  std::memcpy(&header, bytes.data() + at, sizeof header);
  if (header.magic != record_magic || header.counter < counter_ || header.payload_bytes > max_log_payload ||
      bytes.size() - at - sizeof header < padded(header.payload_bytes)) {
    return false;
  }
  const std::span<const std::uint8_t> payload = bytes.subspan(at + sizeof header, header.payload_bytes);
  const std::span<const std::uint8_t> padding =
      bytes.subspan(at + sizeof header + payload.size(), padded(payload.size()) - payload.size());
  if (std::any_of(padding.begin(), padding.end(), [](std::uint8_t byte) { return byte != 0; })) {
    return false;
  }
  record.changes.assign(payload.begin(), payload.end());
  if (cipher_ != nullptr) {
    if (!cipher_->open(header.counter, bound_to_record(header_, header), payload.data(), payload.size(),
                       record.changes.data(), cipher_tag(header.proof))) {
      return false;
    }
  } else if (plain_proof(header_, header, payload) != header.proof) {
    return false;
  }
  record.transactions = header.transactions;
  counter = header.counter;
  synced = header.synced;
  end = at + sizeof header + padded(header.payload_bytes);
  return true;
}

// What follows the last whole record was lost by a crash, unless a record behind it says that it was safe.
void log_reader::check_tail(std::span<const std::uint8_t> bytes, std::size_t at) {
  for (std::size_t place = at + alignment; place + sizeof(record_header) <= bytes.size(); place += alignment) {
    log_record record;
    std::uint64_t counter = 0;
    std::uint64_t synced = 0;
    std::size_t end = 0;
    std::uint32_t found_magic = 0;
    std::memcpy(&found_magic, bytes.data() + place, sizeof found_magic);
    if (found_magic == record_magic && read_record(bytes, place, record, counter, synced, end)) {
      if (synced > at_ + at) {
        fail(LM_ERROR_FORMAT, path(), ": offset ", at_ + at, ": a record is damaged that was whole before");
      }
      place = end - alignment;
    }
  }
}

std::vector<log_record> log_reader::read_new() {
  std::vector<log_record> records;
  const std::uint64_t size = file_->size();
  torn_ = false;
  if (size < at_) {
    fail(LM_ERROR_FORMAT, path(), ": offset ", size, ": cut short, ", at_, " bytes were there");
  }
  if (size == at_) {
    return records;
  }
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size - at_));
  bytes.resize(file_->read_at(bytes.data(), bytes.size(), at_));
  std::size_t at = 0;
  for (;;) {
    log_record record;
    std::uint64_t synced = 0;
    std::uint64_t counter = 0;
    std::size_t end = 0;
    if (at == bytes.size() || !read_record(bytes, at, record, counter, synced, end)) {
      break;
    }
    record.offset = at_ + at + sizeof(record_header);
    counter_ = counter + 1;
    at = end;
    records.push_back(std::move(record));
  }
  torn_ = at != bytes.size();
  if (torn_) {
    check_tail(bytes, at);
  }
  at_ += at;
  return records;
}

}  // namespace libmatch::detail
