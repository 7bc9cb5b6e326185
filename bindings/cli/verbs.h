// The verbs of the command, one file each.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <string>

namespace command {

// What the command exits with. A usage error that CLI11 finds has usage_error too.
enum exit_code : int { all_scanned = 0, failed = 1, usage_error = 2, not_all_scanned = 3 };

// The options that stand with every verb.
struct common_options {
  std::string backend;  // "" for the library's choice
  std::uint32_t threads = 0;
};

// What to run once the command line is read; returns the exit code.
using action = std::function<int()>;

// Each adds its verb, with its options, to the command or to the group `index` or `list`; the verb that is given on
// the command line becomes the action.
void add_hash(CLI::App &app, const common_options &common, action &chosen);
void add_index_build(CLI::App &index, const common_options &common, action &chosen);
void add_index_add(CLI::App &index, const common_options &common, action &chosen);
void add_index_remove(CLI::App &index, const common_options &common, action &chosen);
void add_index_info(CLI::App &index, const common_options &common, action &chosen);
void add_index_create(CLI::App &index, const common_options &common, action &chosen);
void add_index_import(CLI::App &index, const common_options &common, action &chosen);
void add_index_sync(CLI::App &index, const common_options &common, action &chosen);
void add_index_withdraw(CLI::App &index, const common_options &common, action &chosen);
void add_index_role(CLI::App &index, const common_options &common, action &chosen);
void add_index_compact(CLI::App &index, const common_options &common, action &chosen);
void add_index_export(CLI::App &index, const common_options &common, action &chosen);
void add_index_verify(CLI::App &index, const common_options &common, action &chosen);
void add_search(CLI::App &app, const common_options &common, action &chosen);
void add_list_info(CLI::App &list, const common_options &common, action &chosen);
void add_list_convert(CLI::App &list, const common_options &common, action &chosen);
void add_match(CLI::App &app, const common_options &common, action &chosen);
void add_duplicates(CLI::App &app, const common_options &common, action &chosen);
void add_backends(CLI::App &app, const common_options &common, action &chosen);

}  // namespace command
