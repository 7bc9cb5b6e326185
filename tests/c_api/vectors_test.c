/* Vectors of bytes, from distances to a saved index. */
#include <string.h>

#include "expect.h"

/* 18 dimensions: rows end within a word. */
void test_vectors(lm_context *context, const char *path) {
  uint8_t vectors[3 * 18] = {0};
  vectors[18] = 3;
  vectors[35] = 4;
  vectors[36] = 255;
  uint32_t distances[3] = {9, 9, 9};
  EXPECT(lm_distances(context, LM_HASH_VECTOR8, 144, vectors, 1, vectors, 3, distances) == LM_OK);
  EXPECT(distances[0] == 0 && distances[1] == 25 && distances[2] == 65025);
  EXPECT(lm_hash_bits(LM_HASH_VECTOR8) == 0 && strcmp(lm_hash_name(LM_HASH_VECTOR8), "vector8") == 0);

  lm_index *index = NULL;
  EXPECT(lm_index_create(context, LM_HASH_VECTOR8, 120, NULL, &index) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(strcmp(lm_last_error(), "bits: 120 where vector8 has a multiple of 8 from 128 to 8192") == 0);
  EXPECT(lm_index_create(context, LM_HASH_VECTOR8, 8200, NULL, &index) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(lm_index_create(context, LM_HASH_VECTOR8, 144, NULL, &index) == LM_OK);
  EXPECT(lm_index_add(index, vectors, NULL, NULL, 3) == LM_OK);
  EXPECT(lm_index_prepare(index, context, NULL) == LM_OK);
  EXPECT(lm_index_save(index, path, NULL) == LM_OK);
  lm_verdicts *verdicts = NULL;
  EXPECT(lm_match_files(context, index, NULL, NULL, 0, NULL, &verdicts) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(strcmp(lm_last_error(), "index: holds vector8 of 144 bits, uploads are hashed to pdq256") == 0);
  lm_index_free(index);

  EXPECT(lm_index_verify(path, NULL) == LM_OK);
  for (int mapped = 0; mapped < 2; ++mapped) {
    EXPECT((mapped ? lm_index_map(context, path, &index) : lm_index_load(context, path, NULL, &index)) == LM_OK);
    lm_plan_data plan;
    plan.struct_size = sizeof(plan);
    EXPECT(lm_index_plan(index, context, 1000, 24, &plan) == LM_OK);
    EXPECT(strcmp(plan.method, "rows") == 0 && plan.planes_codes == 0 && plan.microseconds > 0);
    lm_matches *matches = NULL;
    EXPECT(lm_index_search_range(index, context, vectors, 1, 24, NULL, &matches) == LM_OK);
    EXPECT(lm_matches_view(matches)->offsets[1] == 1);
    lm_matches_free(matches);
    EXPECT(lm_index_search_range(index, context, vectors, 1, 25, NULL, &matches) == LM_OK);
    EXPECT(lm_matches_view(matches)->offsets[1] == 2 && lm_matches_view(matches)->distances[1] == 25);
    lm_matches_free(matches);
    EXPECT(lm_index_search_knn(index, context, vectors, 3, 2, NULL, &matches) == LM_OK);
    EXPECT(lm_matches_view(matches)->ids[2] == 1 && lm_matches_view(matches)->ids[4] == 2);
    EXPECT(lm_matches_view(matches)->distances[5] == 252 * 252 + 4 * 4);
    lm_matches_free(matches);
    lm_index_free(index);
  }
}
