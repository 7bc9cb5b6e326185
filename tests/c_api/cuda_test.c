/* What the functions of cuda.h say where no CUDA device is in use. */
#include <libmatch/cuda.h>
#include <string.h>

#include "expect.h"

void test_cuda(lm_context *context) {
  if (strncmp(lm_context_backend(context), "cuda", 4) == 0) {
    return; /* tests/simt/view_test.cpp has the rest */
  }
  lm_index *index = NULL;
  EXPECT(lm_index_create(context, LM_HASH_PDQ256, 256, NULL, &index) == LM_OK);
  lm_cuda_view *view = NULL;
  EXPECT(lm_cuda_view_create(index, context, &view) == LM_ERROR_UNSUPPORTED);
  EXPECT(strstr(lm_last_error(), "not one CUDA device") != NULL);
  EXPECT(view == NULL);
  EXPECT(lm_cuda_view_create(NULL, context, &view) == LM_ERROR_INVALID_ARGUMENT);
  EXPECT(lm_cuda_set_allocator(context, NULL) == LM_ERROR_UNSUPPORTED);
  EXPECT(lm_cuda_workspace_bytes(NULL, 1, 1) == 0);
  EXPECT(lm_cuda_search_range(NULL, NULL, 0, 31, NULL, NULL, 0, NULL) == LM_ERROR_INVALID_ARGUMENT);
  lm_cuda_view_free(NULL);
  EXPECT(lm_cuda_wait_for_stream(context, NULL, NULL) == LM_ERROR_UNSUPPORTED);
  EXPECT(lm_cuda_wait_for_stream(NULL, NULL, NULL) == LM_ERROR_INVALID_ARGUMENT);
  uint8_t pixels[75] = {0};
  const lm_cuda_images images = {{pixels, 5, 5, 15, LM_PIXEL_RGB8}, 75, 1};
  lm_cuda_image_codes codes;
  EXPECT(lm_cuda_hash_images(context, &images, LM_ORIENTATIONS_PLAIN, &codes, pixels, 75, NULL) ==
         LM_ERROR_UNSUPPORTED);
  EXPECT(lm_cuda_hash_images(context, NULL, LM_ORIENTATIONS_PLAIN, &codes, pixels, 75, NULL) ==
         LM_ERROR_INVALID_ARGUMENT);
  EXPECT(lm_cuda_hash_workspace_bytes(context, 1, 5, 5) == 0);
  lm_index_free(index);
}
