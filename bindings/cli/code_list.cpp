#include "code_list.h"

#include <map>
#include <string_view>
#include <utility>

#include "numbers.h"
#include "output.h"
#include "progress.h"

namespace command {

void add_list_reading_options(CLI::App &verb, code_list_options &options) {
  verb.add_option(
          "--kind", options.kind,
          "What the entries of the list hold that name no kind; without it 64 digits are pdq256, other widths "
          "code")
      ->check(CLI::IsMember({"pdq256", "md5", "sha1", "sha256", "code", "vector8", "ahash64", "dhash64", "phash64",
                             "ahash256", "dhash256", "phash256"}));
  verb.add_option(
      "--format", options.format,
      "csv, text, npy, raw, ncmec, vics, stopncii, tech_against_terrorism, nsrl, hashdeep or vpdq; without "
      "it the content shows");
  verb.add_option(
      "--columns", options.columns,
      "Of CSV whose header has other names: code=Hash,label=Category, or md5=MD5 for a column of one kind");
  add_number(verb, "--bits", options.bits, "Of a code, for --format raw", 0, 8192);
}

CLI::Option *add_code_list_options(CLI::App &verb, code_list_options &options, const std::string &codes_help) {
  CLI::Option *codes = verb.add_option("--codes", options.paths, codes_help)->type_name("FILE");
  add_list_reading_options(verb, options);
  for (const char *name : {"--kind", "--format", "--columns", "--bits"}) {
    verb.get_option(name)->needs(codes);
  }
  return codes;
}

lm_list_options library_list_options(const code_list_options &options) {
  lm_list_options library = LM_LIST_OPTIONS_INIT;
  library.bits = options.bits;
  library.columns = options.columns.c_str();
  if (!options.kind.empty()) {
    libmatch::check(lm_hash_from_name(options.kind.c_str(), &library.kind));
  }
  if (!options.format.empty()) {
    libmatch::check(lm_list_format_from_name(options.format.c_str(), &library.format));
  }
  return library;
}

libmatch::list read_list(const code_list_options &options) {
  const lm_list_options library = library_list_options(options);
  std::vector<const char *> paths;
  paths.reserve(options.paths.size());
  for (const std::string &path : options.paths) {
    paths.push_back(path.c_str());
  }
  const progress_bar bar("bytes read");
  return libmatch::list::read(paths, &library, bar.call());
}

void report_kinds(const libmatch::list &list, const code_list_options &options) {
  std::map<std::pair<lm_hash, std::uint32_t>, std::size_t> counts;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i].withdrawn == 0) {
      ++counts[{list[i].hash, list[i].bits}];
    }
  }
  std::string text;
  for (const auto &[kind, count] : counts) {
    text += (text.empty() ? "" : ", ") + std::to_string(count) + ' ' + lm_hash_name(kind.first);
    text += kind.first == LM_HASH_CODE ? " of " + std::to_string(kind.second) + " bits" : "";
  }
  const lm_list_data data = list.data();
  const auto add = [&](std::uint64_t count, const char *what) {
    text += count != 0 ? (text.empty() ? "" : ", ") + std::to_string(count) + what : "";
  };
  add(data.withdrawals, " withdrawn");
  add(data.degenerate, " degenerate and left out");
  add(data.left_out, " left out of kinds unknown here");
  const std::string format = std::string_view(data.format) == "csv" ? "" : " (" + std::string(data.format) + ")";
  print_message(escape(options.paths.back()) + format + ": " + (text.empty() ? "no codes" : text));
}

}  // namespace command
