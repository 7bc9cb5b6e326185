// libmatch index remove: takes entries out of an index by their ids.
#include <charconv>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <vector>

#include "index_file.h"
#include "library.h"
#include "output.h"
#include "verbs.h"

namespace command {

namespace {

struct remove_options {
  std::string index;
  std::vector<std::int64_t> ids;
  std::string ids_file;
};

std::int64_t to_id(const std::string &text, const std::string &place) {
  std::int64_t id = -1;
  const char *end = text.data() + text.size();
  const auto [rest, result] = std::from_chars(text.data(), end, id);
  if (result != std::errc() || rest != end || id < 0) {
    throw std::runtime_error(place + ": no number from 0 to 9223372036854775807");
  }
  return id;
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
  const std::vector<std::int64_t> ids = options.ids_file.empty() ? options.ids : read_ids(options.ids_file);
  const libmatch::context context = open_context(common);
  libmatch::index index = load_index(context, options.index);
  const std::int64_t removed = index.remove(ids);
  if (removed != 0) {
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
  CLI::Option *ids = verb->add_option("ID", options->ids, "Ids of entries")->check(CLI::NonNegativeNumber);
  CLI::Option *file = verb->add_option("--ids", options->ids_file, "A file of ids, one a line")->excludes(ids);
  verb->callback([options, ids, file, &common, &chosen] {
    if (ids->count() == 0 && file->count() == 0) {
      throw CLI::RequiredError("ID or --ids");
    }
    chosen = [options, &common] { return remove(common, *options); };
  });
}

}  // namespace command
