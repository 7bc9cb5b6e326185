// Indexes as the verbs use them: opened whole or mapped, saved whole.
#pragma once

#include <cstdint>
#include <string>

#include "library.h"

namespace command {

// All of a file, verified: a damaged index must not answer `no match`. A live index is refused: it is changed by
// verbs of its own.
libmatch::index load_index(const libmatch::context &context, const std::string &path);
// --map, for verbs that only look things up.
void add_map_option(CLI::App &verb, bool &map);
// All of it and verified, or mapped where the user asked for that; or a live index, by its key where it has one.
libmatch::index open_index(const libmatch::context &context, const std::string &path, bool map,
                           const std::string &key);
// Before long work: whether an index could be saved there at all. Throws.
void check_folder_of(const std::string &path);
void save_index(const libmatch::index &index, const std::string &path);
// Codes and digests of an index.
std::int64_t entry_count(const libmatch::index &index);

}  // namespace command
