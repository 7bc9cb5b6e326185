/* libmatch: what a plug-in hasher offers, so that a hash which libmatch does not compute is used like its own.
 *
 * A plug-in is a shared object that exports one function, lm_hasher_table. It needs this header and libmatch.h for
 * their types, and is not linked with libmatch. lm_hasher_load of libmatch.h opens it; docs/hashers.md has an
 * example.
 *
 * A plug-in runs inside the process that loads it and can do there whatever the process can: load only what you
 * trust. Its functions must not throw, exit, print, or call the library back.
 *
 * With isolation (lm_isolation_options.hasher) each worker loads it, too. There create runs with hardly any
 * environment before the worker confines itself, and files that it leaves open are closed; hash_image has memory up
 * to a limit and threads, and no files; destroy is not called. */
#ifndef LIBMATCH_HASHER_H
#define LIBMATCH_HASHER_H

#include <libmatch/libmatch.h>

/* Of this header. It grows when a plug-in built for it and a library that knows another one would misunderstand each
 * other; fields that are only added at the end of lm_hasher leave it as it is, and struct_size tells. */
#define LM_HASHER_ABI 1u

#if defined(__GNUC__)
#define LM_HASHER_EXPORT __attribute__((visibility("default")))
#else
#define LM_HASHER_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* How two codes are compared. */
enum {
  LM_HASHER_HAMMING = 1,          /* by the number of bits that differ: an index of LM_HASH_CODE */
  LM_HASHER_SQUARED_EUCLIDEAN = 2 /* of vectors of unsigned bytes: an index of LM_HASH_VECTOR8 */
};

/* What a hasher is able to do. */
enum { LM_HASHER_THREAD_SAFE = 1 /* hash_image may run in several threads at once, on one state */ };

/* Lives, with the texts, until the plug-in is unloaded, and never changes. */
typedef struct lm_hasher {
  uint32_t abi;          /* LM_HASHER_ABI */
  uint32_t metric;       /* LM_HASHER_HAMMING or LM_HASHER_SQUARED_EUCLIDEAN */
  size_t struct_size;    /* sizeof(lm_hasher) */
  const char *name;      /* 1 to 64 letters, digits, '.', '_' and '-' of ASCII */
  const char *version;   /* likewise. Codes of different versions are never compared */
  uint32_t size;         /* of a code: bits, a multiple of 64 from 64 to 2048; or dimensions, 16 to 1024 */
  uint32_t max_distance; /* usual for a match: differing bits, or squared Euclidean distance */
  uint64_t flags;        /* LM_HASHER_THREAD_SAFE, or 0: calls of hash_image then wait for each other */

  /* Called once, before anything is hashed. On failure a status below 0, and a text of UTF-8 that ends with a zero
   * byte in message[0 .. message_size - 1], message_size being at least 256. */
  lm_status (*create)(void **out_state, char *message, size_t message_size);
  /* Called once after the last image, with what create gave; not if create failed. */
  void (*destroy)(void *state);
  /* One image, upright, at full size: RGB8 from a file, whatever the caller has otherwise. Writes size / 8 bytes
   * (bits; byte 0 holds the first two hexadecimal digits) or size bytes (dimensions) to code, and to *quality 0 to
   * 100: below the caller's min_quality, usually 50, a code is not looked up. Equal pixels must give equal codes, on
   * any machine and in any format. On failure as create: this image is then not scanned, and others go on. */
  lm_status (*hash_image)(void *state, const lm_image *image, uint8_t *code, uint8_t *quality, char *message,
                          size_t message_size);
} lm_hasher;

/* The table of the plug-in for a library whose LM_HASHER_ABI is host_abi; NULL if it has none for that. */
LM_HASHER_EXPORT const lm_hasher *lm_hasher_table(uint32_t host_abi);

#ifdef __cplusplus
}
#endif
#endif
