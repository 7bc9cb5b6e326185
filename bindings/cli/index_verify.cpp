// libmatch index verify: whether an index file is whole.
#include <memory>

#include "library.h"
#include "live_folder.h"
#include "output.h"
#include "progress.h"
#include "verbs.h"

namespace command {

namespace {

struct verify_options {
  std::string path, key;
};

int verify(const common_options &common, const verify_options &options) {
  const std::string &path = options.path;
  open_context(common);  // verifying needs none, but a backend that is not there is an error of every verb
  {
    const progress_bar bar("bytes verified");
    if (is_live(path)) {
      const lm_live_options live = live_options(options.key);
      libmatch::check(lm_live_verify(path.c_str(), &live, bar.call()));
    } else {
      libmatch::index::verify(path.c_str(), bar.call());
    }
  }
  print_row({"ok", escape(path)});
  return all_scanned;
}

}  // namespace

void add_index_verify(CLI::App &index, const common_options &common, action &chosen) {
  const auto options = std::make_shared<verify_options>();
  CLI::App *verb = index.add_subcommand("verify", "Checks every byte of an index");
  verb->add_option("INDEX", options->path, "The index to check: a file, or the folder of a live index")->required();
  add_key_option(*verb, options->key);
  verb->callback([options, &common, &chosen] { chosen = [options, &common] { return verify(common, *options); }; });
}

}  // namespace command
