// Live indexes as the verbs use them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "code_list.h"
#include "library.h"
#include "output.h"

namespace command {

inline constexpr const char *folder_help = "The folder of the live index";

// --key, of verbs that open a folder.
CLI::Option *add_key_option(CLI::App &verb, std::string &key);
// With what --key says. They live as long as `key`.
lm_live_options live_options(const std::string &key);
bool is_live(const std::string &path);

libmatch::writer open_writer(const std::string &folder, const std::string &key);

// "known", "harmless", "degenerate".
lm_list_role role_of(const std::string &name);

// What a change did, as rows or as one JSON object.
json change_object(const lm_change_data &change);
void print_change(json object, bool as_json);

// An int that a file or list is told by: seconds since 1970, or a date or time of ISO 8601 in UTC. Throws.
std::int64_t to_time(const std::string &text);
// 2024-05-01T12:00:00Z; null for -1.
json time_or_null(std::int64_t time);

// What `index import` and `index sync` have in common.
struct list_application {
  std::string folder, key, list, role, as_of;
  code_list_options pages;
  bool is_whole = false;
  bool as_json = false;
};
void add_application_options(CLI::App &verb, list_application &options);
lm_change_data apply_pages(libmatch::writer &writer, const list_application &options);

}  // namespace command
