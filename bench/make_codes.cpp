// Writes a set of codes (tests/support/code_sets.h) to a file, packed, 32 bytes each: what ./dev bench --peers reads.
#include <charconv>
#include <cstdint>
#include <cstring>
#include <exception>
#include <fstream>
#include <iostream>
#include <thread>
#include <vector>

#include "support/code_sets.h"

namespace {

int usage() {
  std::cerr << "usage: make_codes SET COUNT SEED FILE\nsets:";
  for (const std::string_view name : libmatch::test::code_set_names()) {
    std::cerr << ' ' << name;
  }
  std::cerr << '\n';
  return 2;
}

bool read_number(const char *text, std::uint64_t &number) {
  const char *end = text + std::strlen(text);
  const auto [rest, error] = std::from_chars(text, end, number);
  return error == std::errc() && rest == end;
}

}  // namespace

int main(int argc, char **argv) {
  std::uint64_t count = 0;
  std::uint64_t seed = 0;
  if (argc != 5 || !read_number(argv[2], count) || !read_number(argv[3], seed)) {
    return usage();
  }
  try {
    const std::vector<std::uint8_t> codes =
        libmatch::test::make_codes(argv[1], count, seed, std::thread::hardware_concurrency());
    std::ofstream file(argv[4], std::ios::binary);
    file.write(reinterpret_cast<const char *>(codes.data()), static_cast<std::streamsize>(codes.size()));
    file.close();
    if (!file) {
      std::cerr << argv[4] << ": cannot be written\n";
      return 1;
    }
  } catch (const std::exception &failure) {
    std::cerr << failure.what() << '\n';
    return usage();
  }
  return 0;
}
