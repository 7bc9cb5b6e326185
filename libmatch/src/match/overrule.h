// What lists say of an upload against each other: lists of what is harmless, and of codes that say nothing.
#pragma once

#include "core/entry_origin.h"
#include "index/index.h"
#include "match/upload.h"

namespace libmatch::detail {

// Says of every match where its entry comes from, and which matches count. A match rests on equal bytes, or on an
// equal code, or on less. Harmless entries overrule what rests on less than they do, of the file or of their image;
// what rests on as much contradicts them, and a person has to look. Degenerate entries overrule what was found by
// their code. Nothing is dropped but entries of these two roles that are farther than a match and overrule nothing.
void apply_roles(const scanned_upload &upload, const match_request &request, const index_snapshot &snapshot,
                 const origin_source &origins, upload_verdict &verdict);

}  // namespace libmatch::detail
