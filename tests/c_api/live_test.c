/* A live index: a folder, its writer, and searches beside it. */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <errno.h>
#include <libmatch/live.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "expect.h"

/* With the files in it; 0 also where there is none. */
static int remove_folder(const char *folder) {
  DIR *files = opendir(folder);
  if (files == NULL) {
    return errno == ENOENT ? 0 : -1;
  }
  const struct dirent *file;
  while ((file = readdir(files)) != NULL) {
    char path[4400];
    snprintf(path, sizeof(path), "%s/%s", folder, file->d_name);
    if (file->d_name[0] != '.' || strlen(file->d_name) > 2) {
      unlink(path);
    }
  }
  closedir(files);
  return rmdir(folder);
}

static int32_t give_key(void *user_data, uint8_t *out_key) {
  memset(out_key, *(const int *)user_data, 32);
  return 0;
}

static int32_t give_no_key(void *user_data, uint8_t *out_key) {
  (void)user_data;
  (void)out_key;
  return 1;
}

static void test_add_and_withdraw(lm_writer *writer, lm_index *index, lm_context *context) {
  uint8_t codes[64];
  memset(codes, 0, 32);
  memset(codes + 32, 255, 32);
  const int64_t ids[2] = {5, 6};
  const char *const labels[2] = {"five", NULL};
  lm_additions additions = LM_ADDITIONS_INIT;
  additions.list = "list";
  additions.n = 2;
  additions.codes = codes;
  additions.ids = ids;
  additions.labels = labels;
  lm_change_data change = {.struct_size = sizeof(change)};
  EXPECT(lm_writer_add(writer, &additions, &change) == LM_OK && change.added == 2);
  EXPECT(lm_writer_add(writer, &additions, &change) == LM_OK && change.unchanged == 2 && change.added == 0);
  EXPECT(lm_writer_add(writer, &additions, NULL) == LM_OK);
  EXPECT(lm_live_refresh(index) == LM_OK && lm_index_size(index) == 2);

  lm_matches *matches = NULL;
  EXPECT(lm_index_search_range(index, context, codes, 1, 31, NULL, &matches) == LM_OK);
  EXPECT(lm_matches_view(matches)->version >= 1 && lm_matches_view(matches)->offsets[1] == 1);
  lm_entry entry = {.struct_size = sizeof(entry)};
  EXPECT(lm_matches_entry(matches, 0, &entry) == LM_OK);
  EXPECT(entry.id == 5 && strcmp(entry.list, "list") == 0 && strcmp(entry.label, "five") == 0);
  EXPECT(memcmp(entry.code, codes, 32) == 0 && entry.withdrawn == 0 && entry.time == -1);
  EXPECT(lm_matches_entry(matches, 1, &entry) == LM_ERROR_INVALID_ARGUMENT);

  lm_withdrawal withdrawal = LM_WITHDRAWAL_INIT;
  EXPECT(lm_writer_withdraw(writer, &withdrawal, &change) == LM_ERROR_INVALID_ARGUMENT);
  withdrawal.id = 5;
  withdrawal.reason = "an error";
  EXPECT(lm_writer_withdraw(writer, &withdrawal, &change) == LM_OK && change.withdrawn == 1);
  EXPECT(lm_writer_withdraw(writer, &withdrawal, &change) == LM_OK && change.unknown == 1 && change.withdrawn == 0);
  EXPECT(lm_live_refresh(index) == LM_OK && lm_index_size(index) == 1);
  lm_matches *later = NULL;
  EXPECT(lm_index_search_range(index, context, codes, 1, 31, NULL, &later) == LM_OK);
  EXPECT(lm_matches_view(later)->offsets[1] == 0 &&
         lm_matches_view(later)->version > lm_matches_view(matches)->version);
  EXPECT(lm_matches_entry(matches, 0, &entry) == LM_OK && entry.id == 5); /* of the state that it was found in */
  lm_matches_free(later);
  lm_matches_free(matches);
}

static void test_walks(lm_index *index) {
  lm_entries *entries = NULL;
  lm_entry entry = {.struct_size = sizeof(entry)};
  int32_t found = 0;
  EXPECT(lm_live_entries(index, "list", 0, &entries) == LM_OK);
  EXPECT(lm_entries_next(entries, &entry, &found) == LM_OK && found == 1 && entry.id == 6);
  EXPECT(lm_entries_next(entries, &entry, &found) == LM_OK && found == 0);
  lm_entries_free(entries);
  EXPECT(lm_live_entries(index, NULL, 1, &entries) == LM_OK);
  EXPECT(lm_entries_next(entries, &entry, &found) == LM_OK && found == 1 && entry.id == 5);
  EXPECT(entry.code == NULL && entry.withdrawn != 0 && strcmp(entry.withdrawn_by, "operator") == 0);
  EXPECT(strcmp(entry.reason, "an error") == 0 && entry.withdrawn_at > 0);
  lm_entries_free(entries);
  EXPECT(lm_live_entries(index, "no such list", 0, &entries) == LM_ERROR_INVALID_ARGUMENT);

  lm_lists *lists = NULL;
  EXPECT(lm_live_lists(index, &lists) == LM_OK);
  const lm_lists_data *data = lm_lists_view(lists);
  EXPECT(data->size == 1 && data->entries[0] == 1 && data->withdrawn[0] == 1 && data->roles[0] == LM_LIST_KNOWN);
  EXPECT(data->all_entries == 1 && data->all_withdrawn == 1 && data->next_id == 7);
  lm_lists_free(lists);
}

static void test_imports(lm_writer *writer, lm_index *index) {
  const char text[] = "kind,code,id,label\nmd5,000102030405060708090a0b0c0d0e0f,1,one\n";
  const lm_buffer page = {text, sizeof(text) - 1};
  lm_import_options options = LM_IMPORT_OPTIONS_INIT;
  lm_change_data change = {.struct_size = sizeof(change)};
  EXPECT(lm_writer_import_buffers(writer, &page, 1, &options, NULL, &change) == LM_ERROR_INVALID_ARGUMENT);
  options.list = "imported";
  options.role = LM_LIST_DEGENERATE;
  EXPECT(lm_writer_import_buffers(writer, &page, 1, &options, NULL, &change) == LM_OK);
  EXPECT(change.added == 1 && change.format == LM_LIST_CSV && change.records == 1 && change.complete != 0);
  const lm_buffer bad = {"kind,code\nmd5,xyz\n", 18};
  EXPECT(lm_writer_import_buffers(writer, &bad, 1, &options, NULL, &change) == LM_ERROR_FORMAT);
  EXPECT(strstr(lm_last_error(), "line 2, field code") != NULL);
  const char *const missing = "/no such folder/list.csv";
  EXPECT(lm_writer_import(writer, &missing, 1, &options, NULL, NULL) == LM_ERROR_IO);
  lm_lists *lists = NULL;
  EXPECT(lm_live_refresh(index) == LM_OK && lm_live_lists(index, &lists) == LM_OK);
  EXPECT(lm_lists_view(lists)->size == 2 && lm_lists_view(lists)->roles[1] == LM_LIST_DEGENERATE);
  lm_lists_free(lists);
  EXPECT(lm_writer_set_role(writer, "imported", LM_LIST_KNOWN) == LM_OK);
  EXPECT(lm_writer_set_role(writer, "imported", 9) == LM_ERROR_INVALID_ARGUMENT);
}

/* While a file is scanned, a list of digests comes: the first of its kind. */
struct digest_import {
  lm_writer *writer;
  lm_index *index;
  int is_done;
};

static void *refresh(void *index) {
  EXPECT(lm_live_refresh(index) == LM_OK);
  return NULL;
}

static int32_t import_digest(void *user_data, uint64_t done, uint64_t total) {
  (void)done;
  (void)total;
  struct digest_import *import = user_data;
  if (!import->is_done) {
    import->is_done = 1;
    /* printf 'no image' | sha256sum */
    static const uint8_t sha256[32] = {0x45, 0x33, 0x61, 0xfd, 0x92, 0x57, 0x12, 0xbb, 0x2f, 0x4e, 0xf4,
                                       0x96, 0xdf, 0xa3, 0x48, 0x0f, 0x0d, 0x7a, 0x1e, 0x22, 0xfc, 0x15,
                                       0xdc, 0x69, 0xe7, 0x2a, 0xeb, 0x80, 0x86, 0xc1, 0x35, 0xce};
    lm_additions additions = LM_ADDITIONS_INIT;
    additions.list = "digests";
    additions.hash = LM_HASH_SHA256;
    additions.n = 1;
    additions.codes = sha256;
    EXPECT(lm_writer_add(import->writer, &additions, NULL) == LM_OK);
    /* The callback itself must not use what the call was given. */
    pthread_t thread;
    EXPECT(pthread_create(&thread, NULL, refresh, import->index) == 0 && pthread_join(thread, NULL) == 0);
  }
  return 0;
}

static void test_a_match_is_of_one_state(lm_writer *writer, lm_index *index, lm_context *context) {
  const lm_buffer upload = {"no image", 8};
  struct digest_import import = {writer, index, 0};
  const lm_progress progress = {import_digest, &import};
  lm_verdicts *verdicts = NULL;
  EXPECT(lm_match_buffers(context, index, NULL, &upload, 1, &progress, &verdicts) == LM_OK);
  const lm_verdicts_data *data = lm_verdicts_view(verdicts);
  EXPECT(import.is_done && data->size == 1 && data->verdicts[0] == LM_VERDICT_MATCH);
  lm_lists *lists = NULL;
  EXPECT(lm_live_lists(index, &lists) == LM_OK && lm_lists_view(lists)->version == data->version);
  lm_lists_free(lists);
  lm_verdicts_free(verdicts);
}

static void test_a_live_index_is_changed_by_its_writer(lm_index *index, lm_context *context) {
  const uint8_t code[32] = {0};
  const int64_t id = 1;
  EXPECT(lm_index_add(index, code, NULL, NULL, 1) == LM_ERROR_UNSUPPORTED);
  EXPECT(lm_index_remove(index, &id, 1, NULL) == LM_ERROR_UNSUPPORTED);
  EXPECT(lm_index_prepare(index, context, NULL) == LM_ERROR_UNSUPPORTED);
  lm_index *plain = NULL;
  lm_lists *lists = NULL;
  EXPECT(lm_index_create(context, LM_HASH_PDQ256, 256, "", &plain) == LM_OK);
  EXPECT(lm_live_lists(plain, &lists) == LM_ERROR_UNSUPPORTED);
  EXPECT(lm_live_refresh(plain) == LM_ERROR_UNSUPPORTED);
  lm_index_free(plain);
}

static void test_keys(lm_context *context, const char *folder) {
  int first = 1;
  int second = 2;
  lm_live_options options = LM_LIVE_OPTIONS_INIT;
  options.key = give_key;
  options.user_data = &first;
  EXPECT(lm_live_create(folder, &options) == LM_OK);
  lm_index *index = NULL;
  EXPECT(lm_live_open(context, folder, &options, &index) == LM_OK);
  lm_index_free(index);
  options.user_data = &second;
  EXPECT(lm_live_open(context, folder, &options, &index) == LM_ERROR_INVALID_ARGUMENT);
  options.key = give_no_key;
  EXPECT(lm_live_open(context, folder, &options, &index) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(lm_live_open(context, folder, NULL, &index) == LM_ERROR_INVALID_ARGUMENT);
  options.key_path = folder;
  EXPECT(lm_live_open(context, folder, &options, &index) == LM_ERROR_INVALID_ARGUMENT); /* two keys */
}

void test_live(lm_context *context, const char *path) {
  char folder[4096];
  snprintf(folder, sizeof(folder), "%s.live", path);
  EXPECT(remove_folder(folder) == 0);
  lm_index *index = NULL;
  lm_writer *writer = NULL;
  lm_writer *second = NULL;
  EXPECT(lm_live_exists(folder) == 0 && lm_live_exists(NULL) == 0);
  EXPECT(lm_live_open(context, folder, NULL, &index) == LM_ERROR_IO);
  EXPECT(lm_writer_open(folder, NULL, &writer) == LM_ERROR_IO);
  EXPECT(lm_live_create(folder, NULL) == LM_OK && lm_live_exists(folder) != 0);
  EXPECT(lm_live_create(folder, NULL) == LM_ERROR_IO);
  EXPECT(lm_live_open(context, folder, NULL, &index) == LM_OK && lm_index_size(index) == 0);
  EXPECT(lm_writer_open(folder, NULL, &writer) == LM_OK);
  EXPECT(lm_writer_open(folder, NULL, &second) == LM_ERROR_IO);
  if (index != NULL && writer != NULL) {
    test_add_and_withdraw(writer, index, context);
    test_walks(index);
    test_imports(writer, index);
    test_a_match_is_of_one_state(writer, index, context);
    test_a_live_index_is_changed_by_its_writer(index, context);
    EXPECT(lm_writer_compact(writer, NULL) == LM_OK);
    EXPECT(lm_live_refresh(index) == LM_OK && lm_index_size(index) == 1);
  }
  lm_live_options options = LM_LIVE_OPTIONS_INIT;
  lm_index *mapped = NULL;
  options.residence = LM_RESIDENCE_MAPPED + 1;
  EXPECT(lm_live_open(context, folder, &options, &mapped) == LM_ERROR_INVALID_ARGUMENT);
  options.residence = LM_RESIDENCE_MAPPED;
  EXPECT(lm_live_open(context, folder, &options, &mapped) == LM_OK && lm_index_size(mapped) == 1);
  lm_index_free(mapped);
  lm_writer_free(writer);
  lm_writer_free(NULL);
  EXPECT(lm_live_verify(folder, NULL, NULL) == LM_OK);
  lm_index_free(index);
  EXPECT(remove_folder(folder) == 0);
  test_keys(context, folder);
  EXPECT(remove_folder(folder) == 0);
}
