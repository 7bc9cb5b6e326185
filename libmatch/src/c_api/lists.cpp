// Lists read from files, and written to them.
#include "c_api/guard.h"
#include "c_api/handles.h"
#include "core/hashes.h"
#include "lists/formats.h"
#include "lists/writers.h"
#include "live/list_state.h"

using namespace libmatch::detail;

namespace libmatch::detail {

lm_list_options checked_list_options(const lm_list_options *options) {
  const lm_list_options checked = read_options(options, LM_LIST_OPTIONS_INIT, "options");
  require(checked.kind == LM_HASH_BY_WIDTH || describe(checked.kind) != nullptr, "options->kind", "unknown hash");
  require(checked.format == LM_LIST_AUTOMATIC || list_format_name(checked.format) != nullptr, "options->format",
          "unknown format");
  require(checked.bits % 8 == 0, "options->bits", "not whole bytes");
  return checked;
}

plain_options to_plain(const lm_list_options &checked) {
  return {checked.kind, checked.bits, checked.columns != nullptr ? checked.columns : ""};
}

std::vector<std::string> checked_paths(const char *const *paths, std::size_t n) {
  require_array(paths, n, "paths");
  require(n > 0, "n", "no file to read");
  std::vector<std::string> pages;
  for (std::size_t i = 0; i < n; ++i) {
    require_handle(paths[i], "paths[i]");
    pages.emplace_back(paths[i]);
  }
  return pages;
}

}  // namespace libmatch::detail

namespace {

// "tmk-pdqf" 2, "videntifier" 1
std::string counts_of(const std::map<std::string, std::uint64_t> &left_out) {
  std::string text;
  for (const auto &[name, count] : left_out) {
    text += (text.empty() ? "" : ", ") + name + ' ' + std::to_string(count);
  }
  return text;
}

}  // namespace

const char *lm_list_role_name(lm_list_role role) { return list_role_name(role); }

const char *lm_list_format_name(lm_list_format format) { return list_format_name(format); }

lm_status lm_list_format_from_name(const char *name, lm_list_format *out_format) {
  return guarded([&] {
    require_handle(name, "name");
    require_handle(out_format, "out_format");
    *out_format = list_format_of_name(name);
  });
}

lm_status lm_list_read(const char *const *paths, size_t n, const lm_list_options *options,
                       const lm_progress *progress, lm_list **out_list) {
  return guarded([&] {
    require_handle(out_list, "out_list");
    const std::vector<std::string> pages = checked_paths(paths, n);
    const lm_list_options checked = checked_list_options(options);
    auto list = std::make_unique<lm_list>();
    list->summary = read_list_files(pages, checked.format, to_plain(checked), list->entries, progress);
    list->left_out_kinds = counts_of(list->summary.left_out);
    *out_list = list.release();
  });
}

lm_status lm_list_view(const lm_list *list, lm_list_data *out_data) {
  return guarded([&] {
    require_handle(list, "list");
    require_handle(out_data, "out_data");
    const std::size_t size = view_size(out_data->struct_size, "out_data->struct_size");
    const list_summary &summary = list->summary;
    std::uint64_t left_out = 0;
    for (const auto &counted : summary.left_out) {
      left_out += counted.second;
    }
    write_view(out_data, {size, summary.format, summary.records, summary.withdrawals, summary.degenerate, left_out,
                          list->left_out_kinds.c_str(), summary.checkpoint.c_str(), summary.complete ? 1 : 0});
  });
}

lm_status lm_list_write(const lm_list *list, lm_list_format format, const char *path, const lm_progress *progress) {
  return guarded([&] {
    require_handle(list, "list");
    require_handle(path, "path");
    write_list(list->entries, format, path, progress);
  });
}

size_t lm_list_size(const lm_list *list) { return list != nullptr ? list->entries.size() : 0; }

const lm_list_entry *lm_list_get(const lm_list *list, size_t i) {
  return i < lm_list_size(list) ? &list->entries[i] : nullptr;
}

void lm_list_free(lm_list *list) { delete list; }
