/* Hashes of images beside PDQ: those of python imagehash, and plug-ins. */
#include <string.h>

#include "expect.h"

enum { width = 40, height = 24 };

static void paint(uint8_t *pixels, unsigned seed) {
  for (unsigned i = 0; i < width * height; ++i) {
    pixels[i] = (uint8_t)((i % width / 5) * 53 + (i / width / 4) * 97 * seed);
  }
}

/* What only PDQ knows beside orientations. */
static void expect_only_of_pdq(lm_context *context, const lm_hash_options *options) {
  lm_hashes *hashes = NULL;
  lm_hash_options wrong = *options;
  wrong.keypoints = 1;
  EXPECT(lm_hash_files(context, &wrong, NULL, 0, NULL, &hashes) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(strncmp(lm_last_error(), "options->keypoints: only LM_HASH_PDQ256", 39) == 0);
  wrong = *options;
  wrong.trim_borders = 1;
  EXPECT(lm_hash_files(context, &wrong, NULL, 0, NULL, &hashes) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(strncmp(lm_last_error(), "options->trim_borders: only LM_HASH_PDQ256", 42) == 0);
}

static void test_imagehash(lm_context *context) {
  static const struct {
    lm_hash hash;
    const char *name;
    uint32_t bits, usual_distance;
  } hashes[6] = {{LM_HASH_AHASH64, "ahash64", 64, 3},     {LM_HASH_DHASH64, "dhash64", 64, 7},
                 {LM_HASH_PHASH64, "phash64", 64, 10},    {LM_HASH_AHASH256, "ahash256", 256, 10},
                 {LM_HASH_DHASH256, "dhash256", 256, 40}, {LM_HASH_PHASH256, "phash256", 256, 31}};
  uint8_t pixels[width * height];
  paint(pixels, 1);
  const lm_image image = {pixels, width, height, width, LM_PIXEL_GRAY8};
  for (int i = 0; i < 6; ++i) {
    lm_hash hash = LM_HASH_CODE;
    EXPECT(lm_hash_from_name(hashes[i].name, &hash) == LM_OK && hash == hashes[i].hash);
    EXPECT(lm_hash_bits(hash) == hashes[i].bits && lm_hash_usual_distance(hash) == hashes[i].usual_distance);
    lm_hash_options options = LM_HASH_OPTIONS_INIT;
    options.hash = hash;
    EXPECT(strcmp(lm_hash_profile(&options), "libmatch-1-lanczos") == 0);
    uint8_t code[32];
    uint8_t quality = 0;
    uint8_t pdq_quality = 0;
    uint8_t pdq_code[32];
    EXPECT(lm_hash_images(context, &options, &image, 1, NULL, code, &quality) == LM_OK);
    EXPECT(lm_hash_images(context, NULL, &image, 1, NULL, pdq_code, &pdq_quality) == LM_OK);
    EXPECT(quality == pdq_quality && quality > 50);

    lm_index *index = NULL;
    EXPECT(lm_index_create(context, hash, hashes[i].bits + 64, NULL, &index) == LM_ERROR_INVALID_ARGUMENT);
    EXPECT(lm_index_create(context, hash, hashes[i].bits, lm_hash_profile(&options), &index) == LM_OK);
    EXPECT(lm_index_add(index, code, NULL, NULL, 1) == LM_OK);
    lm_match_options match = LM_MATCH_OPTIONS_INIT;
    lm_verdicts *verdicts = NULL;
    EXPECT(lm_match_files(context, index, &match, NULL, 0, NULL, &verdicts) == LM_ERROR_INVALID_ARGUMENT);
    match.hash = &options;
    EXPECT(lm_match_files(context, index, &match, NULL, 0, NULL, &verdicts) == LM_OK);
    lm_verdicts_free(verdicts);
    lm_index_free(index);

    options.orientations = LM_ORIENTATIONS_DERIVED;
    EXPECT(lm_hash_images(context, &options, &image, 1, NULL, code, NULL) == LM_ERROR_INVALID_ARGUMENT);
    EXPECT(strstr(lm_last_error(), "only LM_HASH_PDQ256") != NULL && lm_hash_profile(&options) == NULL);
    options.orientations = LM_ORIENTATIONS_PLAIN;
    expect_only_of_pdq(context, &options);
  }
  EXPECT(lm_hash_usual_distance(LM_HASH_PDQ256) == 31 && lm_hash_usual_distance(LM_HASH_MD5) == 0);
  EXPECT(lm_hash_usual_distance(77) == 0);
  lm_hash_options stored = LM_HASH_OPTIONS_INIT;
  stored.hash = LM_HASH_PHASH64;
  stored.ignore_exif_orientation = 1;
  EXPECT(strcmp(lm_hash_profile(&stored), "libmatch-1-lanczos-stored-orientation") == 0);
}

static void expect_not_loaded(const char *name, lm_status status, const char *reason) {
  char path[1024];
  (void)snprintf(path, sizeof(path), "%s/%s", LIBMATCH_TEST_PLUGINS, name);
  lm_hasher_handle *hasher = NULL;
  EXPECT(lm_hasher_load(path, &hasher) == status);
  EXPECT(strstr(lm_last_error(), path) != NULL && strstr(lm_last_error(), reason) != NULL);
}

static void test_refusals(const char *data_path) {
  expect_not_loaded("no_such_file.so", LM_ERROR_IO, "No such file");
  expect_not_loaded("no_table.so", LM_ERROR_FORMAT, "exports no lm_hasher_table");
  expect_not_loaded("newer.so", LM_ERROR_UNSUPPORTED, "is of version 2 of the interface; this library takes 1");
  expect_not_loaded("nothing_for_host.so", LM_ERROR_UNSUPPORTED, "has no table for version 1");
  expect_not_loaded("refusing.so", LM_ERROR_DEVICE, "the hasher picky cannot begin: no licence found");
  FILE *file = fopen(data_path, "wb");
  if (file != NULL) {
    (void)fputs("no shared object", file);
    (void)fclose(file);
  }
  lm_hasher_handle *hasher = NULL;
  EXPECT(lm_hasher_load(data_path, &hasher) == LM_ERROR_FORMAT);
  EXPECT(strstr(lm_last_error(), "no shared object that can be loaded") != NULL);
  EXPECT(lm_hasher_load(NULL, &hasher) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(lm_hasher_load(data_path, NULL) == LM_ERROR_INVALID_ARGUMENT);
  lm_hasher_free(NULL);
}

/* How many of many images came to the hasher, which is not safe, while it was hashing another. */
static size_t count_overlaps(void) {
  enum { n = 64 };
  /* One white pixel. */
  static const uint8_t gif[] = {'G', 'I', 'F', '8', '9', 'a', 1, 0, 1, 0, 0x80, 0, 0, 255,  255, 255, 0,  0,
                                0,   ',', 0,   0,   0,   0,   1, 0, 1, 0, 0,    2, 2, 0x44, 1,   0,   ';'};
  lm_hasher_handle *hasher = NULL;
  EXPECT(lm_hasher_load(LIBMATCH_TEST_PLUGINS "/picky.so", &hasher) == LM_OK);
  lm_context *context = NULL;
  EXPECT(lm_context_create(NULL, 4, &context) == LM_OK);
  lm_buffer buffers[n];
  for (int i = 0; i < n; ++i) {
    buffers[i].data = gif;
    buffers[i].size = sizeof(gif);
  }
  lm_hash_options options = LM_HASH_OPTIONS_INIT;
  options.hasher = hasher;
  lm_hashes *hashes = NULL;
  EXPECT(lm_hash_buffers(context, &options, buffers, n, NULL, &hashes) == LM_OK);
  size_t failed = 0;
  for (int i = 0; i < n; ++i) {
    failed += lm_hashes_view(hashes)->scans[i] != LM_SCAN_OK;
  }
  lm_hashes_free(hashes);
  lm_context_free(context);
  lm_hasher_free(hasher);
  return failed;
}

static void test_failures(lm_context *context) {
  lm_hasher_handle *hasher = NULL;
  EXPECT(lm_hasher_load(LIBMATCH_TEST_PLUGINS "/picky.so", &hasher) == LM_OK);
  lm_hasher_data data;
  memset(&data, 0, sizeof(data));
  EXPECT(lm_hasher_view(hasher, &data) == LM_ERROR_INVALID_ARGUMENT);
  data.struct_size = sizeof(data);
  EXPECT(lm_hasher_view(hasher, &data) == LM_OK);
  EXPECT(strcmp(data.name, "picky") == 0 && strcmp(data.version, "2.1") == 0);
  EXPECT(data.hash == LM_HASH_CODE && data.bits == 64 && data.max_distance == 7 && data.thread_safe == 0);

  lm_hash_options options = LM_HASH_OPTIONS_INIT;
  options.hasher = hasher;
  EXPECT(strcmp(lm_hash_profile(&options), "plugin:picky 2.1 libmatch-1") == 0);
  const uint8_t pixels[16] = {0xab};
  uint8_t code[8];
  uint8_t quality = 0;
  lm_image image = {pixels, 12, 1, 12, LM_PIXEL_GRAY8};
  EXPECT(lm_hash_images(context, &options, &image, 1, NULL, code, &quality) == LM_OK);
  EXPECT(memcmp(code, "\xab\xab\xab\xab\xab\xab\xab\xab", 8) == 0 && quality == 100);
  image.stride_bytes = image.width = 13;
  EXPECT(lm_hash_images(context, &options, &image, 1, NULL, code, NULL) == LM_ERROR_DEVICE);
  EXPECT(strcmp(lm_last_error(), "the hasher picky failed: 13 is an unlucky width") == 0);
  image.stride_bytes = image.width = 14;
  EXPECT(lm_hash_images(context, &options, &image, 1, NULL, code, NULL) == LM_ERROR_OUT_OF_MEMORY);
  EXPECT(strcmp(lm_last_error(), "the hasher picky failed: no reason given") == 0);
  image.stride_bytes = image.width = 15;
  EXPECT(lm_hash_images(context, &options, &image, 1, NULL, code, NULL) == LM_ERROR_DEVICE);
  EXPECT(strcmp(lm_last_error(), "the hasher picky gave the quality 101, which is over 100") == 0);
  options.orientations = LM_ORIENTATIONS_TRUE;
  EXPECT(lm_hash_images(context, &options, &image, 1, NULL, code, NULL) == LM_ERROR_INVALID_ARGUMENT);
  options.orientations = LM_ORIENTATIONS_PLAIN;
  expect_only_of_pdq(context, &options);
  lm_hasher_free(hasher);
}

static void test_example(lm_context *context) {
  lm_hasher_handle *hasher = NULL;
  EXPECT(lm_hasher_load(LIBMATCH_TEST_PLUGINS "/average_colour.so", &hasher) == LM_OK);
  lm_hash_options options = LM_HASH_OPTIONS_INIT;
  options.hasher = hasher;
  uint8_t pixels[8 * 8 * 3];
  for (int i = 0; i < 8 * 8 * 3; ++i) {
    pixels[i] = (uint8_t)(i % 24 / 6 * 60 + i % 3); /* four fields from left to right, and a shade a channel */
  }
  const lm_image image = {pixels, 8, 8, 24, LM_PIXEL_RGB8};
  uint8_t code[48];
  uint8_t quality = 0;
  EXPECT(lm_hash_images(context, &options, &image, 1, NULL, code, &quality) == LM_OK);
  EXPECT(memcmp(code, "\0\1\2\x3c\x3d\x3e\x78\x79\x7a\xb4\xb5\xb6", 12) == 0 && quality == 100);

  lm_index *index = NULL;
  EXPECT(lm_index_create(context, LM_HASH_VECTOR8, 8 * 48, lm_hash_profile(&options), &index) == LM_OK);
  EXPECT(lm_index_add(index, code, NULL, NULL, 1) == LM_OK);
  lm_match_options match = LM_MATCH_OPTIONS_INIT;
  match.hash = &options;
  lm_verdicts *verdicts = NULL;
  EXPECT(lm_match_files(context, index, &match, NULL, 0, NULL, &verdicts) == LM_OK);
  lm_verdicts_free(verdicts);
  lm_index_free(index);
  /* Codes of another version of it must not be compared. */
  EXPECT(lm_index_create(context, LM_HASH_VECTOR8, 8 * 48, "plugin:average-colour 0 libmatch-1", &index) == LM_OK);
  EXPECT(lm_match_files(context, index, &match, NULL, 0, NULL, &verdicts) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(strstr(lm_last_error(), "\"plugin:average-colour 1 libmatch-1\"") != NULL);
  lm_index_free(index);
  EXPECT(lm_index_create(context, LM_HASH_VECTOR8, 8 * 47, NULL, &index) == LM_OK);
  EXPECT(lm_match_files(context, index, &match, NULL, 0, NULL, &verdicts) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(strcmp(lm_last_error(), "index: holds vector8 of 376 bits, uploads are hashed to vector8 of 384 bits") == 0);
  lm_index_free(index);
  lm_hasher_free(hasher);
}

/* A worker has none of what this process has loaded, but for the hasher that isolation was asked for with. */
static void test_isolation(void) {
  static const uint8_t gif[] = {'G', 'I', 'F', '8', '9', 'a', 1, 0, 1, 0, 0x80, 0, 0, 255,  255, 255, 0,  0,
                                0,   ',', 0,   0,   0,   0,   1, 0, 1, 0, 0,    2, 2, 0x44, 1,   0,   ';'};
  const lm_buffer buffers[2] = {{gif, sizeof(gif)}, {gif, 20}};
  lm_hasher_handle *hasher = NULL;
  EXPECT(lm_hasher_load(LIBMATCH_TEST_PLUGINS "/picky.so", &hasher) == LM_OK);
  lm_context *context = NULL;
  EXPECT(lm_context_create("scalar", 1, &context) == LM_OK);
  EXPECT(lm_context_isolate(context, NULL) == LM_OK);
  lm_hash_options options = LM_HASH_OPTIONS_INIT;
  options.hasher = hasher;
  lm_hashes *hashes = NULL;
  EXPECT(lm_hash_files(context, &options, NULL, 0, NULL, &hashes) == LM_ERROR_UNSUPPORTED);
  EXPECT(strstr(lm_last_error(), "isolation: the workers of this context have not loaded the hasher picky") != NULL);
  lm_index *index = NULL;
  EXPECT(lm_index_create(context, LM_HASH_CODE, 64, NULL, &index) == LM_OK);
  EXPECT(lm_index_add(index, (const uint8_t *)"\377\377\377\377\377\377\377\377", NULL, NULL, 1) == LM_OK);
  lm_match_options match = LM_MATCH_OPTIONS_INIT;
  match.hash = &options;
  lm_verdicts *verdicts = NULL;
  EXPECT(lm_match_buffers(context, index, &match, buffers, 1, NULL, &verdicts) == LM_ERROR_UNSUPPORTED);
  const uint8_t pixels[12] = {0xab};
  const lm_image image = {pixels, 12, 1, 12, LM_PIXEL_GRAY8};
  uint8_t code[8];
  EXPECT(lm_hash_images(context, &options, &image, 1, NULL, code, NULL) == LM_OK);

  lm_isolation_options isolation = LM_ISOLATION_OPTIONS_INIT;
  isolation.hasher = hasher;
  EXPECT(lm_context_isolate(context, &isolation) == LM_OK);
  EXPECT(lm_hash_buffers(context, &options, buffers, 2, NULL, &hashes) == LM_OK);
  const lm_hashes_data *data = lm_hashes_view(hashes);
  EXPECT(data->code_size_bytes == 8 && data->scans[0] == LM_SCAN_OK && data->scans[1] == LM_SCAN_DAMAGED);
  EXPECT(memcmp(data->codes, "\377\377\377\377\377\377\377\377", 8) == 0 && data->quality[0] == 100);
  lm_hashes_free(hashes);
  EXPECT(lm_hash_buffers(context, NULL, buffers, 1, NULL, &hashes) == LM_OK); /* PDQ as ever */
  EXPECT(lm_hashes_view(hashes)->code_size_bytes == 32);
  lm_hashes_free(hashes);
  EXPECT(lm_match_buffers(context, index, &match, buffers, 1, NULL, &verdicts) == LM_OK);
  EXPECT(lm_verdicts_view(verdicts)->verdicts[0] == LM_VERDICT_MATCH);
  lm_verdicts_free(verdicts);
  lm_hasher_handle *another = NULL;
  EXPECT(lm_hasher_load(LIBMATCH_TEST_PLUGINS "/picky.so", &another) == LM_OK);
  options.hasher = another;
  EXPECT(lm_hash_files(context, &options, NULL, 0, NULL, &hashes) == LM_ERROR_UNSUPPORTED);
  lm_hasher_free(another);
  lm_index_free(index);
  lm_context_free(context);
  lm_hasher_free(hasher);
}

void test_hashers(lm_context *context, const char *path) {
  test_imagehash(context);
  test_refusals(path);
  test_failures(context);
  test_example(context);
  EXPECT(count_overlaps() == 0);
  if (isolation_is_possible) {
    test_isolation();
  }
}
