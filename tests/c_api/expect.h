/* What the files of this program share. */
#include <libmatch/libmatch.h>
#include <stdio.h>

extern int failures;

#if defined(LIBMATCH_CROSS_COMPILED)
enum { isolation_is_possible = 0 }; /* an emulator starts no programs and filters no system calls */
#else
enum { isolation_is_possible = 1 };
#endif

#define EXPECT(condition)                                                                                    \
  do {                                                                                                       \
    if (!(condition)) {                                                                                      \
      fprintf(stderr, "%s, line %d: %s; last error: %s\n", __FILE__, __LINE__, #condition, lm_last_error()); \
      ++failures;                                                                                            \
    }                                                                                                        \
  } while (0)

/* vectors_test.c; path: a file to write. */
void test_vectors(lm_context *context, const char *path);
/* cuda_test.c */
void test_cuda(lm_context *context);
/* efforts_test.c */
void test_efforts(lm_context *context);
/* keypoints_test.c; path: likewise. */
void test_keypoints(lm_context *context, const char *path);
/* hashers_test.c; path: likewise. */
void test_hashers(lm_context *context, const char *path);
/* layouts_test.c; path: likewise. */
void test_layouts(lm_context *context, const char *path);
/* live_test.c; path: of what to begin a folder's name with. */
void test_live(lm_context *context, const char *path);
