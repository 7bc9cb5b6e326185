#include "index_file.h"

#include "progress.h"

namespace libmatch::command {

index_handle load_index(const context_handle &context, const std::string &path) {
  const progress_bar bar("bytes read");
  return make<index_handle>(lm_index_load, context.get(), path.c_str(), bar.call());
}

void save_index(const index_handle &index, const std::string &path) {
  const progress_bar bar("bytes written");
  check(lm_index_save(index.get(), path.c_str(), bar.call()));
}

lm_index_data view_index(const index_handle &index) {
  lm_index_data data{};
  data.struct_size = sizeof data;
  check(lm_index_view(index.get(), &data));
  return data;
}

std::int64_t entry_count(const index_handle &index) {
  const lm_index_data data = view_index(index);
  return data.codes + data.md5 + data.sha1 + data.sha256;
}

}  // namespace libmatch::command
