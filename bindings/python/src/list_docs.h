// What help() says of lists.
#pragma once

namespace libmatch_python {

inline constexpr const char *list_doc = R"(Entries read from a list of hashes, not yet in an index.

A sequence of ListEntry. What became of the rest of the list: `degenerate` counts codes that say nothing of an
image, `left_out` those of hashes that libmatch has no kind for, `left_out_kinds` names them. `checkpoint` is where
the next synchronisation begins, in the list's words; it does not hold until `complete`.)";

inline constexpr const char *read_list_doc =
    R"(read_list(paths, *, format='automatic', kind=None, bits=0, columns='', progress=None)
--

Reads a list of hashes: one file, or the pages of one list in their order.

format: "csv", "text", "npy", "raw", "ncmec", "vics", "stopncii", "tech_against_terrorism", "nsrl", "hashdeep" or
"vpdq"; "automatic" looks at the content.
kind: of every entry whose list names none. Without it 256 bits are "pdq256", other widths "code".
bits: of a code, for "raw".
columns: of CSV whose header has other names: "code=Hash,label=Category", or "md5=MD5,sha1=SHA1" for columns of one
kind each.
progress: callable(done, total) of bytes. Return False or raise to cancel.
Raises ValueError with file, line, field and reason for what cannot be understood: nothing is read then.)";

inline constexpr const char *list_write_doc = R"(write(self, path, *, format, progress=None)
--

Writes the list as "csv", "text", "npy", "raw", "vics", "hashdeep" or "vpdq": `path` holds the old file or the new
one, whole. Raises NotImplementedError, naming the entry, for what the format has no place for.)";

inline constexpr const char *add_list_doc = R"(add_list(self, entries)
--

Adds the entries of a HashList, all or none, but for those that the list itself takes back.
Of entries with one list_id those of the latest time count. Entries without an id continue after the largest.)";

}  // namespace libmatch_python
