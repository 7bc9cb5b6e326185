#include "live_folder.h"

#include <array>
#include <ctime>
#include <stdexcept>

#include "numbers.h"
#include "output.h"
#include "progress.h"

namespace command {

CLI::Option *add_key_option(CLI::App &verb, std::string &key) {
  return verb
      .add_option(
          "--key", key,
          "Of an encrypted folder: a file of 64 hexadecimal digits that nobody else may read, made by `openssl "
          "rand -hex 32`, say")
      ->type_name("FILE");
}

lm_live_options live_options(const std::string &key) {
  lm_live_options options = LM_LIVE_OPTIONS_INIT;
  options.key_path = key.empty() ? nullptr : key.c_str();
  // A command ends before moving gigabytes to memory would have paid.
  options.residence = LM_RESIDENCE_MAPPED;
  return options;
}

bool is_live(const std::string &path) { return lm_live_exists(path.c_str()) != 0; }

libmatch::writer open_writer(const std::string &folder, const std::string &key) {
  return libmatch::writer(folder.c_str(), live_options(key));
}

lm_list_role role_of(const std::string &name) {
  for (lm_list_role role = 0; lm_list_role_name(role) != nullptr; ++role) {
    if (name == lm_list_role_name(role)) {
      return role;
    }
  }
  throw std::runtime_error("no role " + name);
}

json change_object(const lm_change_data &change) {
  return {{"added", change.added},           {"changed", change.changed},     {"unchanged", change.unchanged},
          {"superseded", change.superseded}, {"withdrawn", change.withdrawn}, {"unknown", change.unknown}};
}

void print_change(json object, bool as_json) {
  if (as_json) {
    print_json(object);
    return;
  }
  for (const auto &[key, value] : object.items()) {
    print_row({key, value.is_string() ? escape(value.get<std::string>()) : value.is_null() ? "-" : value.dump()});
  }
}

std::int64_t to_time(const std::string &text) {
  if (const std::optional<std::uint64_t> seconds = to_number(text, 0, UINT32_MAX)) {
    return static_cast<std::int64_t>(*seconds);
  }
  for (const char *form : {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"}) {
    std::tm broken_down{};
    const char *rest = strptime(text.c_str(), form, &broken_down);
    if (rest != nullptr && *rest == '\0') {
      return timegm(&broken_down);
    }
  }
  throw CLI::ValidationError("--as-of", "neither a date, a time like 2024-05-01T12:00:00Z, nor seconds since 1970");
}

json time_or_null(std::int64_t time) {
  if (time < 0) {
    return {};
  }
  const std::time_t seconds = time;
  std::tm broken_down{};
  std::array<char, 32> text{};
  if (gmtime_r(&seconds, &broken_down) == nullptr ||
      std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &broken_down) == 0) {
    return {};
  }
  return text.data();
}

void add_application_options(CLI::App &verb, list_application &options) {
  verb.add_option("FOLDER", options.folder, folder_help)->required();
  add_key_option(verb, options.key);
  verb.add_option("--role", options.role,
                  "What the list is for: known, of images that are looked for, which a list is without it; harmless, "
                  "of images known to be so, as one of NSRL is; degenerate, of codes that say nothing of an image")
      ->check(CLI::IsMember({"known", "harmless", "degenerate"}));
  verb.add_option(
      "--as-of", options.as_of,
      "The time of entries that have none: a date, a time like 2024-05-01T12:00:00Z or seconds since 1970. "
      "An entry that was taken back returns only with a later time");
  verb.add_flag("--whole", options.is_whole, "The list is here as a whole: what is not in it any more is taken back");
  verb.add_flag("--json", options.as_json, "One JSON object");
  add_list_reading_options(verb, options.pages);
}

lm_change_data apply_pages(libmatch::writer &writer, const list_application &options) {
  const lm_list_options format = library_list_options(options.pages);
  lm_import_options library = LM_IMPORT_OPTIONS_INIT;
  library.list = options.list.c_str();
  library.format = &format;
  library.time = options.as_of.empty() ? -1 : to_time(options.as_of);
  library.whole = options.is_whole ? 1 : 0;
  if (!options.role.empty()) {
    library.role = role_of(options.role);
  }
  const progress_bar bar("bytes read");
  return writer.import_list(options.pages.paths, library, bar.call());
}

}  // namespace command
