// libmatch search: codes and digests of a list looked up in an index.
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

#include "code_list.h"
#include "index_file.h"
#include "library.h"
#include "live_folder.h"
#include "numbers.h"
#include "output.h"
#include "progress.h"
#include "verbs.h"

namespace command {

namespace {

constexpr std::size_t queries_each = 1024;  // answered at a time: output streams and memory is bounded

constexpr std::uint32_t default_max_distance = 31;
constexpr std::uint32_t largest_bit_distance = 2048;
constexpr std::uint32_t largest_max_distance = 1024 * 255 * 255;  // of 1024 bytes, squared

struct search_options {
  std::string index;
  code_list_options codes;
  std::optional<std::uint32_t> max_distance;  // none: what is usual for the hash
  std::uint32_t nearest = 0;                  // 0: range search
  bool as_json = false;
  bool map = false;
  std::string key;  // of a live index
};

// The queries of one hash in a part of the list, and the answer to them.
struct query_group {
  std::vector<std::uint8_t> codes;
  std::optional<libmatch::matches> matches;
  std::size_t printed = 0;  // how many of the answers
};
using query_groups = std::map<lm_hash, query_group>;

// Before anything is answered, for half an answer is easily taken for all of it.
void check_searchable(const libmatch::list &list, const lm_index_data &index) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    const lm_list_entry &query = list[i];
    if (query.bits == 0) {
      throw std::runtime_error("query " + std::to_string(i + 1) + " of the list has no code");
    }
    if (!is_digest(query.hash) && (query.hash != index.hash || query.bits != index.bits)) {
      throw std::runtime_error("query " + std::to_string(i + 1) + " of the list is " + lm_hash_name(query.hash) +
                               " of " + std::to_string(query.bits) + " bits; the index holds " +
                               lm_hash_name(index.hash) + " of " + std::to_string(index.bits));
    }
  }
}

// What is usual for bits means nothing to vectors, and the squares of theirs are too large for bits.
void check_distance(const search_options &options, const lm_index_data &index) {
  if (index.hash == LM_HASH_VECTOR8 && options.nearest == 0 && !options.max_distance) {
    throw std::runtime_error("the index holds vector8: give --max-distance, squared Euclidean, or -k");
  }
  if (index.hash != LM_HASH_VECTOR8 && options.max_distance.value_or(0) > largest_bit_distance) {
    throw std::runtime_error("--max-distance: codes of bits differ in at most " +
                             std::to_string(largest_bit_distance));
  }
}

// What is usual for the index's hash; for codes that the library does not compute PDQ's, for want of another.
std::uint32_t usual_distance(const libmatch::index &index) {
  const std::uint32_t usual = lm_hash_usual_distance(index.data().hash);
  return usual != 0 ? usual : default_max_distance;
}

libmatch::matches answer(const libmatch::context &context, const libmatch::index &index,
                         const search_options &options, lm_hash hash, const std::vector<std::uint8_t> &queries,
                         const progress_bar &bar) {
  if (is_digest(hash)) {
    return index.find_digests(hash, queries);
  }
  return options.nearest != 0
             ? index.search_knn(context, queries, options.nearest, bar.call())
             : index.search_range(context, queries, options.max_distance.value_or(usual_distance(index)), bar.call());
}

std::string code_of(const lm_list_entry &query) { return to_hex({query.code, query.bits / 8}); }

std::string name_of(const lm_list_entry &query) { return query.label[0] != '\0' ? query.label : code_of(query); }

// The answer to query number q of its group.
void print_rows(const lm_list_entry &query, const libmatch::matches &matches, std::size_t q) {
  const std::string name = escape(name_of(query));
  for (std::size_t m = matches.first(q); m < matches.last(q); ++m) {
    const std::string_view label = matches.label(m);
    print_row({name, std::to_string(matches.data().distances[m]), std::to_string(matches.data().ids[m]),
               label.empty() ? "-" : escape(label)});
  }
}

void print_object(const lm_list_entry &query, const libmatch::matches &matches, std::size_t q) {
  json object;
  object["query"] = name_of(query);
  object["kind"] = lm_hash_name(query.hash);
  object["code"] = code_of(query);
  object["matches"] = json::array();
  for (std::size_t m = matches.first(q); m < matches.last(q); ++m) {
    const std::string_view label = matches.label(m);
    json match = {{"distance", matches.data().distances[m]},
                  {"id", matches.data().ids[m]},
                  {"label", label.empty() ? json() : json(label)}};
    if (matches.data().version != 0) {
      const lm_entry entry = matches.entry(m);
      match["list"] = entry.list;
      match["list_id"] = entry.list_id[0] != '\0' ? json(entry.list_id) : json();
      match["time"] = time_or_null(entry.time);
      match["role"] = lm_list_role_name(entry.role);
    }
    object["matches"].push_back(std::move(match));
  }
  print_json(object);
}

// Entries begin .. end - 1 of the list, one group a hash.
query_groups group_queries(const libmatch::list &list, std::size_t begin, std::size_t end) {
  query_groups groups;
  for (std::size_t i = begin; i < end; ++i) {
    std::vector<std::uint8_t> &codes = groups[list[i].hash].codes;
    codes.insert(codes.end(), list[i].code, list[i].code + list[i].bits / 8);
  }
  return groups;
}

int search(const common_options &common, const search_options &options) {
  const libmatch::context context = open_context(common);
  const libmatch::list list = read_list(options.codes);
  const libmatch::index index = open_index(context, options.index, options.map, options.key);
  check_distance(options, index.data());
  check_searchable(list, index.data());
  const progress_bar bar("comparisons", 0);
  for (std::size_t begin = 0; begin < list.size(); begin += queries_each) {
    const std::size_t end = std::min(list.size(), begin + queries_each);
    query_groups groups = group_queries(list, begin, end);
    for (auto &[hash, group] : groups) {
      group.matches = answer(context, index, options, hash, group.codes, bar);
    }
    for (std::size_t i = begin; i < end; ++i) {
      query_group &group = groups[list[i].hash];
      (options.as_json ? print_object : print_rows)(list[i], *group.matches, group.printed++);
    }
    flush_output();
  }
  return all_scanned;
}

}  // namespace

void add_search(CLI::App &app, const common_options &common, action &chosen) {
  const auto options = std::make_shared<search_options>();
  CLI::App *verb = app.add_subcommand("search", "Looks codes up in an index: query, distance, id and label a match");
  verb->add_option("INDEX", options->index, "The index to search: a file, or the folder of a live index")->required();
  add_code_list_options(*verb, options->codes,
                        "The queries: CSV with the header kind,code,id,label, or code[,id[,label]]; digests are "
                        "looked up exactly")
      ->required();
  CLI::Option *distance = add_number(*verb, "--max-distance", options->max_distance,
                                     "The most bits in which a match may differ; without it what is usual for the "
                                     "hash [31]; for vector8 the largest squared Euclidean distance, "
                                     "which has no default",
                                     0, largest_max_distance);
  add_number(*verb, "-k", options->nearest, "Instead, the k nearest codes of each query", 1, 1 << 20)
      ->excludes(distance);
  verb->add_flag("--json", options->as_json, "JSON Lines: one object a query");
  add_map_option(*verb, options->map);
  add_key_option(*verb, options->key);
  verb->callback([options, &common, &chosen] { chosen = [options, &common] { return search(common, *options); }; });
}

}  // namespace command
