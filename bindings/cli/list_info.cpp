// libmatch list info: what a list holds, and whether it can be read as a whole.
#include <map>
#include <memory>
#include <utility>

#include "code_list.h"
#include "output.h"
#include "verbs.h"

namespace command {

namespace {

struct info_options {
  code_list_options list;
  bool as_json = false;
};

// Entries by kind, those taken back left out.
std::map<std::string, std::uint64_t> count_kinds(const libmatch::list &list) {
  std::map<std::string, std::uint64_t> counts;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i].withdrawn == 0) {
      ++counts[lm_hash_name(list[i].hash)];
    }
  }
  return counts;
}

void print_info(const lm_list_data &data, const std::map<std::string, std::uint64_t> &kinds) {
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  print_row({"format", data.format});
  print_row({"entries", number(data.entries)});
  for (const auto &[kind, count] : kinds) {
    print_row({kind, number(count)});
  }
  print_row({"withdrawals", number(data.withdrawals)});
  print_row({"degenerate", number(data.degenerate)});
  print_row({"left out", number(data.left_out) + (data.left_out != 0 ? ": " : "") + escape(data.left_out_kinds)});
  print_row({"checkpoint", data.checkpoint[0] != '\0' ? escape(data.checkpoint) : "-"});
  print_row({"complete", data.complete != 0 ? "yes" : "no"});
}

int info(const common_options &common, const info_options &options) {
  open_context(common);  // reading needs none, but a backend that is not there is an error of every verb
  const libmatch::list list = read_list(options.list);
  const lm_list_data data = list.data();
  const std::map<std::string, std::uint64_t> kinds = count_kinds(list);
  if (!options.as_json) {
    print_info(data, kinds);
    return all_scanned;
  }
  json object;
  object["format"] = data.format;
  object["entries"] = data.entries;
  object["kinds"] = kinds;
  object["withdrawals"] = data.withdrawals;
  object["degenerate"] = data.degenerate;
  object["left_out"] = data.left_out;
  object["left_out_kinds"] = data.left_out_kinds;
  object["checkpoint"] = to_utf8(data.checkpoint);
  object["complete"] = data.complete != 0;
  print_json(object);
  return all_scanned;
}

}  // namespace

void add_list_info(CLI::App &list, const common_options &common, action &chosen) {
  const auto options = std::make_shared<info_options>();
  CLI::App *verb = list.add_subcommand("info", "Reads a list of hashes and says what it holds");
  verb->add_option("FILE", options->list.paths, "The list, or its pages in their order")->required();
  add_list_reading_options(*verb, options->list);
  verb->add_flag("--json", options->as_json, "One JSON object");
  verb->callback([options, &common, &chosen] { chosen = [options, &common] { return info(common, *options); }; });
}

}  // namespace command
