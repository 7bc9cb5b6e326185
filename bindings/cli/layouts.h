// What an index is given beside its codes to be searched faster.
#pragma once

#include <string>

#include "library.h"

namespace command {

struct layout_choice {
  std::string name = "auto";
};

// --layouts, for verbs that write an index.
void add_layout_option(CLI::App &verb, layout_choice &choice);

// Makes the layouts of the choice, so that whoever opens the saved index need not.
void prepare_layouts(libmatch::index &index, const libmatch::context &context, const layout_choice &choice);

}  // namespace command
