/* A live index: a folder that one process changes and any number of processes and threads search meanwhile, and the
 * lists that feed it. Part of the C API: the rules of libmatch.h hold here. docs/live-index.md is the guide.
 *
 * A change is durable when its call returns, and visible to every other process within a second. What stood in the
 * folder before a change that failed stands there after it, also when the process or the machine died in the middle.
 *
 * Every entry is of a list, and says what that list calls it, its label and when it last changed. An entry is taken
 * back by its list or by an operator: it is then out of every answer, and the folder tells when, by whom and why.
 * It comes back only with a time that is later.
 *
 * Functions for a live index that was opened for searches (lm_live_open) are those of libmatch.h:
 * lm_index_search_..., lm_index_find_digests, lm_index_plan, lm_index_view, lm_index_save (the live entries as one
 * file), lm_match_.... Each answers from the newest state that the process has seen. What changes an index is
 * LM_ERROR_UNSUPPORTED on it. LM_ERROR_IO or LM_ERROR_FORMAT, once its folder can no longer be read: an old state is
 * not passed for the present.
 */
#ifndef LIBMATCH_LIVE_H
#define LIBMATCH_LIVE_H

#include "libmatch/libmatch.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The folder ------------------------------------------------------------------------------------- */

/* When a change counts as done. */
typedef int32_t lm_durability;
enum {
  LM_DURABILITY_SYNCED = 0,  /* once it is on the disk: it survives a power cut */
  LM_DURABILITY_DEFERRED = 1 /* once the system has it: it survives the end of the process, and a power cut a second
                                later */
};

/* Where an index that was opened for searches has the entries. Those of an encrypted folder are always in memory. */
typedef int32_t lm_residence;
enum {
  LM_RESIDENCE_MEMORY =
      0, /* in the files at first, and within seconds in memory: for processes that go on searching */
  LM_RESIDENCE_MAPPED = 1 /* in the files: little memory, and the searches of one query take about half as long again.
                             For processes that answer a few calls and end */
};

typedef struct lm_live_options {
  size_t struct_size; /* sizeof(lm_live_options) */
  /* The key of an encrypted folder (AES-256-GCM): from a file of 64 hexadecimal digits, or from a callback that
   * writes 32 bytes and returns 0, called once by the function that is given it. Neither: a folder that is not
   * encrypted. */
  const char *key_path;
  int32_t (*key)(void *user_data, uint8_t *out_key);
  void *user_data;
  lm_durability durability; /* of a writer */
  lm_residence residence;   /* of lm_live_open */
  /* Of lm_live_open: which codes searches look at. bits 0: those that the folder holds, and of several kinds, or
   * while it holds none, LM_HASH_PDQ256. Digests of every kind are found whatever the codes. */
  lm_hash hash;
  uint32_t bits;
} lm_live_options;
#define LM_LIVE_OPTIONS_INIT \
  { sizeof(lm_live_options), NULL, NULL, NULL, LM_DURABILITY_SYNCED, LM_RESIDENCE_MEMORY, LM_HASH_PDQ256, 0 }

/* Makes an empty live index of a folder that is empty or is not there yet. options: NULL for LM_LIVE_OPTIONS_INIT,
 * here and below. LM_ERROR_IO where there is one already, or anything else. */
LM_API lm_status lm_live_create(const char *folder, const lm_live_options *options);
/* Not 0 for a folder that lm_live_create has made, whether or not it is whole. */
LM_API int32_t lm_live_exists(const char *folder);
/* Opens a live index for searches. LM_ERROR_IO where there is none, LM_ERROR_FORMAT for what is damaged: never an
 * empty index instead. LM_ERROR_INVALID_ARGUMENT for a wrong key, one too many or none. lm_index_free closes it. */
LM_API lm_status lm_live_open(lm_context *context, const char *folder, const lm_live_options *options,
                              lm_index **out_index);
/* Looks at the folder now instead of within a tenth of a second: afterwards answers are of a state at least as new as
 * the last change that was done when this was called. */
LM_API lm_status lm_live_refresh(lm_index *index);
/* Reads and checks every byte of the folder: LM_ERROR_FORMAT names file and place. Progress counts bytes. */
LM_API lm_status lm_live_verify(const char *folder, const lm_live_options *options, const lm_progress *progress);

/* ---- What it holds ---------------------------------------------------------------------------------- */

/* The lists of a live index, one row for each list and kind of its entries; of a list that has no entries, one row of
 * bits 0. Ordered as they came. */
typedef struct lm_lists lm_lists;
typedef struct lm_lists_data { /* lives until lm_lists_free, arrays included; may grow at its end */
  size_t size;
  const char *const *names;
  const lm_list_role *roles;
  const lm_hash *hashes;
  const uint32_t *bits;
  const int64_t *entries;         /* that count */
  const int64_t *withdrawn;       /* that were taken back */
  const char *const *checkpoints; /* where the list's next synchronisation begins, in its words; "" for not known */
  uint64_t version;               /* of the state: one more with each change */
  int64_t all_entries;
  int64_t all_withdrawn;
  int64_t next_id; /* what the next entry without an id gets */
} lm_lists_data;
/* LM_ERROR_UNSUPPORTED for an index that is no live one. Takes a walk over all entries. */
LM_API lm_status lm_live_lists(const lm_index *index, lm_lists **out_lists);
LM_API const lm_lists_data *lm_lists_view(const lm_lists *lists);
LM_API void lm_lists_free(lm_lists *lists);

/* Where an entry comes from. */
typedef struct lm_entry {
  size_t struct_size; /* in: sizeof(lm_entry) */
  lm_hash hash;
  uint32_t bits;
  const uint8_t *code; /* bits / 8 bytes; NULL of an entry that was taken back: the folder keeps none */
  int64_t id;
  const char *label;
  const char *list;
  const char *list_id; /* what the list itself calls it; "" for nothing */
  int64_t time;        /* of its last change, in seconds since 1970; -1 where the list gives none */
  int32_t withdrawn;   /* not 0: taken back, and then */
  int64_t withdrawn_at;
  const char *withdrawn_by; /* the list, or whoever did */
  const char *reason;       /* "" where nobody said */
  lm_list_role role;
} lm_entry;

/* A walk over the entries of one state, those of one list (NULL: of all), the live ones or those that were taken
 * back. By kind, in the order in which they lie. */
typedef struct lm_entries lm_entries;
LM_API lm_status lm_live_entries(const lm_index *index, const char *list, int32_t withdrawn,
                                 lm_entries **out_entries);
/* The next one into *out_entry, and 1 into *out_found; 0 after the last. Texts and code live until the next call.
 * Excludes every other use of the walk at the same time. */
LM_API lm_status lm_entries_next(lm_entries *entries, lm_entry *out_entry, int32_t *out_found);
LM_API void lm_entries_free(lm_entries *entries);
/* The entry of match i of a search; of a digest or code of the index that was searched. Texts and code live until
 * lm_matches_free or the next call for these matches. LM_ERROR_UNSUPPORTED when that index is no live one. */
LM_API lm_status lm_matches_entry(lm_matches *matches, size_t i, lm_entry *out_entry);

/* ---- Changing it ------------------------------------------------------------------------------------ */

/* The one writer of a folder. While it is open no other process can open one: LM_ERROR_IO. May be shared by threads;
 * changes of several threads share the waiting for the disk. Each function is one change: all of it, or nothing. */
typedef struct lm_writer lm_writer;
LM_API lm_status lm_writer_open(const char *folder, const lm_live_options *options, lm_writer **out_writer);
LM_API void lm_writer_free(lm_writer *writer);

/* What a change did, in entries: one code or digest each. */
typedef struct lm_change_data {
  size_t struct_size; /* in: sizeof(lm_change_data) */
  uint64_t added;
  uint64_t changed;    /* were there, with another label, id or time */
  uint64_t unchanged;  /* were there */
  uint64_t superseded; /* were not taken: their list has taken them back since, or knows something later */
  uint64_t withdrawn;  /* are taken back */
  uint64_t unknown;    /* withdrawals of what is not there */
  /* Of a list that was read: */
  lm_list_format format;
  uint64_t records;
  uint64_t degenerate; /* left out, as lm_list_data has it */
  uint64_t left_out;
  int32_t complete; /* 0: the last page says that more follow, and the checkpoint was left as it was */
} lm_change_data;

/* Entries of one list and kind. */
typedef struct lm_additions {
  size_t struct_size; /* sizeof(lm_additions) */
  const char *list;   /* its name: UTF-8, up to 255 bytes; a name that is new makes a list */
  lm_hash hash;
  uint32_t bits;
  size_t n;
  const uint8_t *codes;        /* n x bits / 8 bytes */
  const int64_t *ids;          /* n values >= 0; NULL: from the largest on */
  const char *const *labels;   /* n texts; NULL: none */
  const char *const *list_ids; /* n texts: what the list calls them; NULL: nothing */
  const int64_t *times;        /* n values; NULL: not known */
} lm_additions;
#define LM_ADDITIONS_INIT \
  { sizeof(lm_additions), NULL, LM_HASH_PDQ256, 256, 0, NULL, NULL, NULL, NULL, NULL }
/* An entry is told from others by list, kind, code, and the list's own id, or else the id, where there is one: adding
 * it again changes its label, id or time, or nothing. out_change: may be NULL, here and below. */
LM_API lm_status lm_writer_add(lm_writer *writer, const lm_additions *additions, lm_change_data *out_change);

typedef struct lm_import_options {
  size_t struct_size;            /* sizeof(lm_import_options) */
  const char *list;              /* its name, as in lm_additions */
  const lm_list_options *format; /* how the pages are read; NULL for LM_LIST_OPTIONS_INIT */
  int64_t time;                  /* of entries and withdrawals that have none; -1: they stay without */
  int32_t whole;                 /* not 0: the pages are all of the list, and what is not in them is taken back */
  lm_list_role role;             /* LM_LIST_ROLE_AS_IS, or what the list is for from now on */
} lm_import_options;
enum { LM_LIST_ROLE_AS_IS = -1 }; /* LM_LIST_KNOWN for a new list, but LM_LIST_HARMLESS for one of LM_LIST_NSRL */
#define LM_IMPORT_OPTIONS_INIT \
  { sizeof(lm_import_options), NULL, NULL, -1, 0, LM_LIST_ROLE_AS_IS }

/* Applies the n pages of one list, files or buffers, in their order, as one change: additions, corrections and
 * withdrawals, and the list's checkpoint where the last page says that it is complete. Of what a list calls by one
 * id, the entries of its latest time stay. The same pages again change nothing. What cannot be understood refuses all
 * of it, as lm_list_read does. Memory does not grow with the pages. Progress counts bytes. */
LM_API lm_status lm_writer_import(lm_writer *writer, const char *const *paths, size_t n,
                                  const lm_import_options *options, const lm_progress *progress,
                                  lm_change_data *out_change);
LM_API lm_status lm_writer_import_buffers(lm_writer *writer, const lm_buffer *pages, size_t n,
                                          const lm_import_options *options, const lm_progress *progress,
                                          lm_change_data *out_change);

/* Takes back every entry of which all holds that is said. At least one of list_id, code and id is, or whole_list. */
typedef struct lm_withdrawal {
  size_t struct_size;  /* sizeof(lm_withdrawal) */
  const char *list;    /* NULL: of every list */
  const char *list_id; /* NULL: whatever it is */
  lm_hash hash;        /* of code */
  uint32_t bits;
  const uint8_t *code; /* NULL: whatever it is */
  int64_t id;          /* -1: whatever it is */
  int32_t whole_list;  /* not 0: every entry of `list` */
  const char *by;      /* who takes it back; NULL: "operator" */
  const char *reason;  /* NULL: none is given */
} lm_withdrawal;
#define LM_WITHDRAWAL_INIT \
  { sizeof(lm_withdrawal), NULL, NULL, LM_HASH_PDQ256, 0, NULL, -1, 0, NULL, NULL }
LM_API lm_status lm_writer_withdraw(lm_writer *writer, const lm_withdrawal *withdrawal, lm_change_data *out_change);

/* Says what a list is for; makes the list if there is none of the name. */
LM_API lm_status lm_writer_set_role(lm_writer *writer, const char *list, lm_list_role role);

/* Puts all entries of a kind side by side, without those taken back, with what makes them fast to search. Searches
 * and changes go on meanwhile; a folder does it in parts by itself. Progress counts entries. */
LM_API lm_status lm_writer_compact(lm_writer *writer, const lm_progress *progress);

#ifdef __cplusplus
}
#endif
#endif
