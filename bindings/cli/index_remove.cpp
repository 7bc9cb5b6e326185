// libmatch index remove: takes entries out of an index by their ids.
#include <fstream>
#include <memory>
#include <stdexcept>
#include <vector>

#include "index_file.h"
#include "index_lock.h"
#include "layouts.h"
#include "library.h"
#include "numbers.h"
#include "output.h"
#include "verbs.h"

namespace command {

namespace {

struct remove_options {
  std::string index;
  std::vector<std::string> ids;
  std::string ids_file;
  layout_choice layouts;
};

std::int64_t to_id(const std::string &text, const std::string &place) {
  const std::optional<std::uint64_t> id = to_number(text, 0, largest_id);
  if (!id.has_value()) {
    throw std::runtime_error(place + ": " + no_number(0, largest_id));
  }
  return static_cast<std::int64_t>(*id);
}

std::vector<std::int64_t> to_ids(const std::vector<std::string> &texts) {
  std::vector<std::int64_t> ids;
  ids.reserve(texts.size());
  for (const std::string &text : texts) {
    ids.push_back(to_id(text, "ID"));
  }
  return ids;
}

std::vector<std::int64_t> read_ids(const std::string &path) {
  std::ifstream file(path);
  std::vector<std::int64_t> ids;
  std::string line;
  for (std::uint64_t number = 1; std::getline(file, line); ++number) {
    if (!line.empty() && line.back() == '\r') {
      line.pop_back();
    }
    if (!line.empty()) {
      ids.push_back(to_id(line, escape(path) + ": line " + std::to_string(number)));
    }
  }
  if (!file.eof()) {
    throw std::runtime_error(escape(path) + ": cannot be read");
  }
  return ids;
}

int remove(const common_options &common, const remove_options &options) {
  const std::vector<std::int64_t> ids = options.ids_file.empty() ? to_ids(options.ids) : read_ids(options.ids_file);
  const libmatch::context context = open_context(common);
  check_folder_of(options.index);
  const index_lock lock(options.index);
  libmatch::index index = load_index(context, options.index);
  const std::int64_t removed = index.remove(ids);
  if (removed != 0) {
    prepare_layouts(index, context, options.layouts);
    save_index(index, options.index);
  }
  if (entry_count(index) == 0) {
    print_message(escape(options.index) + ": holds nothing any more");
  }
  print_row({"removed", std::to_string(removed)});
  return all_scanned;
}

}  // namespace

void add_index_remove(CLI::App &index, const common_options &common, action &chosen) {
  const auto options = std::make_shared<remove_options>();
  CLI::App *verb = index.add_subcommand("remove", "Removes every entry that carries one of the ids");
  verb->add_option("INDEX", options->index, "The index to change")->required();
  CLI::Option *ids = verb->add_option("ID", options->ids, "Ids of entries")->check(number_check(0, largest_id));
  CLI::Option *file = verb->add_option("--ids", options->ids_file, "A file of ids, one a line")->excludes(ids);
  add_layout_option(*verb, options->layouts);
  verb->callback([options, ids, file, &common, &chosen] {
    if (ids->count() == 0 && file->count() == 0) {
      throw CLI::RequiredError("ID or --ids");
    }
    chosen = [options, &common] { return remove(common, *options); };
  });
}

}  // namespace command
