// libmatch index info: what an index holds.
#include <memory>

#include "index_file.h"
#include "library.h"
#include "live_folder.h"
#include "numbers.h"
#include "output.h"
#include "verbs.h"

namespace command {

namespace {

struct info_options {
  std::string path;
  std::string key;  // of a live index
  bool as_json = false;
  bool wants_plan = false;
  std::uint64_t queries = 1;
  std::uint32_t max_distance = 31;
};

// How a range search would be done on the index as it lies in the file.
json plan_object(const libmatch::context &context, const libmatch::index &index, const info_options &options) {
  const lm_plan_data plan = index.plan(context, options.queries, options.max_distance);
  json object;
  object["queries"] = options.queries;
  object["max_distance"] = options.max_distance;
  object["method"] = plan.method;
  object["microseconds"] = plan.microseconds;
  object["codes"] = plan.codes;
  object["planes_codes"] = plan.planes_codes;
  object["buckets_codes"] = plan.buckets_codes;
  return object;
}

void print_fields(const json &object, const std::string &prefix) {
  for (const auto &[key, value] : object.items()) {
    if (key == "path" || key == "path_bytes") {
      continue;
    }
    if (value.is_object()) {
      print_fields(value, key + '_');
      continue;
    }
    print_row({prefix + key, value.is_string() ? escape(value.get<std::string>())
                             : value.is_null() ? "-"
                                               : value.dump()});
  }
}

json count_object(std::int64_t entries, std::int64_t withdrawn) {
  return {{"entries", entries}, {"withdrawn", withdrawn}};
}

void add_counts(json &object, std::int64_t entries, std::int64_t withdrawn) {
  if (object.is_null()) {
    object = json::object();
  }
  object["entries"] = object.value("entries", std::int64_t{0}) + entries;
  object["withdrawn"] = object.value("withdrawn", std::int64_t{0}) + withdrawn;
}

// "pdq256", or "code128" where the width says what the hash does not.
std::string kind_name(lm_hash hash, std::uint32_t bits) {
  return lm_hash_name(hash) + (lm_hash_bits(hash) == 0 ? std::to_string(bits) : "");
}

// What a live index holds, of each kind and of each list.
void set_lists(json &object, const libmatch::index &index) {
  const libmatch::lists lists = index.lists();
  const lm_lists_data &data = lists.data();
  object["version"] = data.version;
  object["entries"] = data.all_entries;
  object["withdrawn"] = data.all_withdrawn;
  object["next_id"] = data.next_id;
  json kinds = json::object();
  json by_name = json::object();
  for (std::size_t i = 0; i < data.size; ++i) {
    json &list = by_name[data.names[i]];
    list["role"] = lm_list_role_name(data.roles[i]);
    list["checkpoint"] = data.checkpoints[i][0] != '\0' ? json(data.checkpoints[i]) : json();
    add_counts(list, data.entries[i], data.withdrawn[i]);
    if (data.bits[i] != 0) {
      const std::string kind = kind_name(data.hashes[i], data.bits[i]);
      add_counts(kinds[kind], data.entries[i], data.withdrawn[i]);
      list["kinds"][kind] = count_object(data.entries[i], data.withdrawn[i]);
    }
  }
  object["kinds"] = std::move(kinds);
  object["lists"] = std::move(by_name);
}

void print_lists(const json &object) {
  for (const char *group : {"kinds", "lists"}) {
    for (const auto &[name, counts] : object[group].items()) {
      print_row({group == std::string_view("kinds") ? "kind" : "list", escape(name), counts["entries"].dump(),
                 counts["withdrawn"].dump(), counts.value("role", "-")});
    }
  }
}

int live_info(const libmatch::context &context, const info_options &options) {
  const libmatch::index index = libmatch::index::open_live(context, options.path.c_str(), live_options(options.key));
  json object;
  set_path(object, options.path);
  set_lists(object, index);
  if (options.wants_plan) {
    object["plan"] = plan_object(context, index, options);
  }
  if (options.as_json) {
    print_json(object);
    return all_scanned;
  }
  print_row({"path", escape(options.path)});
  json fields = object;
  fields.erase("kinds");
  fields.erase("lists");
  print_fields(fields, "");
  print_lists(object);
  return all_scanned;
}

// Only header and tables are read: this is quick for an index of any size.
int info(const common_options &common, const info_options &options) {
  const libmatch::context context = open_context(common);
  if (is_live(options.path)) {
    return live_info(context, options);
  }
  const libmatch::index index = libmatch::index::map(context, options.path.c_str());
  const lm_index_data data = index.data();
  json object;
  set_path(object, options.path);
  object["hash"] = lm_hash_name(data.hash);
  object["bits"] = data.bits;
  object["profile"] = data.profile[0] != '\0' ? json(data.profile) : json();
  object["library_version"] = version_text(data.library_version);
  object["codes"] = data.codes;
  object["md5"] = data.md5;
  object["sha1"] = data.sha1;
  object["sha256"] = data.sha256;
  object["bytes"] = data.memory_bytes;
  object["layout_bytes"] = data.layout_bytes;
  object["keypoint_sets"] = data.keypoint_sets;
  object["keypoints"] = data.keypoints;
  if (options.wants_plan) {
    object["plan"] = plan_object(context, index, options);
  }
  if (options.as_json) {
    print_json(object);
    return all_scanned;
  }
  print_row({"path", escape(options.path)});
  print_fields(object, "");
  return all_scanned;
}

}  // namespace

void add_index_info(CLI::App &index, const common_options &common, action &chosen) {
  const auto options = std::make_shared<info_options>();
  CLI::App *verb = index.add_subcommand("info", "Prints what an index holds");
  verb->add_option("INDEX", options->path, "The index to describe: a file, or the folder of a live index")
      ->required();
  verb->add_flag("--json", options->as_json, "One JSON object");
  add_key_option(*verb, options->key);
  CLI::Option *plan = verb->add_flag("--plan", options->wants_plan,
                                     "Says how a range search would be done, and how long it may take");
  add_number(*verb, "--queries", options->queries, "Of one search of the plan", 0, UINT32_MAX)
      ->default_str(std::to_string(options->queries))
      ->needs(plan);
  add_number(*verb, "--max-distance", options->max_distance, "Of the plan: the most bits in which a match may differ",
             0, 2048)
      ->default_str(std::to_string(options->max_distance))
      ->needs(plan);
  verb->callback([options, &common, &chosen] { chosen = [options, &common] { return info(common, *options); }; });
}

}  // namespace command
