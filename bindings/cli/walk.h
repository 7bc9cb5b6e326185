// From the paths of a command line to files, one after the other: no list of a whole tree is held.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace command {

struct found_file {
  std::string path;  // as it was given, or the folder as it was given with the way down from it
  std::string name;  // the way down from the folder that was given, or the last part of the path
};

// Gives every file, in the order of the paths; within a folder the regular files of all its folders, in bytewise
// order of their paths. "-" stands for paths on standard input, one a line. Links to files are followed; links to
// folders are followed where they are given, not inside a folder. What is not there or cannot be opened is given as a
// file: whoever reads it says why it cannot.
class file_walk {
 public:
  explicit file_walk(std::vector<std::string> paths);

  // False at the end.
  bool next(found_file &file);
  // Up to `count` files; none at the end.
  std::vector<found_file> next(std::size_t count);

 private:
  struct entry {
    std::string path;
    bool is_folder;
  };

  bool next_argument(std::string &path);
  void begin(const std::string &path);
  bool enter(const std::string &folder);

  std::vector<std::string> arguments_;
  std::size_t next_argument_ = 0;
  bool reads_standard_input_ = false;
  std::size_t prefix_size_ = 0;  // of the folder that was given, with its slash
  std::vector<entry> pending_;   // the next one last
};

// All of them at once in bytewise order of their paths, each path once.
std::vector<found_file> sorted_files(const std::vector<std::string> &paths);

// How many files a walk will give, for a progress bar; 0 where standard input says it only later.
std::uint64_t count_files(const std::vector<std::string> &paths);

}  // namespace command
