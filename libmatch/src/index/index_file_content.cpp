#include "index/index_file_content.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <string_view>
#include <vector>

#include "core/utf8.h"

namespace libmatch::detail {

namespace {

class digest_rows_check final : public content_check {
 public:
  digest_rows_check(const std::string &path, const file_section &section, std::uint32_t bits)
      : path_(path),
        section_(section),
        words_((bits + 63) / 64),
        unused_(bits % 64 == 0 ? 0 : ~std::uint64_t{0} << (bits % 64)) {}

  void feed(const std::uint8_t *piece, std::size_t size, std::uint64_t offset) override {
    const std::size_t row_bytes = words_ * sizeof(std::uint64_t);
    for (std::size_t at = 0; at < size; at += row_bytes) {
      std::array<std::uint64_t, 4> row{};  // SHA-256 is the widest
      std::memcpy(row.data(), piece + at, row_bytes);
      if ((row[words_ - 1] & unused_) != 0) {
        fail_in_section(path_, section_, offset + at, "row ", (offset + at) / row_bytes,
                        " has bits beyond the width of its digest");
      }
      // The words beyond the width are zero in both. The first row has all zeros before it.
      if (row < last_) {
        fail_in_section(path_, section_, offset + at, "row ", (offset + at) / row_bytes,
                        " is smaller than the row before it");
      }
      last_ = row;
    }
  }

 private:
  const std::string &path_;
  const file_section &section_;
  const std::size_t words_;
  const std::uint64_t unused_;  // the bits of the last word beyond the digest
  std::array<std::uint64_t, 4> last_{};
};

class ids_check final : public content_check {
 public:
  ids_check(const std::string &path, const file_section &section, std::int64_t next_id)
      : path_(path), section_(section), next_id_(next_id) {}

  void feed(const std::uint8_t *piece, std::size_t size, std::uint64_t offset) override {
    for (std::size_t at = 0; at < size; at += sizeof(std::int64_t)) {
      const auto id = load_integer<std::int64_t>(piece + at);
      if (id < 0) {
        fail_in_section(path_, section_, offset + at, "id ", id, " is negative");
      }
      if (id >= next_id_ && next_id_ != std::numeric_limits<std::int64_t>::max()) {
        fail_in_section(path_, section_, offset + at, "id ", id, " is not below the next id, ", next_id_);
      }
    }
  }

 private:
  const std::string &path_;
  const file_section &section_;
  const std::int64_t next_id_;
};

class label_offsets_check final : public content_check {
 public:
  label_offsets_check(const std::string &path, const file_section &section, std::uint64_t label_bytes)
      : path_(path), section_(section), label_bytes_(label_bytes) {}

  void feed(const std::uint8_t *piece, std::size_t size, std::uint64_t offset) override {
    for (std::size_t at = 0; at < size; at += sizeof(std::uint64_t)) {
      const auto place = load_integer<std::uint64_t>(piece + at);
      if (offset + at == 0 && place != 0) {
        fail_in_section(path_, section_, 0, "the first label begins at ", place, " and not at 0");
      }
      if (offset + at != 0 && place <= last_) {
        fail_in_section(path_, section_, offset + at, "label offset ", place, " is not above the one before it, ",
                        last_);
      }
      if (place > label_bytes_) {
        fail_in_section(path_, section_, offset + at, "label offset ", place, " lies beyond the ", label_bytes_,
                        " bytes of the labels");
      }
      last_ = place;
    }
  }

  void finish() override {
    if (last_ != label_bytes_) {
      fail_in_section(path_, section_, section_.size - sizeof(std::uint64_t), "the last label ends at ", last_,
                      " of ", label_bytes_, " bytes");
    }
  }

 private:
  const std::string &path_;
  const file_section &section_;
  const std::uint64_t label_bytes_;
  std::uint64_t last_ = 0;
};

// Where the labels end, one after the other, read a buffer at a time.
class label_ends {
 public:
  label_ends(const byte_source &source, std::uint64_t begin, std::uint64_t rows)
      : source_(source), next_(begin + sizeof(std::uint64_t)), left_(rows) {}

  // 0 after the last.
  std::uint64_t next() {
    if (used_ == ends_.size() && !refill()) {
      return 0;
    }
    return ends_[used_++];
  }

 private:
  bool refill() {
    ends_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(left_, piece_bytes / sizeof(std::uint64_t))));
    const std::size_t bytes = ends_.size() * sizeof(std::uint64_t);
    source_.read(ends_.data(), bytes, next_);
    next_ += bytes;
    left_ -= ends_.size();
    used_ = 0;
    return !ends_.empty();
  }

  const byte_source &source_;
  std::uint64_t next_;
  std::uint64_t left_;
  std::vector<std::uint64_t> ends_;
  std::size_t used_ = 0;
};

class labels_check final : public content_check {
 public:
  labels_check(const std::string &path, const file_section &section, const byte_source &offsets,
               std::uint64_t offsets_begin, std::uint64_t rows)
      : path_(path), section_(section), ends_(offsets, offsets_begin, rows), end_(ends_.next()) {}

  void feed(const std::uint8_t *piece, std::size_t size, std::uint64_t offset) override {
    const std::string_view text(reinterpret_cast<const char *>(piece), size);
    // Zero bytes are characters of their own, so the labels together are UTF-8 when each is.
    if (const std::size_t good = utf8_.feed(text); good != size) {
      fail_in_section(path_, section_, offset + good, "not UTF-8");
    }
    for (std::size_t zero = text.find('\0'); zero != std::string_view::npos; zero = text.find('\0', zero + 1)) {
      if (offset + zero + 1 != end_) {
        fail_in_section(path_, section_, offset + zero, "a zero byte where no label ends");
      }
      last_end_ = end_;
      end_ = ends_.next();
    }
  }

  // The last label ends where the section does: whether it was reached says whether every label had its zero byte.
  void finish() override {
    if (last_end_ != section_.size) {
      fail_in_section(path_, section_, section_.size - 1, "the last label does not end with a zero byte");
    }
  }

 private:
  const std::string &path_;
  const file_section &section_;
  utf8_check utf8_;
  label_ends ends_;
  std::uint64_t last_end_ = 0;  // of the label that was complete last
  std::uint64_t end_;           // of the one that comes: behind its zero byte
};

}  // namespace

std::unique_ptr<content_check> make_digest_rows_check(const std::string &path, const file_section &section,
                                                      std::uint32_t bits) {
  return std::make_unique<digest_rows_check>(path, section, bits);
}

std::unique_ptr<content_check> make_ids_check(const std::string &path, const file_section &section,
                                              std::int64_t next_id) {
  return std::make_unique<ids_check>(path, section, next_id);
}

std::unique_ptr<content_check> make_label_offsets_check(const std::string &path, const file_section &section,
                                                        std::uint64_t label_bytes) {
  return std::make_unique<label_offsets_check>(path, section, label_bytes);
}

std::unique_ptr<content_check> make_labels_check(const std::string &path, const file_section &section,
                                                 const byte_source &offsets, std::uint64_t offsets_begin,
                                                 std::uint64_t rows) {
  return std::make_unique<labels_check>(path, section, offsets, offsets_begin, rows);
}

}  // namespace libmatch::detail
