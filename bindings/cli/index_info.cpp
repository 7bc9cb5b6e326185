// libmatch index info: what an index holds.
#include <memory>

#include "index_file.h"
#include "library.h"
#include "numbers.h"
#include "output.h"
#include "verbs.h"

namespace command {

namespace {

struct info_options {
  std::string path;
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

// Only header and tables are read: this is quick for an index of any size.
int info(const common_options &common, const info_options &options) {
  const libmatch::context context = open_context(common);
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
  verb->add_option("INDEX", options->path, "The index to describe")->required();
  verb->add_flag("--json", options->as_json, "One JSON object");
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
