// Writes a seed corpus of image files: one of every variety, and those hostile ones that are small enough to learn
// from. With a second argument only those whose names end with it.
#include "support/hostile_images.h"
#include "support/write_corpus.h"

using namespace libmatch::test;

int main(int argc, char **argv) {
  constexpr std::size_t max_size_bytes = 4096;
  std::vector<named_file> files = every_variety();
  for (named_file &file : hostile_files()) {
    if (file.content.size() <= max_size_bytes) {
      files.push_back(std::move(file));
    }
  }
  const std::string_view ending = argc > 2 ? argv[2] : "";
  std::erase_if(files, [&](const named_file &file) {
    const std::string_view name = file.name;
    return name.size() < ending.size() || name.substr(name.size() - ending.size()) != ending;
  });
  return write_corpus(argc > 2 ? 2 : argc, argv, files);
}
