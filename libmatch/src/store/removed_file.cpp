#include "store/removed_file.h"

#include <bit>
#include <cstring>

#include "core/error.h"
#include "store/bytes.h"

namespace libmatch::detail {

void write_removed_file(file_system &files, const std::string &path, std::uint64_t number,
                        const store_identity &identity, const removed_by_file &removed) {
  block_file_writer writer(files, path, file_type::removed, number, identity);
  const auto segments = static_cast<std::uint64_t>(removed.size());
  writer.write(&segments, sizeof segments);
  for (const auto &[segment, rows] : removed) {
    const auto words = static_cast<std::uint64_t>(rows.bits->size());
    writer.write(&segment, sizeof segment);
    writer.write(&words, sizeof words);
    writer.write(rows.bits->data(), rows.bits->size() * sizeof(std::uint64_t));
  }
  writer.finish();
}

removed_by_file decode_removed(std::span<const std::uint8_t> body, const std::string &name) {
  byte_reader reader(body, name);
  removed_by_file removed;
  for (auto left = reader.take<std::uint64_t>(); left > 0; --left) {
    const auto segment = reader.take<std::uint64_t>();
    const auto words = reader.take<std::uint64_t>();
    if (words > body.size() / sizeof(std::uint64_t)) {
      reader.refuse("more rows than there are bytes");
    }
    const std::span<const std::uint8_t> bytes = reader.take(static_cast<std::size_t>(words) * sizeof(std::uint64_t));
    auto bits = std::make_shared<std::vector<std::uint64_t>>(static_cast<std::size_t>(words));
    removed_rows rows;
    if (!bytes.empty()) {
      std::memcpy(bits->data(), bytes.data(), bytes.size());
    }
    for (const std::uint64_t word : *bits) {
      rows.count += static_cast<std::size_t>(std::popcount(word));
    }
    rows.bits = std::move(bits);
    if (!removed.emplace(segment, std::move(rows)).second) {
      reader.refuse("a segment stands twice");
    }
  }
  if (!reader.at_end()) {
    reader.refuse("more bytes than the segments take");
  }
  return removed;
}

removed_by_file read_removed_file(const file_system &files, const std::string &path, std::uint64_t number,
                                  const store_identity &identity) {
  const block_file file(files, path, file_type::removed, identity);
  if (file.header().number != number) {
    fail(LM_ERROR_FORMAT, path, ": header, offset 24: the file is number ", file.header().number);
  }
  return decode_removed(file.body(false, nullptr).bytes, path);
}

}  // namespace libmatch::detail
