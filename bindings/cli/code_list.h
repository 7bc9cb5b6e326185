// Lists of codes as the verbs take them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "library.h"

namespace command {

struct code_list_options {
  std::vector<std::string> paths;  // the pages of one list; empty where none is given
  std::string kind;                // "" for the width's
  std::string format;              // "" for what the content shows
  std::string columns;             // of CSV, where its header has other names
  std::uint32_t bits = 0;          // of raw codes
};

// --kind, --format, --columns and --bits.
void add_list_reading_options(CLI::App &verb, code_list_options &options);
// The same and --codes, which is returned and which the others need.
CLI::Option *add_code_list_options(CLI::App &verb, code_list_options &options, const std::string &codes_help);

// As the library takes them; they live as long as `options`.
lm_list_options library_list_options(const code_list_options &options);
libmatch::list read_list(const code_list_options &options);

// How many codes of which kind a list holds, on standard error: a list may not be what its reader takes it for.
void report_kinds(const libmatch::list &list, const code_list_options &options);

}  // namespace command
