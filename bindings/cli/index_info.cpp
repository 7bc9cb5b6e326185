// libmatch index info: what an index holds.
#include <memory>

#include "index_file.h"
#include "library.h"
#include "output.h"
#include "verbs.h"

namespace command {

namespace {

struct info_options {
  std::string path;
  bool as_json = false;
};

// Only header and tables are read: this is quick for an index of any size.
int info(const common_options &common, const info_options &options) {
  const libmatch::context context = open_context(common);
  const libmatch::index index = libmatch::index::map(context, options.path.c_str());
  const lm_index_data data = index.data();
  json object;
  set_path(object, options.path);
  object["hash"] = lm_hash_name(data.hash);
  object["bits"] = data.bits;
  object["profile"] = data.profile[0] != '\0' ? json(data.profile) : json();
  object["library_version"] = version_text(data.library_version);
  object["codes"] = data.codes;
  object["md5"] = data.md5;
  object["sha1"] = data.sha1;
  object["sha256"] = data.sha256;
  object["bytes"] = data.memory_bytes;
  if (options.as_json) {
    print_json(object);
    return all_scanned;
  }
  print_row({"path", escape(options.path)});
  for (const auto &[key, value] : object.items()) {
    if (key == "path" || key == "path_bytes") {
      continue;
    }
    print_row({key, value.is_string() ? escape(value.get<std::string>()) : value.is_null() ? "-" : value.dump()});
  }
  return all_scanned;
}

}  // namespace

void add_index_info(CLI::App &index, const common_options &common, action &chosen) {
  const auto options = std::make_shared<info_options>();
  CLI::App *verb = index.add_subcommand("info", "Prints what an index holds");
  verb->add_option("INDEX", options->path, "The index to describe")->required();
  verb->add_flag("--json", options->as_json, "One JSON object");
  verb->callback([options, &common, &chosen] { chosen = [options, &common] { return info(common, *options); }; });
}

}  // namespace command
