// libmatch search: codes and digests of a list looked up in an index.
#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
#include <vector>

#include "index_file.h"
#include "library.h"
#include "output.h"
#include "progress.h"
#include "verbs.h"

namespace libmatch::command {

namespace {

constexpr std::size_t queries_each = 1024;  // answered at a time: output streams and memory is bounded

struct search_options {
  std::string index;
  std::string codes_file;
  std::uint32_t max_distance = 31;
  std::uint32_t nearest = 0;  // 0: range search
  bool as_json = false;
};

// The queries of one hash in a part of the list, and the answer to them.
struct query_group {
  std::vector<std::uint8_t> codes;
  std::size_t size = 0;
  matches_handle matches;
};
using query_groups = std::map<lm_hash, query_group>;

void check_searchable(const list_handle &list, const lm_index_data &index) {
  for (std::size_t i = 0; i < lm_list_size(list.get()); ++i) {
    const lm_list_entry &query = *lm_list_get(list.get(), i);
    if (!is_digest(query.hash) && (query.hash != index.hash || query.bits != index.bits)) {
      throw std::runtime_error("query " + std::to_string(i + 1) + " of the list is " + lm_hash_name(query.hash) +
                               " of " + std::to_string(query.bits) + " bits; the index holds " +
                               lm_hash_name(index.hash) + " of " + std::to_string(index.bits));
    }
  }
}

matches_handle answer(const context_handle &context, const index_handle &index, const search_options &options,
                      lm_hash hash, const query_group &group, const progress_bar &bar) {
  if (is_digest(hash)) {
    return make<matches_handle>(lm_index_find_digests, index.get(), hash, group.codes.data(), group.size);
  }
  if (options.nearest != 0) {
    return make<matches_handle>(lm_index_search_knn, index.get(), context.get(), group.codes.data(), group.size,
                                options.nearest, bar.call());
  }
  return make<matches_handle>(lm_index_search_range, index.get(), context.get(), group.codes.data(), group.size,
                              options.max_distance, bar.call());
}

std::string query_name(const lm_list_entry &query) {
  return query.label[0] != '\0' ? query.label : to_hex(query.code, query.bits / 8);
}

std::string label_of(const lm_matches *matches, std::int64_t m) {
  const char *label = "";
  check(lm_matches_label(matches, static_cast<std::size_t>(m), &label));
  return label;
}

// The answer to query number `q` of its group.
void print_rows(const lm_list_entry &query, const lm_matches *matches, std::size_t q) {
  const lm_matches_data &data = *lm_matches_view(matches);
  const std::string name = escape(query_name(query));
  for (std::int64_t m = data.offsets[q]; m < data.offsets[q + 1]; ++m) {
    const std::string label = label_of(matches, m);
    print_row(
        {name, std::to_string(data.distances[m]), std::to_string(data.ids[m]), label.empty() ? "-" : escape(label)});
  }
}

void print_object(const lm_list_entry &query, const lm_matches *matches, std::size_t q) {
  const lm_matches_data &data = *lm_matches_view(matches);
  json object;
  object["query"] = query_name(query);
  object["kind"] = lm_hash_name(query.hash);
  object["code"] = to_hex(query.code, query.bits / 8);
  object["matches"] = json::array();
  for (std::int64_t m = data.offsets[q]; m < data.offsets[q + 1]; ++m) {
    const std::string label = label_of(matches, m);
    object["matches"].push_back(
        {{"distance", data.distances[m]}, {"id", data.ids[m]}, {"label", label.empty() ? json() : json(label)}});
  }
  print_json(object);
}

// Entries begin .. end - 1 of the list, sorted into one group a hash.
query_groups group_queries(const list_handle &list, std::size_t begin, std::size_t end) {
  query_groups groups;
  for (std::size_t i = begin; i < end; ++i) {
    const lm_list_entry &query = *lm_list_get(list.get(), i);
    query_group &group = groups[query.hash];
    group.codes.insert(group.codes.end(), query.code, query.code + query.bits / 8);
    ++group.size;
  }
  return groups;
}

int search(const common_options &common, const search_options &options) {
  const context_handle context = open_context(common);
  const auto list = make<list_handle>(lm_list_read_csv, options.codes_file.c_str());
  const index_handle index = load_index(context, options.index);
  check_searchable(list, view_index(index));
  const progress_bar bar("comparisons", 0);
  for (std::size_t begin = 0; begin < lm_list_size(list.get()); begin += queries_each) {
    const std::size_t end = std::min(lm_list_size(list.get()), begin + queries_each);
    query_groups groups = group_queries(list, begin, end);
    for (auto &[hash, group] : groups) {
      group.matches = answer(context, index, options, hash, group, bar);
    }
    std::map<lm_hash, std::size_t> places;  // of the next query in each group
    for (std::size_t i = begin; i < end; ++i) {
      const lm_list_entry &query = *lm_list_get(list.get(), i);
      (options.as_json ? print_object : print_rows)(query, groups[query.hash].matches.get(), places[query.hash]++);
    }
    flush_output();
  }
  return all_scanned;
}

}  // namespace

void add_search(CLI::App &app, const common_options &common, action &chosen) {
  const auto options = std::make_shared<search_options>();
  CLI::App *verb = app.add_subcommand("search", "Looks codes up in an index: query, distance, id and label a match");
  verb->add_option("INDEX", options->index, "The index to search")->required();
  verb->add_option("--codes", options->codes_file,
                   "The queries: CSV with the header kind,code,id,label, or code[,id[,label]]; digests are looked up "
                   "exactly")
      ->required();
  CLI::Option *distance =
      verb->add_option("--max-distance", options->max_distance, "The most bits in which a match may differ")
          ->capture_default_str()
          ->check(CLI::Range(0, 2048));
  verb->add_option("-k", options->nearest, "Instead, the k nearest codes of each query")
      ->check(CLI::Range(1, 1 << 20))
      ->excludes(distance);
  verb->add_flag("--json", options->as_json, "JSON Lines: one object a query");
  verb->callback([options, &common, &chosen] { chosen = [options, &common] { return search(common, *options); }; });
}

}  // namespace libmatch::command
