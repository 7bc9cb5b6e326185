// Which rows of the segments are removed, as a file: a bit a row for every segment that has any.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "store/block_file.h"

namespace libmatch::detail {

struct removed_rows {
  std::shared_ptr<const std::vector<std::uint64_t>> bits;
  std::size_t count = 0;
};
using removed_by_file = std::map<std::uint64_t, removed_rows>;

void write_removed_file(file_system &files, const std::string &path, std::uint64_t number,
                        const store_identity &identity, const removed_by_file &removed);
removed_by_file read_removed_file(const file_system &files, const std::string &path, std::uint64_t number,
                                  const store_identity &identity);
removed_by_file decode_removed(std::span<const std::uint8_t> body, const std::string &name);

}  // namespace libmatch::detail
