// Hash lists as comma-separated values: what lm_list_read_csv reads.
#pragma once

#include <span>
#include <string>

#include "libmatch/libmatch.h"
#include "lists/hash_list.h"

namespace libmatch::detail {

// The columns are kind, code, id and label. A first record with a field `code` is a header and names them in any
// order; without one they are code[,id[,label]]. Names and kinds are read without regard to case; spaces and tabs
// around names, kinds, codes and ids do not count, around labels they do.
//
// One bad record refuses the list: LM_ERROR_FORMAT "name: line 7, field id: reason". The reason never quotes a code,
// an id or a label, for a list is a secret.
//
// kind: of every record that names none; LM_HASH_BY_WIDTH or a hash.
hash_list read_csv(std::span<const char> text, const std::string &name, lm_hash kind = LM_HASH_BY_WIDTH);
// The same from a file or a pipe. LM_ERROR_IO. Progress counts bytes.
hash_list read_csv_file(const std::string &path, lm_hash kind = LM_HASH_BY_WIDTH,
                        const lm_progress *progress = nullptr);

}  // namespace libmatch::detail
