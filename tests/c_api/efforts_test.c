/* Files of several images, what an effort finds, and keypoints. */
#include <stddef.h>
#include <string.h>

#include "expect.h"

enum { side = 64, n_pixels = side * side, gif_capacity = 32768 };

/* Blobs that come from integers. */
static void paint(uint8_t *pixels, unsigned seed) {
  for (unsigned y = 0; y < side; ++y) {
    for (unsigned x = 0; x < side; ++x) {
      pixels[y * side + x] = (uint8_t)(((x / 9) * 53 + (y / 7) * 97 * seed + (x / 9) * (y / 7) * 31) % 256);
    }
  }
}

static void mirror(const uint8_t *pixels, uint8_t *mirrored) {
  for (unsigned i = 0; i < n_pixels; ++i) {
    mirrored[i] = pixels[i / side * side + (side - 1 - i % side)];
  }
}

typedef struct gif {
  uint8_t bytes[gif_capacity];
  size_t size;
} gif;

static void append(gif *file, const void *bytes, size_t size) {
  memcpy(file->bytes + file->size, bytes, size);
  file->size += size;
}

static void begin_gif(gif *file) {
  const uint8_t header[13] = {'G', 'I', 'F', '8', '9', 'a', side, 0, side, 0, 0xf7, 0, 0};
  file->size = 0;
  append(file, header, sizeof(header));
  for (unsigned grey = 0; grey < 256; ++grey) {
    const uint8_t color[3] = {(uint8_t)grey, (uint8_t)grey, (uint8_t)grey};
    append(file, color, 3);
  }
}

/* A frame without compression: pixels as codes of nine bits, and a code that clears the table before it would ask for
 * ten. */
static void append_frame(gif *file, const uint8_t *pixels) {
  const uint8_t header[11] = {',', 0, 0, 0, 0, side, 0, side, 0, 0, 8};
  uint8_t block[256];
  unsigned used = 0;
  uint32_t waiting = 0;
  unsigned bits = 0;
  append(file, header, sizeof(header));
  for (unsigned i = 0; i <= n_pixels + n_pixels / 128 + 1; ++i) {
    const unsigned of_group = i % 129;
    const unsigned pixel = i / 129 * 128 + of_group - 1;
    const int is_end = of_group != 0 && pixel >= n_pixels;
    waiting |= (of_group == 0 ? 256U : is_end ? 257U : pixels[pixel]) << bits;
    bits += 9;
    while (bits >= 8 || (is_end && bits > 0)) {
      block[1 + used++] = (uint8_t)waiting;
      waiting >>= 8;
      bits = bits > 8 ? bits - 8 : 0;
      if (used == 255) {
        block[0] = 255;
        append(file, block, 256);
        used = 0;
      }
    }
    if (is_end) {
      break;
    }
  }
  block[0] = (uint8_t)used;
  block[1 + used] = 0;
  append(file, block, used + 2);
}

static void end_gif(gif *file) { append(file, ";", 1); }

static void test_images(lm_context *context, const gif *file, const uint8_t *codes) {
  const lm_buffer whole = {file->bytes, file->size};
  lm_hash_options options = LM_HASH_OPTIONS_INIT;
  lm_hashes *hashes = NULL;
  EXPECT(lm_hash_buffers(context, &options, &whole, 1, NULL, &hashes) == LM_OK);
  const lm_hashes_data *data = lm_hashes_view(hashes);
  EXPECT(data->scans[0] == LM_SCAN_OK && data->n_images == 2 && data->image_offsets[1] == 2);
  EXPECT(data->image_frames[0] == 0 && data->image_frames[1] == 2);
  EXPECT(memcmp(data->image_codes, codes, 64) == 0 && memcmp(data->codes, codes, 32) == 0);
  EXPECT(data->image_quality[1] == 100 && data->image_trimmed[1] == 0);
  EXPECT(lm_hashes_keypoints(hashes) == NULL && lm_hashes_keypoints(NULL) == NULL);
  lm_hashes_free(hashes);

  options.max_images = 1;
  EXPECT(lm_hash_buffers(context, &options, &whole, 1, NULL, &hashes) == LM_OK);
  data = lm_hashes_view(hashes);
  EXPECT(data->scans[0] == LM_SCAN_LIMIT && data->n_images == 1 && memcmp(data->codes, codes, 32) == 0);
  EXPECT(strcmp(data->reasons[0], "more distinct images than the limit of 1") == 0);
  lm_hashes_free(hashes);

  options.max_images = 0;
  EXPECT(lm_hash_buffers(context, &options, &whole, 1, NULL, &hashes) == LM_OK);
  EXPECT(lm_hashes_view(hashes)->scans[0] == LM_SCAN_OK && lm_hashes_view(hashes)->n_images == 1);
  lm_hashes_free(hashes);

  /* A program that was built before files had several images. */
  options = (lm_hash_options)LM_HASH_OPTIONS_INIT;
  options.struct_size = offsetof(lm_hash_options, max_frames) + sizeof(options.max_frames);
  EXPECT(lm_hash_buffers(context, &options, &whole, 1, NULL, &hashes) == LM_OK);
  EXPECT(lm_hashes_view(hashes)->scans[0] == LM_SCAN_OK && lm_hashes_view(hashes)->n_images == 1);
  lm_hashes_free(hashes);
}

static void test_damaged_frame(lm_context *context, const lm_index *index, const gif *file) {
  const lm_buffer short_file = {file->bytes, file->size - 1000};
  lm_verdicts *verdicts = NULL;
  EXPECT(lm_match_buffers(context, index, NULL, &short_file, 1, NULL, &verdicts) == LM_OK);
  const lm_verdicts_data *data = lm_verdicts_view(verdicts);
  EXPECT(data->verdicts[0] == LM_VERDICT_NOT_SCANNED && data->scans[0] == LM_SCAN_DAMAGED);
  EXPECT(data->reasons[0][0] != '\0' && data->quality[0] == 100);
  lm_verdicts_free(verdicts);
}

static void test_frames_match(lm_context *context, const gif *file, const uint8_t *codes) {
  lm_index *index = NULL;
  const int64_t id = 7;
  EXPECT(lm_index_create(context, LM_HASH_PDQ256, 256, lm_hash_profile(NULL), &index) == LM_OK);
  EXPECT(lm_index_add(index, codes + 32, &id, NULL, 1) == LM_OK);
  const lm_buffer whole = {file->bytes, file->size};
  lm_verdicts *verdicts = NULL;
  EXPECT(lm_match_buffers(context, index, NULL, &whole, 1, NULL, &verdicts) == LM_OK);
  const lm_verdicts_data *data = lm_verdicts_view(verdicts);
  EXPECT(data->verdicts[0] == LM_VERDICT_MATCH && data->offsets[1] == 1 && data->ids[0] == 7);
  EXPECT(data->details[0].tier == LM_TIER_IMAGE && data->details[0].verdict == LM_VERDICT_MATCH);
  EXPECT(data->details[0].frame == 2 && data->details[0].orientation == LM_ORIENTATION_PLAIN);
  EXPECT(data->details[0].transform[0] == 1 && data->details[0].transform[2] == 0);
  lm_verdicts_free(verdicts);
  test_damaged_frame(context, index, file);
  lm_index_free(index);
}

static lm_verdict match_of(lm_context *context, const lm_index *index, const lm_match_options *options,
                           const gif *file, lm_match_detail *detail) {
  const lm_buffer upload = {file->bytes, file->size};
  lm_verdicts *verdicts = NULL;
  EXPECT(lm_match_buffers(context, index, options, &upload, 1, NULL, &verdicts) == LM_OK);
  const lm_verdicts_data *data = lm_verdicts_view(verdicts);
  const lm_verdict verdict = data->verdicts[0];
  if (data->offsets[1] != 0) {
    *detail = data->details[0];
  }
  lm_verdicts_free(verdicts);
  return verdict;
}

static void test_efforts_of(lm_context *context, const gif *file, const uint8_t *code, const uint8_t *mirrored_code) {
  lm_index *index = NULL;
  EXPECT(lm_index_create(context, LM_HASH_PDQ256, 256, NULL, &index) == LM_OK);
  EXPECT(lm_index_add(index, mirrored_code, NULL, NULL, 1) == LM_OK);
  lm_match_detail detail = {0};
  lm_match_options options = LM_MATCH_OPTIONS_INIT;
  EXPECT(match_of(context, index, &options, file, &detail) == LM_VERDICT_MATCH);
  EXPECT(detail.orientation == LM_ORIENTATION_FLIP_Y);
  EXPECT(detail.transform[0] == -1 && detail.transform[2] == 1 && detail.transform[4] == 1);
  options.effort = LM_EFFORT_FAST;
  EXPECT(match_of(context, index, &options, file, &detail) == LM_VERDICT_NO_MATCH);
  /* A program that knows no effort asks for the plain code, and for no review. */
  options.effort = LM_EFFORT_STANDARD;
  options.struct_size = offsetof(lm_match_options, review_distance);
  EXPECT(match_of(context, index, &options, file, &detail) == LM_VERDICT_NO_MATCH);

  /* 40 bits from the upload: more than a match, fewer than a review. */
  uint8_t near_code[32];
  memcpy(near_code, code, 32);
  for (int i = 0; i < 5; ++i) {
    near_code[i] = (uint8_t)~near_code[i];
  }
  EXPECT(lm_index_add(index, near_code, NULL, NULL, 1) == LM_OK);
  EXPECT(match_of(context, index, &options, file, &detail) == LM_VERDICT_NO_MATCH);
  options = (lm_match_options)LM_MATCH_OPTIONS_INIT;
  options.effort = LM_EFFORT_FAST;
  EXPECT(match_of(context, index, &options, file, &detail) == LM_VERDICT_REVIEW);
  EXPECT(detail.verdict == LM_VERDICT_REVIEW && detail.orientation == LM_ORIENTATION_PLAIN);
  options.review_distance = 40;
  EXPECT(match_of(context, index, &options, file, &detail) == LM_VERDICT_REVIEW);
  options.review_distance = 39;
  EXPECT(match_of(context, index, &options, file, &detail) == LM_VERDICT_NO_MATCH);
  options.max_distance = 40;
  EXPECT(match_of(context, index, &options, file, &detail) == LM_VERDICT_MATCH);
  lm_index_free(index);
}

static void test_pixels_match(lm_context *context, const uint8_t *pixels, const uint8_t *mirrored_code) {
  const lm_image image = {pixels, side, side, side, LM_PIXEL_GRAY8};
  lm_index *index = NULL;
  lm_verdicts *verdicts = NULL;
  EXPECT(lm_index_create(context, LM_HASH_PDQ256, 256, NULL, &index) == LM_OK);
  EXPECT(lm_index_add(index, mirrored_code, NULL, NULL, 1) == LM_OK);
  EXPECT(lm_match_images(context, index, NULL, &image, 1, NULL, &verdicts) == LM_OK);
  const lm_verdicts_data *data = lm_verdicts_view(verdicts);
  EXPECT(data->size == 1 && data->verdicts[0] == LM_VERDICT_MATCH && data->quality[0] == 100);
  EXPECT(data->details[0].orientation == LM_ORIENTATION_FLIP_Y);
  lm_verdicts_free(verdicts);

  lm_match_options options = LM_MATCH_OPTIONS_INIT;
  lm_hash_options hashing = LM_HASH_OPTIONS_INIT;
  options.hash = &hashing;
  hashing.max_pixels = n_pixels - 1;
  EXPECT(lm_match_images(context, index, &options, &image, 1, NULL, &verdicts) == LM_ERROR_LIMIT);
  EXPECT(lm_match_images(context, index, NULL, NULL, 1, NULL, &verdicts) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(lm_match_images(context, NULL, NULL, &image, 1, NULL, &verdicts) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(lm_match_images(context, index, NULL, NULL, 0, NULL, &verdicts) == LM_OK);
  EXPECT(lm_verdicts_view(verdicts)->size == 0);
  lm_verdicts_free(verdicts);
  lm_index_free(index);
}

static void test_wrong_options(lm_context *context) {
  lm_index *index = NULL;
  lm_verdicts *verdicts = NULL;
  EXPECT(lm_index_create(context, LM_HASH_PDQ256, 256, NULL, &index) == LM_OK);
  lm_match_options options = LM_MATCH_OPTIONS_INIT;
  options.effort = 3;
  EXPECT(lm_match_buffers(context, index, &options, NULL, 0, NULL, &verdicts) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(strcmp(lm_last_error(), "options->effort: unknown value") == 0);
  options.effort = LM_EFFORT_FAST;
  lm_hash_options hashing = LM_HASH_OPTIONS_INIT;
  options.hash = &hashing;
  hashing.trim_borders = 1;
  EXPECT(lm_match_buffers(context, index, &options, NULL, 0, NULL, &verdicts) == LM_ERROR_INVALID_ARGUMENT);
  hashing.trim_borders = 0;
  hashing.keypoints = 10;
  EXPECT(lm_match_buffers(context, index, &options, NULL, 0, NULL, &verdicts) == LM_ERROR_INVALID_ARGUMENT);
  lm_index_free(index);
  EXPECT(strcmp(lm_effort_name(LM_EFFORT_THOROUGH), "thorough") == 0 && lm_effort_name(3) == NULL);
  EXPECT(strcmp(lm_tier_name(LM_TIER_PARTS), "parts") == 0 && lm_tier_name(-1) == NULL);
  EXPECT(strcmp(lm_verdict_name(LM_VERDICT_REVIEW), "review") == 0 && lm_verdict_name(5) == NULL);
}

void test_efforts(lm_context *context) {
  static uint8_t first[n_pixels];
  static uint8_t second[n_pixels];
  static uint8_t mirrored[n_pixels];
  static gif file;
  paint(first, 1);
  paint(second, 5);
  mirror(first, mirrored);
  begin_gif(&file);
  append_frame(&file, first);
  append_frame(&file, first);
  append_frame(&file, second);
  end_gif(&file);
  const lm_image images[3] = {{first, side, side, side, LM_PIXEL_GRAY8},
                              {second, side, side, side, LM_PIXEL_GRAY8},
                              {mirrored, side, side, side, LM_PIXEL_GRAY8}};
  uint8_t codes[3 * 32];
  EXPECT(lm_hash_images(context, NULL, images, 3, NULL, codes, NULL) == LM_OK);
  test_images(context, &file, codes);
  test_frames_match(context, &file, codes);
  begin_gif(&file);
  append_frame(&file, first);
  end_gif(&file);
  test_efforts_of(context, &file, codes, codes + 64);
  test_pixels_match(context, first, codes + 64);
  test_wrong_options(context);
}
