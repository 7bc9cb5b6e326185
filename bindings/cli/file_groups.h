// Files that belong together, found pair by pair.
#pragma once

#include <cstddef>
#include <vector>

namespace command {

// The connected components of a graph whose nodes are numbered.
class file_groups {
 public:
  explicit file_groups(std::size_t n);

  void join(std::size_t a, std::size_t b);
  // Those of two files or more, each in ascending order, ordered by their first files.
  std::vector<std::vector<std::size_t>> groups();

 private:
  std::size_t root(std::size_t file);

  std::vector<std::size_t> parents_;  // never larger than the file: a group's smallest is its root
};

}  // namespace command
