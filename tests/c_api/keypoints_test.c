/* Keypoints, from pixels to a match of a part. */
#include <stdlib.h>
#include <string.h>

#include "expect.h"

enum { side = 512, part = 320, offset = 96 };

/* Squares of many sizes and shades: corners everywhere, and no two places alike. */
static void paint(uint8_t *pixels, uint32_t seed) {
  memset(pixels, 128, side * side);
  for (int i = 0; i < 700; ++i) {
    uint32_t values[4];
    for (int v = 0; v < 4; ++v) {
      seed = seed * 1664525 + 1013904223;
      values[v] = seed >> 16;
    }
    const uint32_t size = 6 + values[2] % 40;
    const uint32_t left = values[0] % (side - size);
    const uint32_t top = values[1] % (side - size);
    for (uint32_t y = top; y < top + size; ++y) {
      memset(pixels + y * side + left, (int)(values[3] % 256), size);
    }
  }
}

/* A PGM's worth of pixels as BMP, the simplest of files: 24 bits, rows from the bottom. */
static size_t write_bmp(uint8_t *file, const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t stride) {
  const uint32_t size = 54 + width * height * 3;
  memset(file, 0, 54);
  memcpy(file, "BM", 2);
  for (int i = 0; i < 4; ++i) {
    file[2 + i] = (uint8_t)(size >> (8 * i));
    file[18 + i] = (uint8_t)(width >> (8 * i));
    file[22 + i] = (uint8_t)(height >> (8 * i));
  }
  file[10] = 54;
  file[14] = 40;
  file[26] = 1;
  file[28] = 24;
  for (uint32_t y = 0; y < height; ++y) {
    for (uint32_t x = 0; x < width; ++x) {
      memset(file + 54 + ((height - 1 - y) * width + x) * 3, pixels[y * stride + x], 3);
    }
  }
  return size;
}

static void test_part(lm_context *context, const lm_index *index, const uint8_t *pixels, uint8_t *file) {
  const lm_buffer cut = {file, write_bmp(file, pixels + offset * side + offset, part, part, side)};
  lm_match_options options = LM_MATCH_OPTIONS_INIT;
  lm_verdicts *verdicts = NULL;
  EXPECT(lm_match_buffers(context, index, &options, &cut, 1, NULL, &verdicts) == LM_OK);
  EXPECT(lm_verdicts_view(verdicts)->verdicts[0] == LM_VERDICT_NO_MATCH);
  lm_verdicts_free(verdicts);
  options.effort = LM_EFFORT_THOROUGH;
  EXPECT(lm_match_buffers(context, index, &options, &cut, 1, NULL, &verdicts) == LM_OK);
  const lm_verdicts_data *data = lm_verdicts_view(verdicts);
  EXPECT(data->verdicts[0] == LM_VERDICT_MATCH && data->offsets[1] == 1);
  if (data->offsets[1] == 1) {
    const lm_match_detail *detail = &data->details[0];
    EXPECT(data->ids[0] == 1 && data->distances[0] == UINT32_MAX && strcmp(data->labels[0], "squares") == 0);
    EXPECT(detail->tier == LM_TIER_PARTS && detail->votes >= 8 && detail->orientation == LM_ORIENTATION_PLAIN);
    EXPECT(abs((int)(1000 * detail->transform[0]) - 625) < 10 && abs((int)(1000 * detail->transform[1])) < 10);
    EXPECT(abs((int)(1000 * detail->transform[2]) - 187) < 10 && abs((int)(1000 * detail->transform[5]) - 187) < 10);
  }
  lm_verdicts_free(verdicts);
}

static void test_sets(lm_context *context, const lm_image *images) {
  lm_keypoints *keypoints = NULL;
  lm_hash_options options = LM_HASH_OPTIONS_INIT;
  options.keypoints = 50;
  EXPECT(lm_extract_keypoints(context, &options, images, 2, NULL, &keypoints) == LM_OK);
  const lm_keypoints_data *data = lm_keypoints_view(keypoints);
  EXPECT(data->size == 2 && data->offsets[0] == 0 && data->offsets[1] == 50 && data->offsets[2] == 100);
  EXPECT(data->widths[0] == side && data->heights[1] == side);
  EXPECT(data->points[0].x < 16 * side && data->points[99].y < 16 * side);
  EXPECT(memcmp(data->codes, data->codes + 50 * 32, 32) != 0);
  lm_keypoints_free(keypoints);
  lm_keypoints_free(NULL);
  EXPECT(lm_keypoints_view(NULL) == NULL);
  options.max_pixels = 100;
  EXPECT(lm_extract_keypoints(context, &options, images, 2, NULL, &keypoints) == LM_ERROR_LIMIT);
  options.keypoints = 65536;
  EXPECT(lm_extract_keypoints(context, &options, images, 2, NULL, &keypoints) == LM_ERROR_INVALID_ARGUMENT);
}

void test_keypoints(lm_context *context, const char *path) {
  uint8_t *pixels = malloc(2 * side * side);
  uint8_t *file = malloc(54 + 3 * side * side);
  paint(pixels, 1);
  paint(pixels + side * side, 2);
  const lm_image images[2] = {{pixels, side, side, side, LM_PIXEL_GRAY8},
                              {pixels + side * side, side, side, side, LM_PIXEL_GRAY8}};
  test_sets(context, images);

  uint8_t codes[2 * 32];
  const int64_t ids[2] = {1, 5};
  const char *const labels[2] = {"squares", "others"};
  lm_index *index = NULL;
  lm_keypoints *keypoints = NULL;
  EXPECT(lm_hash_images(context, NULL, images, 2, NULL, codes, NULL) == LM_OK);
  EXPECT(lm_index_create(context, LM_HASH_PDQ256, 256, NULL, &index) == LM_OK);
  EXPECT(lm_index_add(index, codes, ids, labels, 2) == LM_OK);
  EXPECT(lm_extract_keypoints(context, NULL, images, 2, NULL, &keypoints) == LM_OK);
  const int64_t wrong[2] = {1, -2};
  EXPECT(lm_index_add_keypoints(index, wrong, keypoints) == LM_ERROR_INVALID_ARGUMENT);
  const int64_t one[2] = {1, -1};
  EXPECT(lm_index_add_keypoints(index, one, keypoints) == LM_OK);
  lm_index_data data;
  data.struct_size = sizeof(data);
  EXPECT(lm_index_view(index, &data) == LM_OK && data.keypoint_sets == 1 && data.keypoints == 200);
  EXPECT(data.next_id == 6);
  test_part(context, index, pixels, file);
  EXPECT(lm_index_save(index, path, NULL) == LM_OK);
  EXPECT(lm_index_remove(index, ids, 1, NULL) == LM_OK);
  EXPECT(lm_index_view(index, &data) == LM_OK && data.keypoint_sets == 0 && data.keypoints == 0);
  lm_index_free(index);
  EXPECT(lm_index_load(context, path, NULL, &index) == LM_OK);
  test_part(context, index, pixels, file);
  lm_index_free(index);
  lm_keypoints_free(keypoints);
  free(file);
  free(pixels);
}
