// libmatch index verify: whether an index file is whole.
#include <memory>

#include "library.h"
#include "output.h"
#include "progress.h"
#include "verbs.h"

namespace command {

namespace {

int verify(const common_options &common, const std::string &path) {
  open_context(common);  // verifying needs none, but a backend that is not there is an error of every verb
  {
    const progress_bar bar("bytes verified");
    libmatch::index::verify(path.c_str(), bar.call());
  }
  print_row({"ok", escape(path)});
  return all_scanned;
}

}  // namespace

void add_index_verify(CLI::App &index, const common_options &common, action &chosen) {
  const auto path = std::make_shared<std::string>();
  CLI::App *verb = index.add_subcommand("verify", "Checks every byte of an index");
  verb->add_option("INDEX", *path, "The index to check")->required();
  verb->callback([path, &common, &chosen] { chosen = [path, &common] { return verify(common, *path); }; });
}

}  // namespace command
