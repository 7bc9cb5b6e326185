// Writes the seed corpus of decode_fuzzer, one file of every variety, to the folder given.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "support/encoded_images.h"

int main(int argc, char **argv) {
  if (argc != 2) {
    std::cerr << "usage: decode_corpus FOLDER\n";
    return 2;
  }
  const std::filesystem::path folder(argv[1]);
  std::filesystem::create_directories(folder);
  for (const libmatch::test::named_file &file : libmatch::test::every_variety()) {
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
