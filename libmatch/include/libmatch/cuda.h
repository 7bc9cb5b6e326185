/* libmatch on memory of a CUDA device: for programs that have their codes there already and want the matches there.
 *
 * A search is put into a stream of the caller's and returns at once. Nothing is waited for, nothing is allocated, and
 * every number that only the device knows stays there, so a search can be captured into a CUDA graph. Pointers named
 * "on the device" are to memory of the device that the context runs on; a stream is a cudaStream_t, NULL the default
 * one. Needs no header of CUDA's; the functions are there in every build, and say LM_ERROR_UNSUPPORTED where the
 * context's backend is not one CUDA device.
 *
 * The backend is a shared object of its own, libmatch_cuda.so: where it is installed with the library, or the file
 * that $LM_CUDA_OBJECT names, which may serve a library that was built without. */
#ifndef LIBMATCH_CUDA_H
#define LIBMATCH_CUDA_H

#include <libmatch/libmatch.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where memory of the device comes from instead of CUDA's pool. It may be used, and is given back, in the order of
 * the stream; allocate returns NULL where there is none. Called by any thread, at no time by a search below. */
typedef struct lm_cuda_allocator {
  void *(*allocate)(void *user_data, uint64_t bytes, void *stream);
  void (*release)(void *user_data, void *memory, uint64_t bytes, void *stream);
  void *user_data;
} lm_cuda_allocator;

/* For all that this process keeps on the context's device; NULL: CUDA's pool again. LM_ERROR_INVALID_ARGUMENT while
 * memory of the allocator before is in use: set it before the first search. */
LM_API lm_status lm_cuda_set_allocator(lm_context *context, const lm_cuda_allocator *allocator);

/* The codes of an index as they are at this moment, on a device. Later changes of the index do not show. */
typedef struct lm_cuda_view lm_cuda_view;

/* Uploads what is not on the device yet, and waits for that. LM_ERROR_OUT_OF_MEMORY: it does not fit. Not for
 * LM_HASH_VECTOR8. As lm_index_set_layouts says of buckets, tables of multi-index hashing are made, too, 256 bytes a
 * code of 256 bits: LM_LAYOUT_AUTOMATIC means from a million codes on, where no more than half of the device's memory
 * is in use with them. Where they do not fit, the view does without. */
LM_API lm_status lm_cuda_view_create(const lm_index *index, lm_context *context, lm_cuda_view **out_view);
/* After the searches of the view are done; waits for the device. */
LM_API void lm_cuda_view_free(lm_cuda_view *view);

/* Where matches go, all of it on the device: compressed rows as in lm_matches_data, ordered by (query, distance, id).
 */
typedef struct lm_cuda_matches { /* layout frozen */
  int64_t *offsets;              /* n + 1 */
  int64_t *ids;                  /* capacity */
  uint32_t *distances;           /* capacity */
  uint64_t *required; /* 1: how many matches there are. More than capacity: all offsets are 0, and the search has to
                       * be put again with room for so many */
  uint64_t capacity;
} lm_cuda_matches;

/* The bytes of workspace that a search of n queries with room for so many matches takes; 0 without a view. */
LM_API uint64_t lm_cuda_workspace_bytes(const lm_cuda_view *view, uint64_t n, uint64_t capacity);

/* Every live entry within max_distance bits of a query, as lm_index_search_range. queries: n x bits / 8 bytes on the
 * device. workspace: on the device, aligned to 256; it and the matches belong to the search until the stream has
 * done it. n and capacity: at most 2^32 - 1. Searches of one view may be in any number of streams at once. */
LM_API lm_status lm_cuda_search_range(const lm_cuda_view *view, const uint8_t *queries, uint64_t n,
                                      uint32_t max_distance, const lm_cuda_matches *matches, void *workspace,
                                      uint64_t workspace_bytes, void *stream);

/* What is put into `stream` from now on begins once all that `other` holds at this moment is done: for memory that
 * another stream works with. Only the device waits. Both are streams of the context's device. */
LM_API lm_status lm_cuda_wait_for_stream(lm_context *context, void *stream, void *other);

/* Images of one shape on the device: `first` says where pixels of image 0 are, and how they lie; those of image i are
 * i * image_stride_bytes further on. */
typedef struct lm_cuda_images { /* layout frozen */
  lm_image first;
  uint64_t image_stride_bytes;
  uint64_t n; /* at most 2^32 - 1 */
} lm_cuda_images;

/* PDQ codes of an image and of what its border frames, where it has one; by LM_ORIENTATION_..., of which
 * LM_ORIENTATIONS_PLAIN sets the first alone. An image with a side of less than 5 pixels has none: all is zero. */
typedef struct lm_cuda_image_codes { /* layout frozen */
  uint8_t whole[8][32];
  uint8_t trimmed[8][32];
  uint8_t whole_quality;
  uint8_t trimmed_quality;
  uint8_t is_framed; /* 1: it has a border, and trimmed and the rectangle are set */
  uint8_t reserved;
  uint32_t left; /* of the rectangle in the whole image, in pixels */
  uint32_t top;
  uint32_t width;
  uint32_t height;
} lm_cuda_image_codes;

/* The bytes of workspace that hashing n images of this size takes; 0 where the backend is not one CUDA device. */
LM_API uint64_t lm_cuda_hash_workspace_bytes(lm_context *context, uint64_t n, uint32_t width, uint32_t height);

/* The codes of lm_hash_images, bit for bit, put into the stream like a search. codes: n on the device. workspace: on
 * the device, aligned to 256; it, the pixels and the codes belong to the call until the stream has done it. */
LM_API lm_status lm_cuda_hash_images(lm_context *context, const lm_cuda_images *images, lm_orientations orientations,
                                     lm_cuda_image_codes *codes, void *workspace, uint64_t workspace_bytes,
                                     void *stream);

#ifdef __cplusplus
}
#endif

#endif
