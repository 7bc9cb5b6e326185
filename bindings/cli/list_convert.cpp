// libmatch list convert: from one format of lists to another.
#include <memory>

#include "code_list.h"
#include "library.h"
#include "output.h"
#include "progress.h"
#include "verbs.h"

namespace command {

namespace {

struct convert_options {
  code_list_options list;
  std::string format;
  std::string output;
};

int convert(const common_options &common, const convert_options &options) {
  open_context(common);  // converting needs none, but a backend that is not there is an error of every verb
  lm_list_format format = LM_LIST_AUTOMATIC;
  libmatch::check(lm_list_format_from_name(options.format.c_str(), &format));
  const libmatch::list list = read_list(options.list);
  report_kinds(list, options.list);
  const progress_bar bar("entries written");
  list.write(format, options.output.c_str(), bar.call());
  return all_scanned;
}

}  // namespace

void add_list_convert(CLI::App &list, const common_options &common, action &chosen) {
  const auto options = std::make_shared<convert_options>();
  CLI::App *verb = list.add_subcommand("convert", "Writes a list of hashes in another format");
  verb->add_option("FILE", options->list.paths, "The list, or its pages in their order")->required();
  verb->add_option("--to", options->format, "csv, text, npy, raw, vics, hashdeep or vpdq")->required();
  verb->add_option("--output", options->output, "The file to write; what it held stays until the new one is whole")
      ->required();
  add_list_reading_options(*verb, options->list);
  verb->callback([options, &common, &chosen] { chosen = [options, &common] { return convert(common, *options); }; });
}

}  // namespace command
