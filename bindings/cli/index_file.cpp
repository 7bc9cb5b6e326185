#include "index_file.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "live_folder.h"
#include "output.h"
#include "progress.h"

namespace command {

libmatch::index load_index(const libmatch::context &context, const std::string &path) {
  if (is_live(path)) {
    throw std::runtime_error(escape(path) +
                             ": a live index, which `libmatch index import`, `sync` and `withdraw` change");
  }
  const progress_bar bar("bytes read");
  return libmatch::index::load(context, path.c_str(), bar.call());
}

void add_map_option(CLI::App &verb, bool &map) {
  verb.add_flag("--map", map,
                "Answers at once from an index of any size, without reading all of it: a damaged one is then not "
                "noticed, so `libmatch index verify` it before");
}

libmatch::index open_index(const libmatch::context &context, const std::string &path, bool map,
                           const std::string &key) {
  if (is_live(path)) {
    return libmatch::index::open_live(context, path.c_str(), live_options(key));
  }
  return map ? libmatch::index::map(context, path.c_str()) : load_index(context, path);
}

void check_folder_of(const std::string &path) {
  const std::string folder = std::filesystem::path(path).parent_path().native();
  if (access(folder.empty() ? "." : folder.c_str(), W_OK | X_OK) != 0) {
    throw std::runtime_error(file_message(path, "cannot be written: " + std::generic_category().message(errno)));
  }
}

void save_index(const libmatch::index &index, const std::string &path) {
  const progress_bar bar("bytes written");
  index.save(path.c_str(), bar.call());
}

std::int64_t entry_count(const libmatch::index &index) {
  const lm_index_data data = index.data();
  return data.codes + data.md5 + data.sha1 + data.sha256;
}

}  // namespace command
