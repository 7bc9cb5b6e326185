// Any bytes are a list or an error with its place; what is read holds together. The format is what the content shows.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/error.h"
#include "core/utf8.h"
#include "lists/formats.h"
#include "lists/hash_list.h"
#include "lists/writers.h"

static volatile std::uint8_t sink = 0;

static void check(const libmatch::detail::hash_list &list) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    const lm_list_entry &entry = list[i];
    for (std::uint32_t byte = 0; byte < entry.bits / 8; ++byte) {
      sink = entry.code[byte];  // for the address sanitizer to see
    }
    if (entry.id < -1 || !libmatch::detail::is_utf8(entry.label) || !libmatch::detail::is_utf8(entry.list_id) ||
        (entry.bits == 0 && entry.withdrawn == 0)) {
      std::abort();
    }
  }
  if (libmatch::detail::current_entries(list).size() > list.size()) {
    std::abort();
  }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  using namespace libmatch::detail;
  const std::string_view text(reinterpret_cast<const char *>(data), size);
  const lm_list_format format = recognise_list(text.substr(0, 4096));
  if (format == LM_LIST_NSRL) {
    return 0;  // SQLite's own
  }
  try {
    hash_list list;
    list_summary summary;
    read_list(source_of({text.data(), text.size()}), "list", format, {}, list, summary);
    if (summary.records != list.size()) {
      std::abort();
    }
    check(list);
  } catch (const error &failure) {
    if (failure.status() != LM_ERROR_FORMAT || std::string_view(failure.what()).substr(0, 6) != "list: ") {
      std::abort();
    }
  }
  return 0;
}
