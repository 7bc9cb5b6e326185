// What help() says of live indexes.
#pragma once

namespace libmatch_python {

inline constexpr const char *create_live_doc = R"(create_live(folder, *, key=None)
--

Makes an empty live index of a folder that is empty or not there yet.

key: of an encrypted folder: 32 bytes, or the path of a file of 64 hexadecimal digits. None: it is not encrypted.)";

inline constexpr const char *verify_live_doc = R"(verify_live(folder, *, key=None, progress=None)
--

Reads and checks every byte of a live index. Raises ValueError with file and place for what is damaged.
progress: callable(done, total) of bytes.)";

inline constexpr const char *open_doc = R"(open(folder, *, key=None, hash=None, bits=0, residence='memory',
    context=None)
--

Opens a live index for searches and matching, which answer from its newest state.

It is changed by its Writer, of this process or another, and answers follow within a second, or after refresh().
hash, bits: which codes are searched; bits 0 for those that the folder holds, "pdq256" where there are several.
residence: "memory": entries are moved there within seconds, for processes that go on searching; "mapped": they stay
in the files, which takes little memory, and searches of one query about half as long again.
key: as in create_live.)";

inline constexpr const char *refresh_doc = R"(refresh(self)
--

Of a live index: looks at the folder now.)";

inline constexpr const char *lists_doc = R"(lists(self)
--

Of a live index: its lists, one ListInfo for each list and kind of entries.)";

inline constexpr const char *entries_doc = R"(entries(self, list=None, *, withdrawn=False)
--

Of a live index: iterates over the entries of one state, of one list or of all, as Entry; withdrawn: over what was
taken back instead, which has no codes any more.)";

inline constexpr const char *writer_doc = R"(Writer(folder, *, key=None, durability='synced')
--

The one writer of a live index. Any number of threads may share it. Each call is one change, all or nothing, and
durable when it returns. A second writer of the same folder raises OSError.

Args:
    folder: of create_live.
    key: as in create_live.
    durability: "synced": changes survive a power cut; "deferred": a second later.)";

inline constexpr const char *writer_add_doc =
    R"(add(self, list, codes, ids=None, labels=None, *, hash='pdq256', list_ids=None, times=None)
--

Adds entries of one kind to a list. An entry is told from others by list, kind, code, and the list's own id, or else
the id: adding it again changes its label, id or time, or nothing.

Args:
    list: the list's name.
    codes: uint8 of shape (n, size).
    ids: n numbers; None: from the largest on.
    labels, list_ids: n texts each; list_ids are what the list calls the entries.
    times: n numbers of seconds since 1970, of the entries' last change; -1 for not known.

Returns:
    Change(added, changed, unchanged, superseded, withdrawn, unknown, ...).)";

inline constexpr const char *import_list_doc =
    R"(import_list(self, pages, *, list, role=None, time=None, whole=False, format='automatic', kind=None, bits=0,
    columns='', progress=None)
--

Applies the pages of a list as one change: additions, corrections, withdrawals, checkpoint. Again, it changes nothing.

Args:
    pages: a path, or an iterable of paths.
    list: the list's name, the same for all that its maker sends.
    role: "known", "harmless" or "degenerate": what the list is for; None: what it is, "known" for a new one.
    time: of entries that have none, in seconds since 1970.
    whole: the list is here as a whole: what is not in it is taken back.
    format, kind, bits, columns: as in read_list.
    progress: callable(done, total) of bytes.

Returns:
    Change. Raises ValueError with file, line, field and reason for what cannot be understood: nothing is changed then.)";

inline constexpr const char *import_pages_doc =
    R"(import_pages(self, pages, *, list, role=None, time=None, whole=False, format='automatic', kind=None, bits=0,
    columns='', progress=None)
--

The same for pages in memory: an iterable of bytes-like objects.)";

inline constexpr const char *withdraw_doc =
    R"(withdraw(self, *, list=None, list_id=None, id=None, code=None, hash='pdq256', whole_list=False, reason='', by=None)
--

Takes back every entry of which all holds that is said: it is out of every answer, and comes back only with a later
time. At least one of list_id, id and code is said, or whole_list with list. code: bytes, of `hash`. by: who takes it
back; None for "operator". Returns Change.)";

inline constexpr const char *set_role_doc = R"(set_role(self, list, role)
--

Says what a list is for: "known", "harmless" or "degenerate".)";

inline constexpr const char *compact_doc = R"(compact(self, *, progress=None)
--

Puts the entries side by side. Searches and changes go on meanwhile. progress: callable(done, total) of entries.)";

inline constexpr const char *close_doc = R"(close(self)
--

Lets another process write. Also at the end of a with statement.)";

}  // namespace libmatch_python
