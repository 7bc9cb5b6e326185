/* Every function of libmatch.h, as a C program calls it. */
#include <libmatch/libmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"

int failures = 0;

/* A GIF of one red pixel. */
static const uint8_t red_gif[] = {'G', 'I', 'F', '8', '9', 'a', 1, 0, 1, 0, 0x80, 0, 0, 255,  0, 0, 0,  0,
                                  0,   ',', 0,   0,   0,   0,   1, 0, 1, 0, 0,    2, 2, 0x44, 1, 0, ';'};

enum { side = 64, n_pixels = side * side };

/* A picture with something to see: blobs that come from integers. */
static void paint(uint8_t *pixels, unsigned seed) {
  for (unsigned y = 0; y < side; ++y) {
    for (unsigned x = 0; x < side; ++x) {
      pixels[y * side + x] = (uint8_t)(((x / 9) * 53 + (y / 7) * 97 * seed + (x / 9) * (y / 7) * 31) % 256);
    }
  }
}

static void test_names(void) {
  EXPECT(lm_version() == LM_VERSION);
  EXPECT(strcmp(lm_status_name(LM_ERROR_FORMAT), "LM_ERROR_FORMAT") == 0);
  EXPECT(strcmp(lm_status_name(-1000), "unknown status") == 0);
  EXPECT(strcmp(lm_hash_name(LM_HASH_SHA1), "sha1") == 0);
  EXPECT(lm_hash_name(77) == NULL);
  EXPECT(lm_hash_bits(LM_HASH_PDQ256) == 256);
  EXPECT(lm_hash_bits(LM_HASH_SHA1) == 160);
  EXPECT(lm_hash_bits(LM_HASH_CODE) == 0);
  EXPECT(lm_hash_bits(77) == 0);
  lm_hash hash = LM_HASH_CODE;
  EXPECT(lm_hash_from_name("md5", &hash) == LM_OK && hash == LM_HASH_MD5);
  EXPECT(lm_hash_from_name("crc", &hash) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(strstr(lm_last_error(), "\"crc\"") != NULL);
  EXPECT(strcmp(lm_orientation_name(LM_ORIENTATION_FLIP_MINUS1), "flip_minus1") == 0);
  EXPECT(lm_orientation_name(8) == NULL && lm_orientation_name(-1) == NULL);
  EXPECT(strcmp(lm_scan_name(LM_SCAN_DAMAGED), "damaged") == 0);
  EXPECT(strcmp(lm_scan_name(LM_SCAN_UNREADABLE), "unreadable") == 0);
  EXPECT(strcmp(lm_scan_name(LM_SCAN_NOT_HASHED), "not_hashed") == 0);
  EXPECT(lm_scan_name(-1) == NULL && lm_scan_name(99) == NULL);
  EXPECT(strcmp(lm_verdict_name(LM_VERDICT_LOW_QUALITY), "low_quality") == 0);
  EXPECT(lm_verdict_name(99) == NULL);
  EXPECT(strcmp(lm_hash_profile(NULL), "libmatch-1") == 0);
  lm_hash_options stored = LM_HASH_OPTIONS_INIT;
  stored.ignore_exif_orientation = 1;
  EXPECT(strcmp(lm_hash_profile(&stored), "libmatch-1-stored-orientation") == 0);
  stored.hash = 77;
  EXPECT(lm_hash_profile(&stored) == NULL);
}

static void test_contexts(void) {
  size_t n = 0;
  while (lm_backend_name(n) != NULL) {
    lm_context *context = NULL;
    EXPECT(lm_context_create(lm_backend_name(n), 1, &context) == LM_OK);
    EXPECT(strcmp(lm_context_backend(context), lm_backend_name(n)) == 0);
    EXPECT(lm_context_threads(context) == 1);
    lm_context_free(context);
    ++n;
  }
  EXPECT(n >= 1 && strcmp(lm_backend_name(n - 1), "scalar") == 0);
  lm_context *context = NULL;
  EXPECT(lm_context_create("abacus", 1, &context) == LM_ERROR_UNSUPPORTED);
  EXPECT(strstr(lm_last_error(), "abacus") != NULL);
  EXPECT(lm_context_create("scalar", 1000000, &context) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(lm_context_create("scalar", 1, NULL) == LM_ERROR_INVALID_ARGUMENT);
  lm_context_free(NULL);
}

static void test_isolation(void) {
  lm_context *context = NULL;
  EXPECT(lm_context_create("scalar", 2, &context) == LM_OK);
  EXPECT(lm_context_is_isolated(context) == 0 && lm_context_is_isolated(NULL) == 0);
  EXPECT(lm_context_isolate(NULL, NULL) == LM_ERROR_INVALID_ARGUMENT);
  lm_isolation_options options = LM_ISOLATION_OPTIONS_INIT;
  options.max_memory_bytes = 1;
  EXPECT(lm_context_isolate(context, &options) == LM_ERROR_INVALID_ARGUMENT);
  options.max_memory_bytes = (uint64_t)1 << 32;
  options.worker = "no/such/worker";
  EXPECT(lm_context_isolate(context, &options) == LM_ERROR_UNSUPPORTED);
  EXPECT(strstr(lm_last_error(), "no/such/worker") != NULL && lm_context_is_isolated(context) == 0);
  options.worker = NULL;
  options.max_files = 1;
  if (isolation_is_possible) {
    EXPECT(lm_context_isolate(context, &options) == LM_OK && lm_context_is_isolated(context) != 0);
  }
  const lm_buffer buffers[3] = {{red_gif, sizeof(red_gif)}, {"nothing", 7}, {red_gif, 20}};
  lm_hashes *hashes = NULL;
  EXPECT(lm_hash_buffers(context, NULL, buffers, 3, NULL, &hashes) == LM_OK);
  const lm_hashes_data *data = lm_hashes_view(hashes);
  EXPECT(data->scans[0] == LM_SCAN_OK && data->scans[1] == LM_SCAN_UNKNOWN_FORMAT);
  EXPECT(data->scans[2] == LM_SCAN_DAMAGED && strstr(data->reasons[2], "gif") != NULL);
  lm_hashes_free(hashes);
  EXPECT(strcmp(lm_scan_name(LM_SCAN_CRASHED), "crashed") == 0);
  lm_context_free(context);
}

static int32_t count_calls(void *user_data, uint64_t done, uint64_t total) {
  ++*(int *)user_data;
  return done <= total ? 0 : 1;
}

static int32_t stop(void *user_data, uint64_t done, uint64_t total) {
  (void)user_data;
  (void)done;
  (void)total;
  return 1;
}

static void test_pixels(lm_context *context) {
  uint8_t pixels[n_pixels];
  paint(pixels, 1);
  const lm_image image = {pixels, side, side, side, LM_PIXEL_GRAY8};
  uint8_t codes[8 * 32];
  uint8_t quality = 0;
  EXPECT(lm_hash_images(context, NULL, &image, 1, NULL, codes, &quality) == LM_OK);
  EXPECT(quality == 100);
  EXPECT(lm_hash_images(context, NULL, &image, 1, NULL, codes, NULL) == LM_OK);

  lm_hash_options options = LM_HASH_OPTIONS_INIT;
  options.orientations = LM_ORIENTATIONS_TRUE;
  uint8_t turned[8 * 32];
  int calls = 0;
  const lm_progress progress = {count_calls, &calls};
  EXPECT(lm_hash_images(context, &options, &image, 1, &progress, turned, &quality) == LM_OK);
  EXPECT(memcmp(codes, turned, 32) == 0 && memcmp(turned, turned + 32, 32) != 0);
  EXPECT(calls == 1);
  const lm_progress cancel = {stop, NULL};
  EXPECT(lm_hash_images(context, NULL, &image, 1, &cancel, codes, NULL) == LM_ERROR_CANCELLED);

  lm_image wrong = image;
  wrong.stride_bytes = side - 1;
  EXPECT(lm_hash_images(context, NULL, &wrong, 1, NULL, codes, NULL) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(strcmp(lm_last_error(), "images[0]: stride_bytes is less than a row") == 0);
  options.max_pixels = n_pixels - 1;
  EXPECT(lm_hash_images(context, &options, &image, 1, NULL, turned, NULL) == LM_ERROR_LIMIT);
  options.hash = LM_HASH_MD5;
  EXPECT(lm_hash_images(context, &options, &image, 1, NULL, turned, NULL) == LM_ERROR_INVALID_ARGUMENT);
  options.struct_size = 0;
  EXPECT(lm_hash_images(context, &options, &image, 1, NULL, turned, NULL) == LM_ERROR_INVALID_ARGUMENT);
  options.struct_size = (size_t)-1;
  EXPECT(lm_hash_images(context, &options, &image, 1, NULL, turned, NULL) == LM_ERROR_INVALID_ARGUMENT);
}

/* Structures of a program that was built with a newer header. */
static void test_newer_structures(lm_context *context) {
  uint8_t pixels[n_pixels];
  paint(pixels, 1);
  const lm_image image = {pixels, side, side, side, LM_PIXEL_GRAY8};
  uint8_t codes[32];
  struct {
    lm_hash_options known;
    uint64_t unknown[2];
  } options = {LM_HASH_OPTIONS_INIT, {0, 0}};
  options.known.struct_size = sizeof(options);
  EXPECT(lm_hash_images(context, &options.known, &image, 1, NULL, codes, NULL) == LM_OK);
  options.unknown[1] = 1;
  EXPECT(lm_hash_images(context, &options.known, &image, 1, NULL, codes, NULL) == LM_ERROR_UNSUPPORTED);

  lm_index *index = NULL;
  EXPECT(lm_index_create(context, LM_HASH_CODE, 64, NULL, &index) == LM_OK);
  struct {
    lm_index_data known;
    uint64_t unknown[2];
  } data;
  memset(&data, 0xff, sizeof(data));
  data.known.struct_size = sizeof(data);
  EXPECT(lm_index_view(index, &data.known) == LM_OK && data.known.bits == 64);
  EXPECT(data.known.struct_size == sizeof(data) && data.unknown[0] == 0 && data.unknown[1] == 0);
  data.known.struct_size = (size_t)-1;
  EXPECT(lm_index_view(index, &data.known) == LM_ERROR_INVALID_ARGUMENT);
  lm_index_free(index);
}

static void test_files(lm_context *context) {
  const lm_buffer buffers[2] = {{red_gif, sizeof(red_gif)}, {"nothing", 7}};
  lm_hashes *hashes = NULL;
  EXPECT(lm_hash_buffers(context, NULL, buffers, 2, NULL, &hashes) == LM_OK);
  const lm_hashes_data *data = lm_hashes_view(hashes);
  EXPECT(data->size == 2 && data->codes_each == 1 && data->code_size_bytes == 32);
  EXPECT(data->scans[0] == LM_SCAN_OK && data->reasons[0][0] == '\0' && data->quality[0] == 0);
  EXPECT(data->scans[1] == LM_SCAN_UNKNOWN_FORMAT && data->reasons[1][0] != '\0');
  lm_hashes_free(hashes);

  lm_hash_options options = LM_HASH_OPTIONS_INIT;
  options.hash = LM_HASH_MD5;
  const lm_buffer abc = {"abc", 3};
  EXPECT(lm_hash_buffers(context, &options, &abc, 1, NULL, &hashes) == LM_OK);
  EXPECT(memcmp(lm_hashes_view(hashes)->codes, "\x90\x01\x50\x98\x3c\xd2\x4f\xb0\xd6\x96\x3f\x7d\x28\xe1\x7f\x72",
                16) == 0);
  lm_hashes_free(hashes);

  const char *const missing = "no/such/file";
  EXPECT(lm_hash_files(context, NULL, &missing, 1, NULL, &hashes) == LM_OK);
  EXPECT(lm_hashes_view(hashes)->scans[0] == LM_SCAN_UNREADABLE);
  EXPECT(strstr(lm_hashes_view(hashes)->reasons[0], "no/such/file") != NULL);
  lm_hashes_free(hashes);

  lm_decoded *decoded = NULL;
  EXPECT(lm_decode(&buffers[0], NULL, &decoded) == LM_OK);
  const lm_decoded_data *picture = lm_decoded_view(decoded);
  EXPECT(picture->image.width == 1 && picture->image.height == 1 && picture->image.format == LM_PIXEL_RGB8);
  EXPECT(memcmp(picture->image.pixels, "\xff\x00\x00", 3) == 0);
  EXPECT(strcmp(picture->format, "gif") == 0 && picture->frames == 1 && picture->exif_orientation == 1);
  lm_decoded_free(decoded);
  EXPECT(lm_decode(&buffers[1], NULL, &decoded) == LM_ERROR_FORMAT);
}

static void test_index(lm_context *context, const char *path) {
  uint8_t codes[3 * 8] = {0};
  codes[8] = 0x0f;
  codes[16] = 0xff;
  uint32_t distances[3] = {9, 9, 9};
  EXPECT(lm_distances(context, LM_HASH_CODE, 64, codes, 1, codes, 3, distances) == LM_OK);
  EXPECT(distances[0] == 0 && distances[1] == 4 && distances[2] == 8);
  EXPECT(lm_distances(context, LM_HASH_CODE, 63, codes, 1, codes, 3, distances) == LM_ERROR_INVALID_ARGUMENT);

  lm_index *index = NULL;
  EXPECT(lm_index_create(context, LM_HASH_PDQ256, 64, NULL, &index) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(lm_index_create(context, LM_HASH_CODE, 64, "mine", &index) == LM_OK);
  const int64_t ids[3] = {5, 6, 7};
  const char *const labels[3] = {"five", NULL, "seven"};
  EXPECT(lm_index_add(index, codes, ids, labels, 3) == LM_OK);
  const int64_t negative = -1;
  EXPECT(lm_index_add(index, codes, &negative, NULL, 1) == LM_ERROR_INVALID_ARGUMENT);
  const uint8_t digest[16] = {1, 2, 3};
  EXPECT(lm_index_add_digests(index, LM_HASH_MD5, digest, NULL, NULL, 1) == LM_OK);
  EXPECT(lm_index_add_digests(index, LM_HASH_PDQ256, digest, NULL, NULL, 1) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(lm_index_size(index) == 3);

  lm_index_data data;
  memset(&data, 0, sizeof(data));
  EXPECT(lm_index_view(index, &data) == LM_ERROR_INVALID_ARGUMENT);
  data.struct_size = sizeof(data);
  EXPECT(lm_index_view(index, &data) == LM_OK);
  EXPECT(data.bits == 64 && data.codes == 3 && data.md5 == 1 && data.sha1 == 0 && strcmp(data.profile, "mine") == 0);
  EXPECT(data.library_version == LM_VERSION && data.mapped == 0 && data.memory_bytes > 0);

  lm_matches *matches = NULL;
  EXPECT(lm_index_search_range(index, context, codes, 1, 4, NULL, &matches) == LM_OK);
  const lm_matches_data *found = lm_matches_view(matches);
  EXPECT(found->n_queries == 1 && found->offsets[1] == 2);
  EXPECT(found->ids[0] == 5 && found->distances[0] == 0 && found->ids[1] == 6 && found->distances[1] == 4);
  const char *label = NULL;
  EXPECT(lm_matches_label(matches, 0, &label) == LM_OK && strcmp(label, "five") == 0);
  EXPECT(lm_matches_label(matches, 1, &label) == LM_OK && strcmp(label, "") == 0);
  EXPECT(lm_matches_label(matches, 2, &label) == LM_ERROR_INVALID_ARGUMENT);
  lm_matches_free(matches);
  EXPECT(lm_index_search_knn(index, context, codes + 16, 1, 2, NULL, &matches) == LM_OK);
  EXPECT(lm_matches_view(matches)->offsets[1] == 2 && lm_matches_view(matches)->ids[0] == 7);
  lm_matches_free(matches);
  EXPECT(lm_index_find_digests(index, LM_HASH_MD5, digest, 1, &matches) == LM_OK);
  EXPECT(lm_matches_view(matches)->offsets[1] == 1 && lm_matches_view(matches)->ids[0] == 8);
  lm_matches_free(matches);

  EXPECT(lm_index_save(index, path, NULL) == LM_OK);
  EXPECT(lm_index_verify(path, NULL) == LM_OK);
  int64_t removed = 0;
  EXPECT(lm_index_remove(index, ids, 2, &removed) == LM_OK && removed == 2 && lm_index_size(index) == 1);
  lm_index_free(index);
  EXPECT(lm_index_load(context, path, NULL, &index) == LM_OK && lm_index_size(index) == 3);
  lm_index_free(index);
  EXPECT(lm_index_map(context, path, &index) == LM_OK && lm_index_size(index) == 3);
  EXPECT(lm_index_view(index, &data) == LM_OK && data.mapped != 0);
  lm_index_free(index);
  EXPECT(lm_index_load(context, "no/such/index", NULL, &index) == LM_ERROR_IO);
  EXPECT(lm_index_save(NULL, path, NULL) == LM_ERROR_INVALID_ARGUMENT);
}

static void test_pairs(lm_context *context) {
  const uint8_t codes[4 * 8] = {0, 0, 0, 0, 0, 0, 0, 0, 0x0f, 0, 0, 0, 0, 0, 0, 0,
                                0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0, 0, 0, 0, 0, 0, 0};
  const int64_t ids[4] = {8, 5, 5, 5};
  const char *const labels[4] = {"eight", NULL, "nought", "full"};
  lm_index *index = NULL;
  lm_pairs *pairs = NULL;
  EXPECT(lm_index_create(context, LM_HASH_CODE, 64, NULL, &index) == LM_OK);
  EXPECT(lm_index_search_pairs(index, context, 64, NULL, &pairs) == LM_OK && lm_pairs_view(pairs)->size == 0);
  lm_pairs_free(pairs);
  EXPECT(lm_index_add(index, codes, ids, labels, 4) == LM_OK);
  EXPECT(lm_index_search_pairs(index, context, 4, NULL, &pairs) == LM_OK);
  const int64_t removed = 8;
  EXPECT(lm_index_remove(index, &removed, 1, NULL) == LM_OK);
  const lm_pairs_data *found = lm_pairs_view(pairs);
  EXPECT(found->size == 4);
  EXPECT(found->first_ids[0] == 5 && found->second_ids[0] == 5 && found->distances[0] == 4);
  EXPECT(found->first_ids[1] == 5 && found->second_ids[1] == 5 && found->distances[1] == 4);
  EXPECT(found->first_ids[2] == 5 && found->second_ids[2] == 8 && found->distances[2] == 0);
  EXPECT(found->first_ids[3] == 5 && found->second_ids[3] == 8 && found->distances[3] == 4);
  const char *first = NULL;
  const char *second = NULL;
  EXPECT(lm_pairs_labels(pairs, 0, &first, &second) == LM_OK);
  EXPECT(strcmp(first, "") == 0 && strcmp(second, "nought") == 0);
  EXPECT(lm_pairs_labels(pairs, 2, &first, NULL) == LM_OK && strcmp(first, "nought") == 0);
  EXPECT(lm_pairs_labels(pairs, 2, NULL, &second) == LM_OK && strcmp(second, "eight") == 0);
  EXPECT(lm_pairs_labels(pairs, 4, &first, &second) == LM_ERROR_INVALID_ARGUMENT);
  lm_pairs_free(pairs);
  EXPECT(lm_index_search_pairs(index, context, 4, NULL, &pairs) == LM_OK && lm_pairs_view(pairs)->size == 2);
  lm_pairs_free(pairs);
  const lm_progress cancel = {stop, NULL};
  EXPECT(lm_index_search_pairs(index, context, 4, &cancel, &pairs) == LM_ERROR_CANCELLED);
  EXPECT(lm_index_search_pairs(index, context, 4, NULL, NULL) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(lm_pairs_view(NULL) == NULL);
  lm_pairs_free(NULL);
  lm_index_free(index);
}

static void test_lists(lm_context *context, const char *path) {
  FILE *file = fopen(path, "wb");
  EXPECT(file != NULL);
  if (file == NULL) {
    return;
  }
  fputs("kind,code,id,label\ncode,00000000000000ff,3,three\nmd5,900150983cd24fb0d6963f7d28e17f72,,\n", file);
  fclose(file);
  lm_list *list = NULL;
  int calls = 0;
  const lm_progress progress = {count_calls, &calls};
  EXPECT(lm_list_read(&path, 1, NULL, &progress, &list) == LM_OK && lm_list_size(list) == 2 && calls > 0);
  const lm_list_entry *entry = lm_list_get(list, 0);
  EXPECT(entry->hash == LM_HASH_CODE && entry->bits == 64 && entry->code[7] == 0xff && entry->id == 3);
  EXPECT(strcmp(entry->label, "three") == 0 && lm_list_get(list, 1)->id == -1 && lm_list_get(list, 2) == NULL);
  lm_index *index = NULL;
  EXPECT(lm_index_create(context, LM_HASH_CODE, 64, NULL, &index) == LM_OK);
  EXPECT(lm_index_add_list(index, list) == LM_OK && lm_index_size(index) == 1);
  lm_index_free(index);
  EXPECT(lm_index_create(context, LM_HASH_PDQ256, 256, NULL, &index) == LM_OK);
  EXPECT(lm_index_add_list(index, list) == LM_ERROR_INVALID_ARGUMENT && lm_index_size(index) == 0);
  EXPECT(strstr(lm_last_error(), "entry 0") != NULL);
  lm_index_free(index);
  lm_list_free(list);
  const char *const missing = "no/such/list";
  EXPECT(lm_list_read(&missing, 1, NULL, NULL, &list) == LM_ERROR_IO);
  const lm_progress cancel = {stop, NULL};
  EXPECT(lm_list_read(&path, 1, NULL, &cancel, &list) == LM_ERROR_CANCELLED);

  file = fopen(path, "wb");
  fputs("900150983cd24fb0d6963f7d28e17f72\n", file);
  fclose(file);
  lm_list_options options = LM_LIST_OPTIONS_INIT;
  EXPECT(lm_list_read(&path, 1, &options, NULL, &list) == LM_OK && lm_list_get(list, 0)->hash == LM_HASH_CODE);
  lm_list_free(list);
  options.kind = LM_HASH_MD5;
  EXPECT(lm_list_read(&path, 1, &options, NULL, &list) == LM_OK && lm_list_get(list, 0)->hash == LM_HASH_MD5);
  lm_list_free(list);
  options.kind = LM_HASH_SHA1;
  EXPECT(lm_list_read(&path, 1, &options, NULL, &list) == LM_ERROR_FORMAT);
  options.kind = 77;
  EXPECT(lm_list_read(&path, 1, &options, NULL, &list) == LM_ERROR_INVALID_ARGUMENT);
}

static void test_verdicts(lm_context *context) {
  lm_index *index = NULL;
  EXPECT(lm_index_create(context, LM_HASH_PDQ256, 256, lm_hash_profile(NULL), &index) == LM_OK);
  const uint8_t digest[16] = {0x90, 0x01, 0x50, 0x98, 0x3c, 0xd2, 0x4f, 0xb0,
                              0xd6, 0x96, 0x3f, 0x7d, 0x28, 0xe1, 0x7f, 0x72};
  const char *const label = "abc";
  EXPECT(lm_index_add_digests(index, LM_HASH_MD5, digest, NULL, &label, 1) == LM_OK);
  const lm_buffer uploads[3] = {{"abc", 3}, {"abd", 3}, {red_gif, sizeof(red_gif)}};
  lm_verdicts *verdicts = NULL;
  EXPECT(lm_match_buffers(context, index, NULL, uploads, 3, NULL, &verdicts) == LM_OK);
  const lm_verdicts_data *data = lm_verdicts_view(verdicts);
  EXPECT(data->size == 3);
  EXPECT(data->verdicts[0] == LM_VERDICT_MATCH && data->scans[0] == LM_SCAN_UNKNOWN_FORMAT);
  EXPECT(data->hashes[0] == LM_HASH_MD5 && data->distances[0] == 0 && strcmp(data->labels[0], "abc") == 0);
  EXPECT(data->verdicts[1] == LM_VERDICT_NOT_SCANNED && data->reasons[1][0] != '\0');
  EXPECT(data->verdicts[2] == LM_VERDICT_LOW_QUALITY && strcmp(data->reasons[2], "quality 0 is below 50") == 0);
  EXPECT(data->offsets[3] == 1);
  lm_verdicts_free(verdicts);

  lm_hash_options stored = LM_HASH_OPTIONS_INIT;
  stored.ignore_exif_orientation = 1;
  lm_match_options options = LM_MATCH_OPTIONS_INIT;
  options.hash = &stored;
  const char *const path = "no/such/file";
  EXPECT(lm_match_files(context, index, &options, &path, 1, NULL, &verdicts) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(strstr(lm_last_error(), "libmatch-1-stored-orientation") != NULL);
  EXPECT(lm_match_files(context, index, NULL, &path, 1, NULL, &verdicts) == LM_OK);
  EXPECT(lm_verdicts_view(verdicts)->verdicts[0] == LM_VERDICT_NOT_SCANNED);
  lm_verdicts_free(verdicts);
  lm_index_free(index);
}

/* user_data: how many times all was done already. Goes on until the second time. */
static int32_t stop_in_search(void *user_data, uint64_t done, uint64_t total) {
  return done == total && ++*(int *)user_data == 2;
}

static void test_cancelled_match(lm_context *context) {
  lm_index *index = NULL;
  EXPECT(lm_index_create(context, LM_HASH_PDQ256, 256, NULL, &index) == LM_OK);
  const uint8_t code[32] = {0};
  EXPECT(lm_index_add(index, code, NULL, NULL, 1) == LM_OK);
  lm_match_options options = LM_MATCH_OPTIONS_INIT;
  options.min_quality = 0;
  const lm_buffer upload = {red_gif, sizeof(red_gif)};
  int times = 0;
  const lm_progress progress = {stop_in_search, &times};
  lm_verdicts *verdicts = NULL;
  EXPECT(lm_match_buffers(context, index, &options, &upload, 1, &progress, &verdicts) == LM_ERROR_CANCELLED);
  EXPECT(times == 2);
  lm_index_free(index);
}

int main(int argument_count, char **arguments) {
  if (argument_count != 2) {
    fprintf(stderr, "usage: c_api_test FILE-TO-WRITE\n");
    return 2;
  }
  lm_context *context = NULL;
  test_names();
  test_contexts();
  test_isolation();
  EXPECT(lm_context_create(NULL, 2, &context) == LM_OK);
  if (context != NULL) {
    test_pixels(context);
    test_files(context);
    test_index(context, arguments[1]);
    test_vectors(context, arguments[1]);
    test_cuda(context);
    test_layouts(context, arguments[1]);
    test_live(context, arguments[1]);
    test_pairs(context);
    test_hashers(context, arguments[1]);
    test_lists(context, arguments[1]);
    test_verdicts(context);
    test_cancelled_match(context);
    test_newer_structures(context);
    test_efforts(context);
    test_keypoints(context, arguments[1]);
  }
  lm_context_free(context);
  remove(arguments[1]);
  printf("%d failures\n", failures);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
