// libmatch index create, import and sync: a live index, and the lists that feed it.
#include <filesystem>
#include <memory>
#include <string_view>

#include "index_file.h"
#include "live_folder.h"
#include "output.h"
#include "verbs.h"

namespace command {

namespace {

constexpr const char *import_footer =
    "Exit status 0: all of it is on the disk, and every process that searches the folder sees it within a second.\n"
    "Otherwise the folder holds what it held. The same list again changes nothing.";

int create(const common_options &common, const std::string &folder, const std::string &key) {
  open_context(common);  // creating needs none, but a backend that is not there is an error of every verb
  const lm_live_options options = live_options(key);
  libmatch::check(lm_live_create(folder.c_str(), &options));
  print_row({"created", escape(folder)});
  return all_scanned;
}

json application_object(const lm_change_data &change, const std::string &list) {
  json object = change_object(change);
  object["degenerate"] = change.degenerate;
  object["left_out"] = change.left_out;
  object["list"] = list;
  object["format"] = lm_list_format_name(change.format);
  return object;
}

// What a list takes back may stand under another name, where it goes on accusing.
void warn_of_unknown(const lm_change_data &change, const std::string &list) {
  if (change.unknown != 0) {
    print_message(std::to_string(change.unknown) + " withdrawals fit no entry of the list " + escape(list) +
                  ": they were done before, or its entries stand in a list of another name (--list)");
  }
}

int import_file(const common_options &common, list_application options) {
  open_context(common);
  libmatch::writer writer = open_writer(options.folder, options.key);
  if (options.list.empty()) {
    options.list = to_utf8(std::filesystem::path(options.pages.paths.front()).stem().native());
  }
  const lm_change_data change = apply_pages(writer, options);
  warn_of_unknown(change, options.list);
  print_change(application_object(change, options.list), options.as_json);
  return all_scanned;
}

json checkpoint_of(const libmatch::index &index, const std::string &list) {
  const libmatch::lists lists = index.lists();
  for (std::size_t i = 0; i < lists.data().size; ++i) {
    if (list == lists.data().names[i]) {
      const std::string_view checkpoint = lists.data().checkpoints[i];
      return checkpoint.empty() ? json() : json(checkpoint);
    }
  }
  return {};
}

// Without pages it only tells where the next synchronisation begins: what to ask the list's maker for.
int synchronise(const common_options &common, const list_application &options) {
  const libmatch::context context = open_context(common);
  json object;
  if (!options.pages.paths.empty()) {
    libmatch::writer writer = open_writer(options.folder, options.key);
    const lm_change_data change = apply_pages(writer, options);
    warn_of_unknown(change, options.list);
    object = application_object(change, options.list);
    object["complete"] = change.complete != 0;
  }
  const libmatch::index index =
      libmatch::index::open_live(context, options.folder.c_str(), live_options(options.key));
  object["checkpoint"] = checkpoint_of(index, options.list);
  print_change(std::move(object), options.as_json);
  return all_scanned;
}

}  // namespace

void add_index_create(CLI::App &index, const common_options &common, action &chosen) {
  struct create_options {
    std::string folder, key;
  };
  const auto options = std::make_shared<create_options>();
  CLI::App *verb = index.add_subcommand("create", "Makes an empty live index, a folder that lists are imported to");
  verb->add_option("FOLDER", options->folder, "The folder, which is empty or not there yet")->required();
  add_key_option(*verb, options->key);
  verb->callback([options, &common, &chosen] {
    chosen = [options, &common] { return create(common, options->folder, options->key); };
  });
}

void add_index_import(CLI::App &index, const common_options &common, action &chosen) {
  const auto options = std::make_shared<list_application>();
  CLI::App *verb = index.add_subcommand("import", "Adds a list to a live index, as one change");
  verb->footer(import_footer);
  add_application_options(*verb, *options);
  verb->add_option("FILE", options->pages.paths,
                   "The list: CSV with the header kind,code,id,label, or another format")
      ->required()
      ->expected(1);
  verb->add_option(
      "--list", options->list,
      "The list's name, the same for all that its maker sends; without it the file's name without folder "
      "and ending");
  verb->callback(
      [options, &common, &chosen] { chosen = [options, &common] { return import_file(common, *options); }; });
}

void add_index_sync(CLI::App &index, const common_options &common, action &chosen) {
  const auto options = std::make_shared<list_application>();
  CLI::App *verb = index.add_subcommand(
      "sync", "Applies pages of a list to a live index, as one change, and prints where the next ones begin");
  verb->footer(import_footer);
  add_application_options(*verb, *options);
  verb->add_option("PAGE", options->pages.paths,
                   "Pages as the list's maker sent them, in their order; none: only print the checkpoint");
  verb->add_option("--list", options->list, "The list's name")->required();
  verb->callback(
      [options, &common, &chosen] { chosen = [options, &common] { return synchronise(common, *options); }; });
}

}  // namespace command
