#include "code_list.h"

#include <map>
#include <utility>

#include "output.h"
#include "progress.h"

namespace command {

CLI::Option *add_code_list_options(CLI::App &verb, code_list_options &options, const std::string &codes_help) {
  CLI::Option *codes = verb.add_option("--codes", options.path, codes_help);
  verb.add_option("--kind", options.kind,
                  "What the lines of the list hold that name no kind; without it 64 digits are pdq256, other widths "
                  "code")
      ->check(CLI::IsMember({"pdq256", "md5", "sha1", "sha256", "code", "ahash64", "dhash64", "phash64", "ahash256",
                             "dhash256", "phash256"}))
      ->needs(codes);
  return codes;
}

libmatch::list read_list(const code_list_options &options) {
  lm_list_options library = LM_LIST_OPTIONS_INIT;
  if (!options.kind.empty()) {
    libmatch::check(lm_hash_from_name(options.kind.c_str(), &library.kind));
  }
  const progress_bar bar("bytes read");
  return libmatch::list::read_csv(options.path.c_str(), &library, bar.call());
}

void report_kinds(const libmatch::list &list, const code_list_options &options) {
  std::map<std::pair<lm_hash, std::uint32_t>, std::size_t> counts;
  for (std::size_t i = 0; i < list.size(); ++i) {
    ++counts[{list[i].hash, list[i].bits}];
  }
  std::string text;
  for (const auto &[kind, count] : counts) {
    text += (text.empty() ? "" : ", ") + std::to_string(count) + ' ' + lm_hash_name(kind.first);
    text += kind.first == LM_HASH_CODE ? " of " + std::to_string(kind.second) + " bits" : "";
  }
  print_message(escape(options.path) + ": " + (text.empty() ? "no codes" : text));
}

}  // namespace command
