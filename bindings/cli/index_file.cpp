#include "index_file.h"

#include "progress.h"

namespace command {

libmatch::index load_index(const libmatch::context &context, const std::string &path) {
  const progress_bar bar("bytes read");
  return libmatch::index::load(context, path.c_str(), bar.call());
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
