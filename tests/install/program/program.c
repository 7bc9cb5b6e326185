/* A C99 program outside the tree: three codes in an index, one query. */
#include <inttypes.h>
#include <libmatch/libmatch.h>
#include <stdio.h>
#include <string.h>

static int check(lm_status status, const char *what) {
  if (status != LM_OK) fprintf(stderr, "%s: %s: %s\n", what, lm_status_name(status), lm_last_error());
  return status == LM_OK;
}

int main(void) {
  lm_context *context = NULL;
  lm_index *index = NULL;
  lm_matches *matches = NULL;
  const lm_matches_data *data;
  uint8_t codes[3 * 32];
  const int64_t ids[3] = {7, 8, 9};
  int ok;

  memset(codes, 0, sizeof codes);
  codes[32] = 0x0f;             /* 4 bits from the first */
  memset(codes + 64, 0xff, 32); /* 256 bits from the first */

  ok = lm_version() == LM_VERSION && check(lm_context_create(NULL, 1, &context), "context") &&
       check(lm_index_create(context, LM_HASH_PDQ256, 256, NULL, &index), "create") &&
       check(lm_index_add(index, codes, ids, NULL, 3), "add") &&
       check(lm_index_search_range(index, context, codes, 1, 31, NULL, &matches), "search");
  if (ok) {
    data = lm_matches_view(matches);
    ok = data->n_queries == 1 && data->offsets[1] == 2 && data->ids[0] == 7 && data->distances[0] == 0 &&
         data->ids[1] == 8 && data->distances[1] == 4;
    printf("%" PRId64 " matches on %s\n", data->offsets[1], lm_context_backend(context));
  }
  lm_matches_free(matches);
  lm_index_free(index);
  lm_context_free(context);
  return ok ? 0 : 1;
}
