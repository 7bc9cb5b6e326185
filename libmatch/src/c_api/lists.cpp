// Lists read from files.
#include "c_api/guard.h"
#include "c_api/handles.h"
#include "core/hashes.h"
#include "lists/csv.h"

using namespace libmatch::detail;

lm_status lm_list_read_csv(const char *path, const lm_list_options *options, const lm_progress *progress,
                           lm_list **out_list) {
  return guarded([&] {
    require_handle(path, "path");
    require_handle(out_list, "out_list");
    const lm_list_options checked = read_options(options, LM_LIST_OPTIONS_INIT, "options");
    require(checked.kind == LM_HASH_BY_WIDTH || describe(checked.kind) != nullptr, "options->kind", "unknown hash");
    *out_list = std::make_unique<lm_list>(lm_list{read_csv_file(path, checked.kind, progress)}).release();
  });
}

size_t lm_list_size(const lm_list *list) { return list != nullptr ? list->entries.size() : 0; }

const lm_list_entry *lm_list_get(const lm_list *list, size_t i) {
  return i < lm_list_size(list) ? &list->entries[i] : nullptr;
}

void lm_list_free(lm_list *list) { delete list; }
