/* Planes and buckets, from options to a saved index. */
#include <stdlib.h>
#include <string.h>

#include "expect.h"

enum { code_bytes = 32, n_codes = 66000, n_queries = 40, max_distance = 31 };

/* Of the same seed always the same. */
static void fill(uint8_t *bytes, size_t n, uint64_t seed) {
  for (size_t i = 0; i < n; ++i) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    bytes[i] = (uint8_t)(seed >> 56);
  }
}

/* Of a single query: more of them may do better without buckets on so short a list. */
static lm_plan_data plan_of(const lm_index *index, lm_context *context) {
  lm_plan_data plan;
  plan.struct_size = sizeof(plan);
  EXPECT(lm_index_plan(index, context, 1, max_distance, &plan) == LM_OK);
  return plan;
}

static int64_t memory_of(const lm_index *index) {
  lm_index_data data;
  data.struct_size = sizeof(data);
  EXPECT(lm_index_view(index, &data) == LM_OK);
  return data.memory_bytes;
}

/* On a device layouts of the host are not searched, and the plan says "rows". */
static int is_plan(const lm_context *context, const lm_plan_data *plan, int by_buckets) {
  const int on_device = strncmp(lm_context_backend(context), "cuda", 4) == 0;
  const int uses_buckets = strcmp(plan->method, "probes") == 0 || strcmp(plan->method, "visits") == 0;
  return on_device ? strcmp(plan->method, "rows") == 0 : uses_buckets == by_buckets;
}

/* The queries are the first codes, each with its first bits turned: query i finds id i and nothing else. */
static void expect_answers(const lm_index *index, lm_context *context, const uint8_t *queries) {
  lm_matches *matches = NULL;
  EXPECT(lm_index_search_range(index, context, queries, n_queries, max_distance, NULL, &matches) == LM_OK);
  const lm_matches_data *data = lm_matches_view(matches);
  EXPECT(data != NULL && data->offsets[n_queries] == n_queries);
  for (int i = 0; data != NULL && i < n_queries && data->offsets[n_queries] == n_queries; ++i) {
    EXPECT(data->ids[i] == i && data->distances[i] == 2);
  }
  lm_matches_free(matches);
}

static void test_arguments(lm_context *context) {
  lm_index *index = NULL;
  EXPECT(lm_index_create(context, LM_HASH_PDQ256, 256, NULL, &index) == LM_OK);
  EXPECT(lm_index_set_layouts(NULL, NULL) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(strcmp(lm_last_error(), "index: is NULL") == 0);
  EXPECT(lm_index_set_layouts(index, NULL) == LM_OK);
  lm_layout_options options = LM_LAYOUT_OPTIONS_INIT;
  EXPECT(lm_index_set_layouts(index, &options) == LM_OK);
  options.planes = 3;
  EXPECT(lm_index_set_layouts(index, &options) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(strcmp(lm_last_error(), "options->planes is 3: no layout policy") == 0);
  options.planes = LM_LAYOUT_NEVER;
  options.buckets = -1;
  EXPECT(lm_index_set_layouts(index, &options) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(strcmp(lm_last_error(), "options->buckets is -1: no layout policy") == 0);
  options.buckets = LM_LAYOUT_ALWAYS;
  options.struct_size = 0;
  EXPECT(lm_index_set_layouts(index, &options) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(strcmp(lm_last_error(), "options: struct_size is not set; start from the _INIT of its type") == 0);

  EXPECT(lm_index_prepare(NULL, context, NULL) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(strcmp(lm_last_error(), "index: is NULL") == 0);
  EXPECT(lm_index_prepare(index, NULL, NULL) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(strcmp(lm_last_error(), "context: is NULL") == 0);
  EXPECT(lm_index_prepare(index, context, NULL) == LM_OK);

  lm_plan_data plan;
  plan.struct_size = sizeof(plan);
  EXPECT(lm_index_plan(NULL, context, 1, 31, &plan) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(strcmp(lm_last_error(), "index: is NULL") == 0);
  EXPECT(lm_index_plan(index, NULL, 1, 31, &plan) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(strcmp(lm_last_error(), "context: is NULL") == 0);
  EXPECT(lm_index_plan(index, context, 1, 31, NULL) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(strcmp(lm_last_error(), "out_plan: is NULL") == 0);
  plan.struct_size = 0;
  EXPECT(lm_index_plan(index, context, 1, 31, &plan) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(strcmp(lm_last_error(), "out_plan->struct_size: is not set") == 0);
  plan.struct_size = (size_t)-1;
  EXPECT(lm_index_plan(index, context, 1, 31, &plan) == LM_ERROR_INVALID_ARGUMENT);
  plan = plan_of(index, context);
  EXPECT(strcmp(plan.method, "none") == 0 && plan.microseconds == 0 && plan.codes == 0);
  lm_index_free(index);
}

/* Of an older program, and of a newer one. */
static void test_sizes(lm_context *context) {
  const uint8_t code[8] = {0};
  lm_index *index = NULL;
  EXPECT(lm_index_create(context, LM_HASH_CODE, 64, NULL, &index) == LM_OK);
  EXPECT(lm_index_add(index, code, NULL, NULL, 1) == LM_OK);
  struct {
    lm_layout_options known;
    uint64_t unknown;
  } options = {LM_LAYOUT_OPTIONS_INIT, 0};
  options.known.struct_size = sizeof(options);
  EXPECT(lm_index_set_layouts(index, &options.known) == LM_OK);
  options.unknown = 1;
  EXPECT(lm_index_set_layouts(index, &options.known) == LM_ERROR_UNSUPPORTED);
  options.known.planes = 77; /* beyond what the program knows of: not read */
  options.known.struct_size = offsetof(lm_layout_options, planes);
  EXPECT(lm_index_set_layouts(index, &options.known) == LM_OK);

  struct {
    lm_plan_data known;
    uint64_t unknown;
  } plan;
  memset(&plan, 0xff, sizeof(plan));
  plan.known.struct_size = sizeof(plan);
  EXPECT(lm_index_plan(index, context, 1, 31, &plan.known) == LM_OK);
  EXPECT(plan.known.struct_size == sizeof(plan) && plan.known.codes == 1 && plan.unknown == 0);
  memset(&plan, 0xff, sizeof(plan));
  plan.known.struct_size = offsetof(lm_plan_data, codes);
  EXPECT(lm_index_plan(index, context, 1, 31, &plan.known) == LM_OK);
  EXPECT(strcmp(plan.known.method, "rows") == 0 && plan.known.codes == -1);
  lm_index_free(index);
}

/* An index that was prepared, saved and opened again, and then changed. */
static void test_opened(lm_index *index, lm_context *context, const uint8_t *queries, const char *path) {
  EXPECT(lm_index_save(index, path, NULL) == LM_OK);
  EXPECT(lm_index_verify(path, NULL) == LM_OK);
  for (int mapped = 0; mapped < 2; ++mapped) {
    lm_index *opened = NULL;
    EXPECT((mapped ? lm_index_map(context, path, &opened) : lm_index_load(context, path, NULL, &opened)) == LM_OK);
    if (opened == NULL) {
      continue;
    }
    lm_plan_data plan = plan_of(opened, context);
    EXPECT(is_plan(context, &plan, 1) && plan.codes == n_codes);
    EXPECT(plan.planes_codes == n_codes && plan.buckets_codes == n_codes);
    EXPECT(memory_of(opened) == memory_of(index));
    expect_answers(opened, context, queries);

    /* What is added has no layouts; what was there keeps them. */
    uint8_t far[code_bytes];
    memset(far, 0x5a, sizeof(far));
    EXPECT(lm_index_add(opened, far, NULL, NULL, 1) == LM_OK);
    plan = plan_of(opened, context);
    EXPECT(plan.codes == n_codes + 1 && plan.buckets_codes == n_codes);
    expect_answers(opened, context, queries);
    const int64_t first = 0;
    EXPECT(lm_index_remove(opened, &first, 1, NULL) == LM_OK);
    lm_matches *matches = NULL;
    EXPECT(lm_index_search_range(opened, context, queries, 2, max_distance, NULL, &matches) == LM_OK);
    EXPECT(lm_matches_view(matches)->offsets[1] == 0 && lm_matches_view(matches)->offsets[2] == 1);
    lm_matches_free(matches);

    /* Put side by side again, without the one removed. */
    EXPECT(lm_index_prepare(opened, context, NULL) == LM_OK);
    plan = plan_of(opened, context);
    EXPECT(plan.codes == n_codes && plan.buckets_codes == n_codes);
    EXPECT(lm_index_add(opened, queries, &first, NULL, 1) == LM_OK);
    EXPECT(lm_index_search_range(opened, context, queries, 1, max_distance, NULL, &matches) == LM_OK);
    EXPECT(lm_matches_view(matches)->offsets[1] == 1 && lm_matches_view(matches)->distances[0] == 0);
    lm_matches_free(matches);
    lm_index_free(opened);
  }
}

/* A file that was saved after a change holds no layouts, and opens all the same. */
static void test_changed(lm_index *index, lm_context *context, const uint8_t *queries, const char *path) {
  const int64_t last = n_codes - 1;
  EXPECT(lm_index_remove(index, &last, 1, NULL) == LM_OK);
  EXPECT(lm_index_save(index, path, NULL) == LM_OK);
  lm_index *opened = NULL;
  EXPECT(lm_index_map(context, path, &opened) == LM_OK);
  const lm_plan_data plan = plan_of(opened, context);
  EXPECT(plan.codes == n_codes - 1 && plan.planes_codes == 0 && plan.buckets_codes == 0);
  expect_answers(opened, context, queries);
  lm_index_free(opened);
}

static int32_t stop(void *user_data, uint64_t done, uint64_t total) {
  (void)user_data;
  EXPECT(done <= total && total == (uint64_t)2 * n_codes);
  return 1;
}

void test_layouts(lm_context *context, const char *path) {
  test_arguments(context);
  test_sizes(context);

  uint8_t *codes = malloc((size_t)n_codes * code_bytes);
  uint8_t queries[n_queries * code_bytes];
  lm_index *index = NULL;
  EXPECT(codes != NULL && lm_index_create(context, LM_HASH_PDQ256, 256, NULL, &index) == LM_OK);
  if (codes == NULL || index == NULL) {
    free(codes);
    return;
  }
  fill(codes, (size_t)n_codes * code_bytes, 1);
  memcpy(queries, codes, sizeof(queries));
  for (size_t i = 0; i < n_queries; ++i) {
    queries[i * code_bytes] ^= 0xc0;
  }
  EXPECT(lm_index_add(index, codes, NULL, NULL, n_codes) == LM_OK);
  free(codes);
  const int64_t memory_without = memory_of(index);

  lm_layout_options options = LM_LAYOUT_OPTIONS_INIT;
  options.planes = LM_LAYOUT_NEVER;
  options.buckets = LM_LAYOUT_NEVER;
  EXPECT(lm_index_set_layouts(index, &options) == LM_OK);
  EXPECT(lm_index_prepare(index, context, NULL) == LM_OK);
  lm_plan_data plan = plan_of(index, context);
  EXPECT(plan.codes == n_codes && plan.planes_codes == 0 && plan.buckets_codes == 0);
  EXPECT(is_plan(context, &plan, 0));
  EXPECT(memory_of(index) == memory_without);
  expect_answers(index, context, queries);

  EXPECT(lm_index_set_layouts(index, NULL) == LM_OK);
  const lm_progress stopping = {stop, NULL};
  EXPECT(lm_index_prepare(index, context, &stopping) == LM_ERROR_CANCELLED);
  expect_answers(index, context, queries);
  EXPECT(lm_index_prepare(index, context, NULL) == LM_OK);
  plan = plan_of(index, context);
  EXPECT(plan.planes_codes == n_codes && plan.buckets_codes == n_codes && is_plan(context, &plan, 1));
  /* Planes of 12 bytes a code in tiles of 512; 16 tables of 2^16 + 1 places, of rows and of three words a row. */
  const int64_t planes = (n_codes + 511) / 512 * 512 * 12;
  const int64_t buckets = 16 * 4 * (int64_t)(65537 + n_codes + (n_codes + 15) / 16 * 16 * 3);
  EXPECT(memory_of(index) == memory_without + planes + buckets);
  expect_answers(index, context, queries);

  test_opened(index, context, queries, path);
  test_changed(index, context, queries, path);
  lm_index_free(index);
}
