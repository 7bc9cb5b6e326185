// The formats of lists by name, and which of them a file is in.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libmatch/libmatch.h"
#include "lists/plain_formats.h"
#include "lists/record.h"

namespace libmatch::detail {

// "csv", "text", ...; null for an unknown format.
const char *list_format_name(lm_list_format format) noexcept;
// LM_ERROR_INVALID_ARGUMENT lists the names if there is none.
lm_list_format list_format_of_name(std::string_view name);

// Which format begins so; size: at least the first 4,096 bytes of the list, or all of it. What looks like nothing
// else is CSV, or text where its first line has blanks and no comma.
lm_list_format recognise_list(std::string_view start) noexcept;

// Reads lists in memory.
void read_list(const list_source &source, const std::string &name, lm_list_format format,
               const plain_options &options, record_sink &sink, list_summary &summary);

// Reads the pages of one list, in the order given, from files or pipes. format: LM_LIST_AUTOMATIC recognises each by
// its content. The summary is that of all; whether it is complete, and where the next one begins, the last page says.
// LM_ERROR_IO. Progress counts bytes.
list_summary read_list_files(const std::vector<std::string> &paths, lm_list_format format,
                             const plain_options &options, record_sink &sink, const lm_progress *progress);
// The same of pages in memory; messages call them page 1, page 2, ... LM_ERROR_UNSUPPORTED for a database.
list_summary read_list_pages(std::span<const std::span<const char>> pages, lm_list_format format,
                             const plain_options &options, record_sink &sink, const lm_progress *progress);

}  // namespace libmatch::detail
