// Lists of codes as the verbs take them.
#pragma once

#include <string>

#include "library.h"

namespace command {

struct code_list_options {
  std::string path;  // "" where none is given
  std::string kind;  // "" for the width's
};

// --codes and --kind. Returns the option --codes.
CLI::Option *add_code_list_options(CLI::App &verb, code_list_options &options, const std::string &codes_help);

libmatch::list read_list(const code_list_options &options);

// How many codes of which kind a list holds, on standard error: a list may not be what its reader takes it for.
void report_kinds(const libmatch::list &list, const code_list_options &options);

}  // namespace command
