// Lists without a maker: codes and little else.
#pragma once

#include <cstdint>
#include <string>

#include "libmatch/libmatch.h"
#include "lists/record.h"
#include "lists/source.h"

namespace libmatch::detail {

// What a plain list leaves unsaid.
struct plain_options {
  lm_hash kind = LM_HASH_BY_WIDTH;  // of entries that name none: 256 bits are pdq256, other widths code
  std::uint32_t bits = 0;           // of a code, where only the bytes are given; 0 for the kind's own
  std::string columns;              // of CSV: "code=Hash,label=Category"; "" where its header says
};

// Comma-separated values (RFC 4180, UTF-8; semicolons or tabs where the first line has no comma).
//
// Without a header: code[,id[,label]]. A first record with a field `code` is a header and names the columns kind,
// code, id, label, list_id, time, withdrawn in any order. options.columns maps them to a header of other names: there
// `md5`, `sha1`, `sha256`, `pdq256` or `photodna` stand for a column of such codes, and columns that are not named do
// not count. Names and kinds are read without regard to case; spaces and tabs around values do not count, around
// labels they do. Codes are taken as they are, degenerate ones as well.
void read_csv(const list_source &source, const std::string &name, const plain_options &options, record_sink &sink,
              list_summary &summary);

// A line an entry: `kind code label`, or `code label`, with blanks between; lines of # are comments.
void read_text(const list_source &source, const std::string &name, const plain_options &options, record_sink &sink,
               list_summary &summary);

// NumPy's .npy (version 1 to 3): an array of unsigned bytes, a row a code. Ids are the rows' numbers.
void read_npy(const list_source &source, const std::string &name, const plain_options &options, record_sink &sink,
              list_summary &summary);

// Codes one behind the other. Ids are their numbers.
void read_raw(const list_source &source, const std::string &name, const plain_options &options, record_sink &sink,
              list_summary &summary);

}  // namespace libmatch::detail
