#include "walk.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace command {

namespace {

namespace fs = std::filesystem;

// Where the last part of a path begins; slashes behind it do not count.
std::size_t last_part(const std::string &path) {
  const std::size_t end = path.find_last_not_of('/');
  const std::size_t slash = end == std::string::npos ? end : path.rfind('/', end);
  return slash == std::string::npos ? 0 : slash + 1;
}

}  // namespace

file_walk::file_walk(std::vector<std::string> paths) : arguments_(std::move(paths)) {}

bool file_walk::next_argument(std::string &path) {
  for (;;) {
    if (reads_standard_input_) {
      while (std::getline(std::cin, path)) {
        if (path.find('\0') != std::string::npos) {
          throw std::runtime_error("standard input: a path holds a zero byte; paths are one a line");
        }
        if (!path.empty()) {
          return true;
        }
      }
      // std::cin takes a failure of C's stdin, which it reads from, for the end.
      if (std::cin.bad() || std::ferror(stdin) != 0) {
        throw std::runtime_error("standard input: cannot be read: " + std::generic_category().message(errno));
      }
      reads_standard_input_ = false;
    }
    if (next_argument_ == arguments_.size()) {
      return false;
    }
    path = arguments_[next_argument_++];
    if (path != "-") {
      return true;
    }
    reads_standard_input_ = true;
  }
}

void file_walk::begin(const std::string &path) {
  std::error_code failure;
  const bool is_folder = fs::is_directory(path, failure);
  const std::string down = is_folder && path.back() != '/' ? path + '/' : path;
  prefix_size_ = is_folder ? down.size() : last_part(path);
  pending_.push_back({down, is_folder});
}

// Puts what is in a folder before what is pending; false if it cannot be read.
bool file_walk::enter(const std::string &folder) {
  std::vector<entry> found;
  std::error_code failure;
  for (fs::directory_iterator place(folder, failure), end; !failure && place != end; place.increment(failure)) {
    std::error_code unknown;
    // A folder sorts as its name with a slash, as the paths of the files in it do.
    if (place->symlink_status(unknown).type() == fs::file_type::directory) {
      found.push_back({place->path().native() + '/', true});
      continue;
    }
    // What cannot be examined counts as a file, so that it is not passed over in silence.
    const fs::file_type type = place->status(unknown).type();
    const bool unexamined =
        type == fs::file_type::none || type == fs::file_type::not_found || type == fs::file_type::unknown;
    if (type == fs::file_type::regular || unexamined) {
      found.push_back({place->path().native(), false});
    }
  }
  if (failure) {
    return false;
  }
  std::sort(found.begin(), found.end(), [](const entry &a, const entry &b) { return a.path > b.path; });
  std::move(found.begin(), found.end(), std::back_inserter(pending_));
  return true;
}

bool file_walk::next(found_file &file) {
  for (;;) {
    if (pending_.empty()) {
      std::string path;
      if (!next_argument(path)) {
        return false;
      }
      begin(path);
    }
    const entry current = std::move(pending_.back());
    pending_.pop_back();
    if (!current.is_folder || !enter(current.path)) {
      file.path = current.path;
      file.name = current.path.size() > prefix_size_ ? current.path.substr(prefix_size_) : current.path;
      return true;
    }
  }
}

std::vector<found_file> file_walk::next(std::size_t count) {
  std::vector<found_file> files;
  found_file file;
  while (files.size() < count && next(file)) {
    files.push_back(std::move(file));
  }
  return files;
}

std::vector<found_file> sorted_files(const std::vector<std::string> &paths) {
  std::vector<found_file> files;
  file_walk walk(paths);
  for (found_file file; walk.next(file);) {
    files.push_back(file);
  }
  std::stable_sort(files.begin(), files.end(),
                   [](const found_file &a, const found_file &b) { return a.path < b.path; });
  files.erase(std::unique(files.begin(), files.end(),
                          [](const found_file &a, const found_file &b) { return a.path == b.path; }),
              files.end());
  return files;
}

std::uint64_t count_files(const std::vector<std::string> &paths) {
  if (std::find(paths.begin(), paths.end(), "-") != paths.end()) {
    return 0;
  }
  file_walk walk(paths);
  std::uint64_t count = 0;
  for (found_file file; walk.next(file);) {
    ++count;
  }
  return count;
}

}  // namespace command
