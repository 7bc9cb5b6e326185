/* A plug-in hasher for tests of isolation: 64 bits, all of them the first pixel's value. By the width of an image it
 * does what ends a process, or what a confined one cannot do; never give it such images without isolation. */
#include <fcntl.h>
#include <libmatch/hasher.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum misdeed { CRASH = 20, HANG, TAKE_MEMORY, TAKE_MEMORY_AND_CRASH, FORK, OPEN_FILE };

enum { block_size = 1 << 24 };

struct block {
  struct block *next;
};

/* What it took it keeps. */
static struct block *taken;
static void *volatile nowhere;

static void take_memory(void) {
  struct block *block;
  while ((block = malloc(block_size)) != NULL) {
    block->next = taken;
    taken = block;
  }
}

static lm_status create(void **out_state, char *message, size_t message_size) {
  (void)message;
  (void)message_size;
  *out_state = NULL;
  return LM_OK;
}

static void destroy(void *state) { (void)state; }

static lm_status hash_image(void *state, const lm_image *image, uint8_t *code, uint8_t *quality, char *message,
                            size_t message_size) {
  (void)state;
  switch (image->width) {
    case CRASH:
      *(volatile int *)nowhere = 1;
      break;
    case HANG:
      for (volatile unsigned turns = 0;;) {
        turns = turns + 1;
      }
    case TAKE_MEMORY:
      take_memory();
      (void)snprintf(message, message_size, "no memory");
      return LM_ERROR_OUT_OF_MEMORY;
    case TAKE_MEMORY_AND_CRASH:
      take_memory();
      *(volatile int *)nowhere = 1;
      break;
    case FORK:
      (void)fork();
      break;
    case OPEN_FILE:
      if (open("/etc/passwd", O_RDONLY) < 0) {
        (void)snprintf(message, message_size, "files: no");
        return LM_ERROR_INTERNAL;
      }
      break;
    default:
      break;
  }
  memset(code, image->pixels[0], 8);
  *quality = 100;
  return LM_OK;
}

const lm_hasher *lm_hasher_table(uint32_t host_abi) {
  static const lm_hasher table = {
      LM_HASHER_ABI, LM_HASHER_HAMMING, sizeof(lm_hasher), "fatal", "1", 64, 7, LM_HASHER_THREAD_SAFE,
      create,        destroy,           hash_image};
  (void)host_abi;
  return &table;
}
