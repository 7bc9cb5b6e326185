/* A plug-in hasher for tests: 64 bits, all of them the first pixel's value. Of images 13 wide it says that it failed,
 * of images 14 wide nothing, of images 15 wide an impossible quality. An image that comes while another is being
 * hashed is a failure, too. The definitions of CMakeLists.txt give it further faults. */
#define _POSIX_C_SOURCE 199309L /* nanosleep */
#include <libmatch/hasher.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef ABI
#define ABI LM_HASHER_ABI
#endif
#ifndef CREATE
#define CREATE create
#endif

struct state {
  int running;
};

lm_status create(void **out_state, char *message, size_t message_size);
lm_status refuse(void **out_state, char *message, size_t message_size);
lm_status create_if_licensed(void **out_state, char *message, size_t message_size);

lm_status create(void **out_state, char *message, size_t message_size) {
  *out_state = calloc(1, sizeof(struct state));
  if (*out_state == NULL) {
    (void)snprintf(message, message_size, "no memory");
    return LM_ERROR_OUT_OF_MEMORY;
  }
  return LM_OK;
}

lm_status refuse(void **out_state, char *message, size_t message_size) {
  (void)out_state;
  (void)snprintf(message, message_size, "no licence found");
  return LM_ERROR_INTERNAL;
}

/* By an environment that processes started by this one are not given. */
lm_status create_if_licensed(void **out_state, char *message, size_t message_size) {
  return getenv("LIBMATCH_TEST_LICENCE") != NULL ? create(out_state, message, message_size)
                                                 : refuse(out_state, message, message_size);
}

static void destroy(void *state) { free(state); }

static lm_status hash_image(void *state_pointer, const lm_image *image, uint8_t *code, uint8_t *quality,
                            char *message, size_t message_size) {
  struct state *state = state_pointer;
  if (__atomic_add_fetch(&state->running, 1, __ATOMIC_SEQ_CST) != 1) {
    (void)snprintf(message, message_size, "two at a time");
    (void)__atomic_sub_fetch(&state->running, 1, __ATOMIC_SEQ_CST);
    return LM_ERROR_INTERNAL;
  }
  lm_status status = LM_OK;
  if (image->width == 13) {
    (void)snprintf(message, message_size, "13 is an unlucky width");
    status = LM_ERROR_INVALID_ARGUMENT;
  } else if (image->width == 14) {
    status = LM_ERROR_OUT_OF_MEMORY;
  }
  memset(code, image->pixels[0], 8);
  *quality = image->width == 15 ? 101 : 100;
  const struct timespec millisecond = {0, 1000000}; /* time for another thread to come */
  (void)nanosleep(&millisecond, NULL);
  (void)__atomic_sub_fetch(&state->running, 1, __ATOMIC_SEQ_CST);
  return status;
}

#ifdef NO_TABLE
#define TABLE_FUNCTION another_function
const lm_hasher *another_function(uint32_t host_abi);
#else
#define TABLE_FUNCTION lm_hasher_table
#endif

const lm_hasher *TABLE_FUNCTION(uint32_t host_abi) {
  static const lm_hasher table = {ABI,    LM_HASHER_HAMMING, sizeof(lm_hasher), "picky", "2.1", 64, 7, 0,
                                  CREATE, destroy,           hash_image};
#ifdef NULL_TABLE
  return host_abi == 0 ? &table : NULL;
#else
  (void)host_abi;
  return &table;
#endif
}
