// libmatch index withdraw, role and compact: what an operator does to a live index.
#include <memory>
#include <stdexcept>
#include <vector>

#include "live_folder.h"
#include "numbers.h"
#include "output.h"
#include "progress.h"
#include "verbs.h"

namespace command {

namespace {

struct withdraw_options {
  std::string folder, key, list, list_id, code, by, reason;
  std::string id;
  bool is_whole_list = false;
  bool as_json = false;
};

std::uint8_t digit_of(char c) {
  const std::string_view digits = "0123456789abcdef";
  const std::size_t found = digits.find(c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c);
  if (found == std::string_view::npos) {
    throw std::runtime_error("--code: not of hexadecimal digits");
  }
  return static_cast<std::uint8_t>(found);
}

// "pdq256:f8f8..."
std::vector<std::uint8_t> read_code(const std::string &text, lm_hash &hash) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || (text.size() - colon) % 2 == 0) {
    throw std::runtime_error("--code: not KIND:DIGITS, as in md5:d41d8cd98f00b204e9800998ecf8427e");
  }
  libmatch::check(lm_hash_from_name(text.substr(0, colon).c_str(), &hash));
  std::vector<std::uint8_t> code;
  for (std::size_t i = colon + 1; i < text.size(); i += 2) {
    code.push_back(static_cast<std::uint8_t>(digit_of(text[i]) * 16 + digit_of(text[i + 1])));
  }
  return code;
}

int withdraw(const common_options &common, const withdraw_options &options) {
  open_context(common);  // it needs none, but a backend that is not there is an error of every verb
  lm_withdrawal change = LM_WITHDRAWAL_INIT;
  std::vector<std::uint8_t> code;
  if (!options.code.empty()) {
    code = read_code(options.code, change.hash);
    change.code = code.data();
    change.bits = static_cast<std::uint32_t>(code.size() * 8);
  }
  change.list = options.list.empty() ? nullptr : options.list.c_str();
  change.list_id = options.list_id.c_str();
  if (const std::optional<std::uint64_t> id = to_number(options.id, 0, largest_id)) {
    change.id = static_cast<std::int64_t>(*id);
  }
  change.whole_list = options.is_whole_list ? 1 : 0;
  change.by = options.by.empty() ? nullptr : options.by.c_str();
  change.reason = options.reason.c_str();
  const lm_change_data done = open_writer(options.folder, options.key).withdraw(change);
  json object;
  object["withdrawn"] = done.withdrawn;
  print_change(std::move(object), options.as_json);
  return all_scanned;
}

struct role_options {
  std::string folder, key, list, role;
};

int set_role(const common_options &common, const role_options &options) {
  open_context(common);
  open_writer(options.folder, options.key).set_role(options.list.c_str(), role_of(options.role));
  print_row({escape(options.list), options.role});
  return all_scanned;
}

int compact(const common_options &common, const std::string &folder, const std::string &key) {
  open_context(common);
  libmatch::writer writer = open_writer(folder, key);
  const progress_bar bar("entries");
  writer.compact(bar.call());
  print_row({"compacted", escape(folder)});
  return all_scanned;
}

}  // namespace

void add_index_withdraw(CLI::App &index, const common_options &common, action &chosen) {
  const auto options = std::make_shared<withdraw_options>();
  CLI::App *verb = index.add_subcommand(
      "withdraw", "Takes entries of a live index back: every one of which all holds that is said here");
  verb->footer(
      "They are out of every answer at once. `libmatch index export --withdrawn` tells what was taken back, when, "
      "by\n"
      "whom and why. An entry comes back only with a time that is later.");
  verb->add_option("FOLDER", options->folder, folder_help)->required();
  add_key_option(*verb, options->key);
  verb->add_option("--list", options->list, "Of this list; without it of every list");
  CLI::Option *list_id = verb->add_option("--list-id", options->list_id, "What the list itself calls the entry");
  CLI::Option *id =
      verb->add_option("--id", options->id, "The id that answers name")->check(number_check(0, largest_id));
  CLI::Option *code = verb->add_option("--code", options->code, "The code, as md5:d41d8cd98f00b204e9800998ecf8427e");
  CLI::Option *whole = verb->add_flag("--whole-list", options->is_whole_list, "Everything of --list");
  verb->add_option("--reason", options->reason, "Why, for whoever asks later")->required();
  verb->add_option("--by", options->by, "Who takes it back; without it \"operator\"");
  verb->add_flag("--json", options->as_json, "One JSON object");
  verb->callback([=, &common, &chosen] {
    if (list_id->count() + id->count() + code->count() + whole->count() == 0) {
      throw CLI::RequiredError("--list-id, --id, --code or --whole-list");
    }
    chosen = [options, &common] { return withdraw(common, *options); };
  });
}

void add_index_role(CLI::App &index, const common_options &common, action &chosen) {
  const auto options = std::make_shared<role_options>();
  CLI::App *verb = index.add_subcommand("role", "Says what a list of a live index is for");
  verb->add_option("FOLDER", options->folder, folder_help)->required();
  verb->add_option("LIST", options->list, "The list's name")->required();
  verb->add_option("ROLE", options->role, "known, harmless or degenerate")
      ->required()
      ->check(CLI::IsMember({"known", "harmless", "degenerate"}));
  add_key_option(*verb, options->key);
  verb->callback([options, &common, &chosen] { chosen = [options, &common] { return set_role(common, *options); }; });
}

void add_index_compact(CLI::App &index, const common_options &common, action &chosen) {
  struct compact_options {
    std::string folder, key;
  };
  const auto options = std::make_shared<compact_options>();
  CLI::App *verb = index.add_subcommand(
      "compact", "Puts the entries of a live index side by side; searches and changes go on meanwhile");
  verb->add_option("FOLDER", options->folder, folder_help)->required();
  add_key_option(*verb, options->key);
  verb->callback([options, &common, &chosen] {
    chosen = [options, &common] { return compact(common, options->folder, options->key); };
  });
}

}  // namespace command
