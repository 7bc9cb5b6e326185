#include "store/block_file.h"

#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "store/reclaimer.h"

namespace libmatch::detail {

namespace {

constexpr std::size_t blocks_of_write = 16;

// Pages that a system call finds missing are made with the map of the whole process locked, and a thread of low
// priority may be stopped there: every search that asks for memory would wait for it. Those that the thread itself
// misses are not. (bench/README.md has both.)
void make_pages(std::uint8_t *memory, std::size_t size) {
  volatile std::uint8_t *touched = memory;
  for (std::size_t place = 0; place < size; place += page_bytes) {
    touched[place] = 0;
  }
}

std::uint64_t file_bytes_of(const file_header &header, std::uint64_t blocks) {
  return page_bytes + header.body_bytes + blocks * sizeof(cipher_tag);
}

}  // namespace

std::array<std::uint8_t, 40> bound_to_block(const file_header &header, std::uint64_t counter, bool is_last) {
  std::array<std::uint8_t, 40> bound{};
  const auto type = static_cast<std::uint32_t>(header.type);
  std::memcpy(bound.data(), &type, sizeof type);
  bound[4] = is_last ? 1 : 0;
  std::memcpy(bound.data() + 8, &header.number, sizeof header.number);
  std::memcpy(bound.data() + 16, &counter, sizeof counter);
  std::memcpy(bound.data() + 24, header.store.data(), header.store.size());
  return bound;
}

block_file_writer::block_file_writer(file_system &files, const std::string &path, file_type type,
                                     std::uint64_t number, const store_identity &identity)
    : header_(make_header(type, number, identity)), file_(files.create(path)) {
  if (identity.key) {
    cipher_ = std::make_unique<block_cipher>(derive_file_key(*identity.key, header_.salt));
    sealed_.resize(blocks_of_write * (block_bytes + sizeof(cipher_tag)));
  }
  buffer_.reserve(blocks_of_write * block_bytes);
}

void block_file_writer::put(const void *source, std::size_t size) {
  file_->write_at(source, size, file_bytes_);
  file_bytes_ += size;
}

void block_file_writer::write(const void *source, std::size_t size) {
  const auto *bytes = static_cast<const std::uint8_t *>(source);
  body_bytes_ += size;
  while (size > 0) {
    if (buffer_.size() == blocks_of_write * block_bytes) {
      write_blocks(false);
    }
    const std::size_t part = std::min(size, blocks_of_write * block_bytes - buffer_.size());
    buffer_.insert(buffer_.end(), bytes, bytes + part);
    bytes += part;
    size -= part;
  }
}

void block_file_writer::pad_to(std::size_t multiple) {
  const std::vector<std::uint8_t> zeros((multiple - body_bytes_ % multiple) % multiple);
  write(zeros.data(), zeros.size());
}

// All that is gathered: whole blocks, or those up to the end of the body.
void block_file_writer::write_blocks(bool is_end) {
  const std::size_t bytes = buffer_.size();
  std::size_t sealed = 0;
  for (std::size_t begin = 0; begin < bytes; begin += block_bytes, ++block_) {
    const std::size_t size = std::min<std::size_t>(block_bytes, bytes - begin);
    if (cipher_ == nullptr) {
      const checksum sum = checksum_of(buffer_.data() + begin, size);
      sums_.push_back(sum.low);
      sums_.push_back(sum.high);
      continue;
    }
    const auto bound = bound_to_block(header_, block_, is_end && begin + size == bytes);
    const cipher_tag tag = cipher_->seal(block_, bound, buffer_.data() + begin, size, sealed_.data() + sealed);
    std::memcpy(sealed_.data() + sealed + size, tag.data(), tag.size());
    sealed += size + tag.size();
  }
  put(cipher_ == nullptr ? buffer_.data() : sealed_.data(), cipher_ == nullptr ? bytes : sealed);
  buffer_.clear();
}

std::uint64_t block_file_writer::finish() {
  write_blocks(true);
  header_.body_bytes = body_bytes_;
  if (cipher_ == nullptr) {
    header_.blocks = checksum_of(sums_.data(), sums_.size() * sizeof(std::uint64_t));
    put(sums_.data(), sums_.size() * sizeof(std::uint64_t));
  }
  const auto page = encode_header(header_);
  file_->write_at(page.data(), page.size(), 0);
  file_->sync();
  return file_bytes_;
}

block_file::block_file(const file_system &files, const std::string &path, file_type type,
                       const store_identity &identity, bool is_first)
    : file_(files.open(path)), header_(read_header(*file_, type, identity.key, is_first ? nullptr : &identity.id)) {
  const std::uint64_t size = file_->size();
  if (header_.body_bytes > size || file_bytes_of(header_, blocks()) != size) {
    fail(LM_ERROR_FORMAT, path, ": header, offset 32: ", size, " bytes, but a body of ", header_.body_bytes,
         " takes ", file_bytes_of(header_, blocks()));
  }
  if (header_.encrypted) {
    key_ = derive_file_key(*identity.key, header_.salt);
  } else {
    read_sums();
  }
}

void block_file::read_sums() {
  sums_.resize(2 * blocks());
  const std::size_t bytes = sums_.size() * sizeof(std::uint64_t);
  const std::uint64_t offset = page_bytes + header_.body_bytes;
  if (file_->read_at(sums_.data(), bytes, offset) != bytes || !(checksum_of(sums_.data(), bytes) == header_.blocks)) {
    fail(LM_ERROR_FORMAT, file_->path(), ": offset ", offset, ": the checksums of the blocks are damaged");
  }
}

std::size_t block_file::size_of(std::uint64_t block) const noexcept {
  return static_cast<std::size_t>(std::min<std::uint64_t>(block_bytes, header_.body_bytes - block * block_bytes));
}

void block_file::refuse_block(std::uint64_t block) const {
  const std::uint64_t stride = block_bytes + (header_.encrypted ? sizeof(cipher_tag) : 0);
  fail(LM_ERROR_FORMAT, file_->path(), ": block ", block, ", offset ", page_bytes + block * stride,
       ": its bytes are not those that were written");
}

void block_file::read_block(std::uint64_t block, std::uint8_t *target, block_cipher *cipher,
                            std::vector<std::uint8_t> &sealed) const {
  const std::size_t size = size_of(block);
  if (cipher == nullptr) {
    if (file_->read_at(target, size, page_bytes + block * block_bytes) != size ||
        !(checksum_of(target, size) == checksum{sums_[2 * block], sums_[2 * block + 1]})) {
      refuse_block(block);
    }
    return;
  }
  sealed.resize(block_bytes + sizeof(cipher_tag));
  const std::size_t stored = size + sizeof(cipher_tag);
  cipher_tag tag{};
  bool whole = file_->read_at(sealed.data(), stored, page_bytes + block * sealed.size()) == stored;
  if (whole) {
    std::memcpy(tag.data(), sealed.data() + size, tag.size());
    whole =
        cipher->open(block, bound_to_block(header_, block, block + 1 == blocks()), sealed.data(), size, target, tag);
  }
  if (!whole) {
    refuse_block(block);
  }
}

held_bytes block_file::body(bool map, thread_pool *threads, const std::atomic<bool> *stop) const {
  if (map && !header_.encrypted) {
    const held_bytes whole = file_->map();
    return {whole.bytes.subspan(page_bytes, static_cast<std::size_t>(header_.body_bytes)), whole.storage,
            whole.is_mapped};
  }
  // Giving gigabytes back takes milliseconds, and the last to hold them may be a search.
  const std::shared_ptr<aligned_vector<std::uint8_t>> memory(
      new aligned_vector<std::uint8_t>(),
      [](aligned_vector<std::uint8_t> *held) { reclaim(*held, [held] { delete held; }); });
  memory->resize(static_cast<std::size_t>(header_.body_bytes));
  constexpr std::uint64_t blocks_of_task = 64;
  const auto read_task = [&](std::size_t task) {
    if (stop != nullptr && *stop) {
      fail(LM_ERROR_CANCELLED, file_->path(), ": reading was stopped");
    }
    std::vector<std::uint8_t> sealed;
    std::unique_ptr<block_cipher> cipher;
    if (key_) {
      cipher = std::make_unique<block_cipher>(*key_);
    }
    const std::uint64_t last = std::min(blocks(), (task + 1) * blocks_of_task);
    for (std::uint64_t block = task * blocks_of_task; block < last; ++block) {
      make_pages(memory->data() + block * block_bytes, size_of(block));
      read_block(block, memory->data() + block * block_bytes, cipher.get(), sealed);
    }
  };
  const auto tasks = static_cast<std::size_t>((blocks() + blocks_of_task - 1) / blocks_of_task);
  if (threads != nullptr) {
    threads->for_each(tasks, read_task);
  } else {
    for (std::size_t task = 0; task < tasks; ++task) {
      read_task(task);
    }
  }
  return {{memory->data(), memory->size()}, memory};
}

void block_file::verify_blocks(std::uint64_t first, std::uint64_t last) const {
  std::vector<std::uint8_t> block(block_bytes);
  std::vector<std::uint8_t> sealed;
  std::unique_ptr<block_cipher> cipher;
  if (key_) {
    cipher = std::make_unique<block_cipher>(*key_);
  }
  for (std::uint64_t b = first; b < std::min(last, blocks()); ++b) {
    read_block(b, block.data(), cipher.get(), sealed);
  }
}

void block_file::verify(progress_meter *meter) const {
  constexpr std::uint64_t step = 64;
  for (std::uint64_t block = 0; block < blocks(); block += step) {
    verify_blocks(block, block + step);
    if (meter != nullptr) {
      meter->add(std::min(step * block_bytes, header_.body_bytes - block * block_bytes));
    }
  }
}

}  // namespace libmatch::detail
