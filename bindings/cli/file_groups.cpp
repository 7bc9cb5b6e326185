#include "file_groups.h"

#include <algorithm>
#include <numeric>

namespace command {

file_groups::file_groups(std::size_t n) : parents_(n) { std::iota(parents_.begin(), parents_.end(), 0); }

std::size_t file_groups::root(std::size_t file) {
  while (parents_[file] != file) {
    parents_[file] = parents_[parents_[file]];
    file = parents_[file];
  }
  return file;
}

void file_groups::join(std::size_t a, std::size_t b) {
  const auto [smaller, larger] = std::minmax({root(a), root(b)});
  parents_[larger] = smaller;
}

std::vector<std::vector<std::size_t>> file_groups::groups() {
  std::vector<std::vector<std::size_t>> members(parents_.size());
  for (std::size_t file = 0; file < parents_.size(); ++file) {
    members[root(file)].push_back(file);
  }
  std::erase_if(members, [](const std::vector<std::size_t> &group) { return group.size() < 2; });
  return members;
}

}  // namespace command
