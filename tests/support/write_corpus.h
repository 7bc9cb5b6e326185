// What the programs that write seed corpora share.
#pragma once

#include <filesystem>
#include <fstream>
#include <iostream>
#include <vector>

#include "support/encoded_images.h"

namespace libmatch::test {

// Writes the files to the folder that is the program's argument. Returns the program's exit status.
inline int write_corpus(int argument_count, char **arguments, const std::vector<named_file> &files) {
  if (argument_count != 2) {
    std::cerr << "usage: " << arguments[0] << " FOLDER\n";
    return 2;
  }
  const std::filesystem::path folder(arguments[1]);
  std::filesystem::create_directories(folder);
  for (const named_file &file : files) {
    std::ofstream stream(folder / file.name, std::ios::binary);
    stream.write(reinterpret_cast<const char *>(file.content.data()),
                 static_cast<std::streamsize>(file.content.size()));
    if (!stream.flush()) {
      std::cerr << "cannot write " << folder / file.name << '\n';
      return 1;
    }
  }
  return 0;
}

}  // namespace libmatch::test
