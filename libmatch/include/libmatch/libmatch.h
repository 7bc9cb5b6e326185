/* libmatch: recognises known images, altered copies included.
 *
 * The one ABI of the library, and its manual. The way of the data:
 *
 *   file bytes -> image -> luma -> code + quality -> search -> hits -> verdict
 *   file bytes -> digest ---------------------------> exact lookup --^
 *
 * Terms. A *hash* is an algorithm (PDQ, SHA-256); a *code* is what it yields: `bits` packed bits in
 * bits / 8 bytes, byte 0 holding the first two hexadecimal digits as the hash's reference prints them.
 * The *distance* of two codes is the number of bits in which they differ, or for vectors of bytes the sum of the
 * squares of their differences; `max_distance` is inclusive.
 * *Quality*, 0 to 100, says how much an image offers to hash: below 50 a code means nothing.
 *
 * Structures with a struct_size carry their size, so that a program and a library of different versions
 * understand each other: start options from their _INIT. Fields that an older library does not know may be set to
 * zero only (LM_ERROR_UNSUPPORTED otherwise); fields of a view that it does not know come back as zero.
 *
 * Pointers are host memory, borrowed for the call and never kept. Handles come in create/free pairs;
 * every free takes NULL. On failure no handle is made, out-parameters hold unspecified values, and the
 * objects passed in stay usable and unchanged. The library never prints, exits, aborts, throws, installs
 * a signal handler or opens a network connection. Text is UTF-8 and ends with a zero byte; a file path is
 * whatever bytes the system uses, also where a message or a reason names it.
 *
 * Threads. Functions may run at the same time on the same objects unless their text says otherwise:
 * every search answers from the snapshot of the index that it began with, and never waits for a writer.
 * Freeing a handle excludes every other use of it.
 */
#ifndef LIBMATCH_H
#define LIBMATCH_H

#include <stddef.h>
#include <stdint.h>

#define LM_VERSION_MAJOR 0
#define LM_VERSION_MINOR 1
#define LM_VERSION_PATCH 0
#define LM_VERSION (LM_VERSION_MAJOR * 10000 + LM_VERSION_MINOR * 100 + LM_VERSION_PATCH)

#ifndef LM_API
#if defined(__GNUC__)
#define LM_API __attribute__((visibility("default")))
#else
#define LM_API
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Statuses ------------------------------------------------------------------------------------- */

typedef int32_t lm_status;
enum {
  LM_OK = 0,
  LM_ERROR_INVALID_ARGUMENT = -1, /* a bug of the caller; the message names the argument */
  LM_ERROR_OUT_OF_MEMORY = -2,    /* retry with a smaller batch */
  LM_ERROR_UNSUPPORTED = -3,      /* valid, but not in this build or not on this machine */
  LM_ERROR_DEVICE = -4,           /* a driver, a kernel or a plug-in failed */
  LM_ERROR_FORMAT = -5,           /* a file, list or index that is not ours, damaged or too new */
  LM_ERROR_IO = -6,               /* the system could not read or write; the message names the path */
  LM_ERROR_CANCELLED = -7,        /* the progress callback asked to stop */
  LM_ERROR_LIMIT = -8,            /* larger than a limit of the options */
  LM_ERROR_INTERNAL = -9          /* a bug of the library: please report it */
};

/* LM_VERSION of the library that runs, which may be newer than this header. */
LM_API int32_t lm_version(void);
/* "LM_ERROR_FORMAT" and so on; never NULL. */
LM_API const char *lm_status_name(lm_status status);
/* What this thread's last failed call said; "" before any. Valid until the thread's next lm_ call. */
LM_API const char *lm_last_error(void);

/* ---- Progress and cancellation --------------------------------------------------------------------- */

/* Passed to long calls; NULL for none. `callback` is called now and then, by one thread at a time but not
 * always the calling one, with the units (images, queries or bytes; the function says which) done so far
 * and in all. It returns 0 to go on; anything else ends the call with LM_ERROR_CANCELLED soon after. It
 * must not throw, nor use the handles that the running call was given. */
typedef struct lm_progress {
  int32_t (*callback)(void *user_data, uint64_t done, uint64_t total);
  void *user_data;
} lm_progress;

/* ---- Backends and contexts ------------------------------------------------------------------------- */

/* The i-th backend that this machine can run, best first: "cuda:0", "cuda:1" and so on, one for each NVIDIA GPU, and
 * "cuda" for all of several; "avx512", "avx512bw", "avx2", "scalar" on x86, "neon", "scalar" on 64-bit Arm; NULL
 * after the last. All give the same answers, bit for bit. GPUs search; files are decoded and hashed by the processor.
 */
LM_API const char *lm_backend_name(size_t i);

/* An opened backend and its number of threads. One context serves any number of threads. */
typedef struct lm_context lm_context;

/* backend: a name from lm_backend_name, or "auto" for the best; NULL takes $LM_BACKEND, else "auto". With "auto" the
 * processor answers what does not fit the memory of a GPU; with a GPU's name that is LM_ERROR_OUT_OF_MEMORY.
 * threads: how many a call may use, the calling one included; 0 for one per available processor, and never more.
 * LM_ERROR_UNSUPPORTED when the backend is unknown or this machine cannot run it. */
LM_API lm_status lm_context_create(const char *backend, uint32_t threads, lm_context **out_context);
/* The backend that runs, never "auto". Lives as long as the context. */
LM_API const char *lm_context_backend(const lm_context *context);
LM_API uint32_t lm_context_threads(const lm_context *context);
LM_API void lm_context_free(lm_context *context);

/* A loaded plug-in hasher: lm_hasher_load. */
typedef struct lm_hasher_handle lm_hasher_handle;

/* Isolation: files are decoded and hashed by processes of their own (the program libmatch-worker), one for each
 * thread that has a file to scan. A worker can open no file, connection or process, and ends by a signal if it tries
 * to. A decoder that dies, hangs or is taken over costs its file (LM_SCAN_CRASHED, LM_SCAN_LIMIT), and the batch goes
 * on. The context itself reads the files, takes their digests and does everything that comes after the codes.
 *
 * A worker is used for many files: one that a file has taken over could lie about those after it, until it is
 * replaced. max_files 1 gives each file a worker of its own and costs the start of a process each.
 *
 * A plug-in hasher is loaded by each worker before it confines itself, from the path that lm_hasher_load was given,
 * and then fares as a decoder does. Scans by any other hasher are refused with LM_ERROR_UNSUPPORTED; lm_hash_images
 * hashes the caller's pixels in this process, as ever. */
typedef struct lm_isolation_options {
  size_t struct_size; /* sizeof(lm_isolation_options) */
  const char *worker; /* path of libmatch-worker; NULL: $LM_WORKER, or where it is installed with the library */
  uint64_t max_memory_bytes; /* of address space in a worker; needs several times an image's pixels, and 64 MiB */
  uint32_t max_files;        /* that a worker scans before it is replaced; 0: no limit */
  const lm_hasher_handle *hasher; /* a plug-in that every worker loads, too; NULL: none. It lives as long as the
                                     context */
} lm_isolation_options;
#define LM_ISOLATION_OPTIONS_INIT \
  { sizeof(lm_isolation_options), NULL, (uint64_t)1 << 32, 100, NULL }

/* From now on the context scans files in isolation: lm_hash_buffers, lm_hash_files, lm_match_buffers, lm_match_files.
 * options: NULL for LM_ISOLATION_OPTIONS_INIT. Excludes every other use of the context at the same time.
 * LM_ERROR_UNSUPPORTED when there is no worker of this version, or it cannot load the hasher, or the system does not
 * let it confine itself: the context is then what it was, and nothing is ever scanned without isolation instead.
 * Linux 5.9 or later, on x86-64 and 64-bit Arm. Workers are children of this process: one that waits for every child,
 * or ignores SIGCHLD, is not told by which signal a decoder died. lm_decode gives pixels and is not isolated. */
LM_API lm_status lm_context_isolate(lm_context *context, const lm_isolation_options *options);
/* Not 0 once it does. */
LM_API int32_t lm_context_is_isolated(const lm_context *context);

/* ---- Hashes ---------------------------------------------------------------------------------------- */

typedef int32_t lm_hash;
enum {
  LM_HASH_CODE = 0,   /* codes of a hash that libmatch does not compute: stored and searched only */
  LM_HASH_PDQ256 = 1, /* PDQ: facebook/ThreatExchange, hashing/hashing.pdf; 256 bits, with quality */
  LM_HASH_MD5 = 2,    /* digests of the file's bytes: RFC 1321, FIPS 180-4 */
  LM_HASH_SHA1 = 3,
  LM_HASH_SHA256 = 4,
  LM_HASH_VECTOR8 = 5, /* vectors of unsigned bytes that libmatch does not compute, 16 to 1024 of them, stored and
                          searched only; bits is 8 x dimensions, and the distance is squared Euclidean */
  /* aHash, dHash and pHash of 8 x 8 and 16 x 16 bits, as python imagehash computes them; docs/hashers.md. Quality is
   * PDQ's of the same image. */
  LM_HASH_AHASH64 = 6,
  LM_HASH_DHASH64 = 7,
  LM_HASH_PHASH64 = 8,
  LM_HASH_AHASH256 = 9,
  LM_HASH_DHASH256 = 10,
  LM_HASH_PHASH256 = 11
};

/* "pdq256", "md5", "sha1", "sha256", "code", "vector8", "ahash64", "dhash64", "phash64", "ahash256", "dhash256",
 * "phash256"; NULL for an unknown hash. */
LM_API const char *lm_hash_name(lm_hash hash);
/* The hash of that name into *out_hash; LM_ERROR_INVALID_ARGUMENT lists the names if there is none. */
LM_API lm_status lm_hash_from_name(const char *name, lm_hash *out_hash);
/* Bits of one code; 0 for LM_HASH_CODE and LM_HASH_VECTOR8, whose width lm_index_create is told, and for an unknown
 * hash. */
LM_API uint32_t lm_hash_bits(lm_hash hash);
/* The max_distance that is usual for a match: 31 for PDQ; 3, 7, 10 for aHash, dHash, pHash of 64 bits, and 10, 40, 31
 * for those of 256; 0 for every other hash. */
LM_API uint32_t lm_hash_usual_distance(lm_hash hash);

/* The eight ways to turn and mirror an image, in the order in which codes of them are given. */
enum {
  LM_ORIENTATION_PLAIN = 0,
  LM_ORIENTATION_ROTATE90 = 1, /* counter-clockwise */
  LM_ORIENTATION_ROTATE180 = 2,
  LM_ORIENTATION_ROTATE270 = 3,
  LM_ORIENTATION_FLIP_X = 4,     /* mirrored top to bottom, as PDQ's reference names it */
  LM_ORIENTATION_FLIP_Y = 5,     /* mirrored left to right */
  LM_ORIENTATION_FLIP_PLUS1 = 6, /* transposed: mirrored in the main diagonal */
  LM_ORIENTATION_FLIP_MINUS1 = 7 /* mirrored in the other diagonal */
};
/* "plain", "rotate90", "rotate180", "rotate270", "flip_x", "flip_y", "flip_plus1", "flip_minus1". */
LM_API const char *lm_orientation_name(int32_t orientation);

/* Which codes an image gets. Only LM_HASH_PDQ256 knows more than the plain one; what a border frames, and keypoints,
 * are its alone, too. */
typedef int32_t lm_orientations;
enum {
  LM_ORIENTATIONS_PLAIN = 0,   /* one code */
  LM_ORIENTATIONS_DERIVED = 1, /* eight, computed from one DCT: cheap, 8 to 10 bits (median) from the true ones */
  LM_ORIENTATIONS_TRUE = 2,    /* eight, each of the image really turned: exact */
  LM_ORIENTATIONS_SAMPLED = 3  /* eight, sampled from one filtered plane: nearly as cheap as one code, and seldom any
                                  bit from the true ones (docs/decisions/006-tier-one.md) */
};

typedef struct lm_hash_options {
  size_t struct_size; /* sizeof(lm_hash_options) */
  lm_hash hash;       /* one that libmatch computes; with a hasher it is not looked at */
  lm_orientations orientations;
  int32_t ignore_exif_orientation; /* 0: turn the image upright first; not 0: hash it as stored */
  uint64_t max_bytes;              /* of an encoded file; digests have no limit */
  uint64_t max_pixels;             /* width x height; checked before memory is taken */
  uint32_t max_frames;             /* that a file of several images may declare */
  const lm_hasher_handle *hasher;  /* not NULL: hashes the pixels instead of `hash` */
  int32_t trim_borders;            /* not 0: of an image in a uniform border, what it frames is hashed, too */
  uint32_t max_images;             /* distinct images of one file that are kept; of a file of more, the first so many,
                                      and it is LM_SCAN_LIMIT. 0: the first image, and no other is looked at */
  uint32_t max_milliseconds;       /* of one file, looked at between bands of rows and images, and in isolation kept
                                      strictly; 0: no limit */
  uint32_t keypoints;              /* points kept of each image, 200 are usual (lm_keypoints); 0: none */
} lm_hash_options;
#define LM_HASH_OPTIONS_INIT                                                                                   \
  {                                                                                                            \
    sizeof(lm_hash_options), LM_HASH_PDQ256, LM_ORIENTATIONS_PLAIN, 0, (uint64_t)1 << 28, (uint64_t)100000000, \
        10000, NULL, 0, 64, 60000, 0                                                                           \
  }

/* The name of what stands between file bytes and codes under these options: decoder, scaling, orientation.
 * Codes of different profiles must not be compared. NULL options mean LM_HASH_OPTIONS_INIT; wrong options have no
 * profile: NULL. Lives for ever; that of a hasher until lm_hasher_free. */
LM_API const char *lm_hash_profile(const lm_hash_options *options);

/* ---- Plug-in hashers ------------------------------------------------------------------------------- */

/* Loads a shared object that offers a hash by the interface of libmatch/hasher.h, and begins it. It then stands in
 * lm_hash_options wherever pixels are hashed, by any number of threads. path: of a file; it is never searched for.
 * The plug-in's code runs in this process, with all its rights. LM_ERROR_IO: no such file. LM_ERROR_FORMAT: no shared
 * object, without the function lm_hasher_table, or with a table that makes no sense. LM_ERROR_UNSUPPORTED: of another
 * version of the interface. LM_ERROR_DEVICE: its create failed. */
LM_API lm_status lm_hasher_load(const char *path, lm_hasher_handle **out_hasher);
/* Ends and unloads it. No call that was given it may be running. */
LM_API void lm_hasher_free(lm_hasher_handle *hasher);

typedef struct lm_hasher_data { /* the texts live until lm_hasher_free */
  size_t struct_size;           /* in: sizeof(lm_hasher_data) */
  const char *name;
  const char *version;
  lm_hash hash;          /* LM_HASH_CODE or LM_HASH_VECTOR8: what an index of its codes is created with, */
  uint32_t bits;         /* and their width */
  uint32_t max_distance; /* usual for a match */
  int32_t thread_safe;   /* 0: its calls wait for each other */
} lm_hasher_data;
LM_API lm_status lm_hasher_view(const lm_hasher_handle *hasher, lm_hasher_data *out_data);

/* ---- Pixels ---------------------------------------------------------------------------------------- */

typedef int32_t lm_pixel_format;
enum { LM_PIXEL_GRAY8 = 1, LM_PIXEL_RGB8 = 2, LM_PIXEL_RGBA8 = 3 /* alpha is laid over white */ };

typedef struct lm_image { /* layout frozen */
  const uint8_t *pixels;  /* row 0 on top; no padding needed behind the last pixel */
  uint32_t width, height; /* pixels, each >= 1 */
  size_t stride_bytes;    /* from one row's start to the next, >= width * bytes of a pixel */
  lm_pixel_format format;
} lm_image;

/* The bytes of an encoded file: JPEG, PNG, WebP, GIF, BMP, TIFF, and HEIC or AVIF where libheif is installed;
 * recognised by content. */
typedef struct lm_buffer { /* layout frozen */
  const void *data;
  size_t size;
} lm_buffer;

/* Hashes n images of pixels with options (NULL: LM_HASH_OPTIONS_INIT); digests have no pixels: refused.
 * codes: n x 1 or n x 8 (by options->orientations) x bits / 8 bytes. quality: n values, or NULL. An image that cannot
 * be hashed ends the call: LM_ERROR_LIMIT for a side over 65,535 pixels (aHash, dHash, pHash), and what a hasher
 * fails with. Progress counts images. */
LM_API lm_status lm_hash_images(lm_context *context, const lm_hash_options *options, const lm_image *images, size_t n,
                                const lm_progress *progress, uint8_t *codes, uint8_t *quality);

/* What became of one file. */
typedef int32_t lm_scan;
enum {
  LM_SCAN_OK = 0,             /* hashed */
  LM_SCAN_UNKNOWN_FORMAT = 1, /* no image format that libmatch knows */
  LM_SCAN_UNSUPPORTED = 2,    /* a known format, in a variety that is not decoded */
  LM_SCAN_DAMAGED = 3,        /* truncated or broken */
  LM_SCAN_LIMIT = 4,          /* over a limit of the options */
  LM_SCAN_UNREADABLE = 5,     /* the system could not read the file, or it is no regular file */
  LM_SCAN_CRASHED = 6,        /* the decoder or the hasher died of it in isolation (lm_context_isolate) */
  LM_SCAN_NOT_HASHED = 7      /* decoded, and then the plug-in hasher failed */
};
/* "ok", "unknown_format", ...; NULL for an unknown value. */
LM_API const char *lm_scan_name(lm_scan scan);

/* The codes of n files. A file holds one image or several: frames of an animation, pages, pictures. Images of one
 * file whose codes and quality are the same are kept once, as the first of them. With trim_borders, what the border
 * of an image frames follows it as an image of its own. */
typedef struct lm_hashes lm_hashes;
typedef struct lm_hashes_data { /* lives until lm_hashes_free, arrays included; may grow at its end */
  size_t size;                  /* n: files, in the order given */
  size_t codes_each;            /* 1 or 8 */
  size_t code_size_bytes;
  const uint8_t *codes;         /* n x codes_each x code_size_bytes: of each file's first image; zeros where there is
                                   none */
  const uint8_t *quality;       /* n: of the first image; 0 where there is none, and for digests, which have none */
  const lm_scan *scans;         /* n; a file of which only some images could be scanned says why, and keeps them */
  const char *const *reasons;   /* n; why a file, or the rest of it, was not scanned; "" where all of it was */
  size_t n_images;              /* of all files; 0 for digests */
  const int64_t *image_offsets; /* n + 1: file i owns images image_offsets[i] .. image_offsets[i + 1] - 1 */
  const uint32_t *image_frames; /* n_images: the place in its file, from 0 */
  const uint8_t *image_codes;   /* n_images x codes_each x code_size_bytes */
  const uint8_t *image_quality; /* n_images */
  const uint8_t *image_trimmed; /* n_images; not 0: what a border of the image before frames */
} lm_hashes_data;

/* Decodes and hashes n files, given as bytes in memory or as paths. A file that cannot be scanned is no
 * failure of the call: its place says so. A damaged image ends its file: what comes behind it is not looked at.
 * Digests are taken of the bytes as they are. Progress counts files. */
LM_API lm_status lm_hash_buffers(lm_context *context, const lm_hash_options *options, const lm_buffer *buffers,
                                 size_t n, const lm_progress *progress, lm_hashes **out_hashes);
LM_API lm_status lm_hash_files(lm_context *context, const lm_hash_options *options, const char *const *paths,
                               size_t n, const lm_progress *progress, lm_hashes **out_hashes);
LM_API const lm_hashes_data *lm_hashes_view(const lm_hashes *hashes);
LM_API void lm_hashes_free(lm_hashes *hashes);

/* One decoded image: RGB8, upright unless the options say otherwise. docs/decoding.md has the formulas. */
typedef struct lm_decoded lm_decoded;
typedef struct lm_decoded_data { /* lives until lm_decoded_free; may grow at its end */
  lm_image image;
  const char *format;       /* "jpeg", "png", "webp", "gif", "bmp", "tiff", "heic", "avif", "heif" */
  uint32_t frames;          /* frames, pages or pictures of the file; the first was decoded */
  int32_t exif_orientation; /* 1 to 8 as stored in the file; 1 when it says nothing */
} lm_decoded_data;

/* LM_ERROR_FORMAT: unknown or damaged; LM_ERROR_UNSUPPORTED; LM_ERROR_LIMIT. Uses one thread. */
LM_API lm_status lm_decode(const lm_buffer *buffer, const lm_hash_options *options, lm_decoded **out_decoded);
LM_API const lm_decoded_data *lm_decoded_view(const lm_decoded *decoded);
LM_API void lm_decoded_free(lm_decoded *decoded);

/* ---- Keypoints ------------------------------------------------------------------------------------- */

/* Corners of an image at several scales, each with its place and a code of 256 bits of what is around it. They find
 * what no code of a whole image does: copies that are cut out, turned by any angle, or part of a larger picture.
 *
 * PRIVACY. Keypoints tell far more of an image than a code of it: where its corners are and what surrounds them, from
 * which parts of the picture can be guessed. They are for whoever may hold the images, and belong in no list that is
 * passed on. Nothing makes or stores them unless it is asked to. */
typedef struct lm_keypoint { /* layout frozen */
  uint16_t x, y;             /* 1/16 pixels of the plane, from its left and upper side */
  uint8_t scale;             /* 1/16 octaves */
  uint8_t angle;             /* 1/256 of a turn, from x towards y */
} lm_keypoint;

/* The keypoints of n images, one set an image, as an index keeps them. */
typedef struct lm_keypoints lm_keypoints;
typedef struct lm_keypoints_data { /* lives as long as the lm_keypoints, arrays included; may grow at its end */
  size_t size;                     /* n: sets */
  const int64_t *offsets;          /* n + 1: set i has points offsets[i] .. offsets[i + 1] - 1, best first */
  const uint16_t *widths;          /* n: of the plane that the points lie on, the image averaged down to 512 pixels */
  const uint16_t *heights;         /* n */
  const lm_keypoint *points;       /* offsets[n] */
  const uint8_t *codes;            /* offsets[n] x 32 */
} lm_keypoints_data;

/* Of n images of pixels. options: NULL for LM_HASH_OPTIONS_INIT; they stay those of LM_HASH_PDQ256, and of them
 * max_pixels and keypoints count, 0 keypoints meaning 200. Progress counts images. */
LM_API lm_status lm_extract_keypoints(lm_context *context, const lm_hash_options *options, const lm_image *images,
                                      size_t n, const lm_progress *progress, lm_keypoints **out_keypoints);
/* Of files that were hashed with lm_hash_options.keypoints: a set for each of lm_hashes_data's n_images, empty for
 * one that is trimmed. NULL where no keypoints were asked for. Lives until lm_hashes_free: not to be freed. */
LM_API const lm_keypoints *lm_hashes_keypoints(const lm_hashes *hashes);
LM_API const lm_keypoints_data *lm_keypoints_view(const lm_keypoints *keypoints);
LM_API void lm_keypoints_free(lm_keypoints *keypoints);

/* All distances between codes of a hash, with the same hash and bits as for lm_index_create. out_distances:
 * n_queries x n_codes, row-major. */
LM_API lm_status lm_distances(lm_context *context, lm_hash hash, uint32_t bits, const uint8_t *queries,
                              size_t n_queries, const uint8_t *codes, size_t n_codes, uint32_t *out_distances);

/* ---- Lists ----------------------------------------------------------------------------------------- */

/* Entries read from a list, not yet in an index. */
typedef struct lm_list lm_list;
typedef struct lm_list_entry { /* lives until lm_list_free; may grow at its end */
  lm_hash hash;
  uint32_t bits;       /* 0 for an entry that is taken back by its own id alone */
  const uint8_t *code; /* bits / 8 bytes */
  int64_t id;          /* -1 where the list gives none */
  const char *label;   /* category, classification or the like; "" where the list gives none */
  const char *list_id; /* what the list itself calls the entry; "" where it gives none */
  int64_t time;        /* of its last change, in seconds since 1970; -1 where the list gives none */
  int32_t withdrawn;   /* not 0: the list takes it back */
} lm_list_entry;

/* Formats. docs/lists.md says what is read of each, and where entries, labels and ids come from. */
typedef int32_t lm_list_format;
enum {
  LM_LIST_AUTOMATIC = 0, /* by its content; never LM_LIST_RAW */
  LM_LIST_CSV = 1,       /* RFC 4180, UTF-8: a header names the columns kind, code, id, label, list_id, time and
                            withdrawn in any order (code is required), or there is none: code[,id[,label]] */
  LM_LIST_TEXT = 2,      /* a line an entry: kind code label, or code label */
  LM_LIST_NPY = 3,       /* NumPy: an array of unsigned bytes, a row a code */
  LM_LIST_RAW = 4,       /* codes one behind the other */
  LM_LIST_NCMEC = 5,     /* NCMEC's hash sharing, version 2: XML */
  LM_LIST_VICS = 6,      /* Project VIC and CAID: JSON 1.1 to 2.0 */
  LM_LIST_STOPNCII = 7,
  LM_LIST_TECH_AGAINST_TERRORISM = 8,
  LM_LIST_NSRL = 9, /* RDS version 3: SQLite; digests of known harmless files */
  LM_LIST_HASHDEEP = 10,
  LM_LIST_VPDQ = 11 /* frames of a video */
};
/* "csv", "text", "npy", "raw", "ncmec", "vics", "stopncii", "tech_against_terrorism", "nsrl", "hashdeep", "vpdq";
 * NULL for LM_LIST_AUTOMATIC and an unknown format. */
LM_API const char *lm_list_format_name(lm_list_format format);
/* The format of that name into *out_format; LM_ERROR_INVALID_ARGUMENT lists the names if there is none. */
LM_API lm_status lm_list_format_from_name(const char *name, lm_list_format *out_format);

enum {
  LM_HASH_BY_WIDTH = -1
}; /* 64 digits are LM_HASH_PDQ256, other widths LM_HASH_CODE: digests and vectors are mistaken */
typedef struct lm_list_options {
  size_t struct_size;  /* sizeof(lm_list_options) */
  lm_hash kind;        /* of every entry whose list names none: an lm_hash, or LM_HASH_BY_WIDTH */
  const char *columns; /* of CSV whose header has other names: "code=Hash,label=Category", where md5, sha1, sha256,
                          pdq256 or photodna may stand for a column of such codes; other columns do not count then.
                          NULL or "": none */
  lm_list_format format;
  uint32_t bits; /* of a code, for LM_LIST_RAW; 0: the kind's own */
} lm_list_options;
#define LM_LIST_OPTIONS_INIT \
  { sizeof(lm_list_options), LM_HASH_BY_WIDTH, NULL, LM_LIST_AUTOMATIC, 0 }

/* Reads n files that are the pages of one list, in their order, or one file. An id is 0 to INT64_MAX. What cannot be
 * understood refuses the list as a whole: LM_ERROR_FORMAT with file, line, field and reason. A file may be a pipe,
 * but for LM_LIST_NSRL. options: NULL for LM_LIST_OPTIONS_INIT. Progress counts bytes; in all 0 where that is not
 * known. */
LM_API lm_status lm_list_read(const char *const *paths, size_t n, const lm_list_options *options,
                              const lm_progress *progress, lm_list **out_list);

typedef struct lm_list_data { /* the texts live until lm_list_free */
  size_t struct_size;         /* in: sizeof(lm_list_data) */
  const char *format;         /* of the last page */
  uint64_t entries;           /* withdrawals among them */
  uint64_t withdrawals;
  uint64_t degenerate; /* left out: codes that say nothing of an image, as of nothing or of equal bytes; CSV, text and
                          arrays are taken as they are */
  uint64_t left_out;   /* codes of hashes that libmatch has no kind for */
  const char *left_out_kinds; /* which, as the list names them, and how many: "tmk-pdqf" 2, "videntifier" 1 */
  const char *checkpoint; /* where the next synchronisation begins, in the list's words; "" where it says nothing */
  int32_t complete;       /* 0: the last page says that more follow, so the checkpoint does not hold yet */
} lm_list_data;
LM_API lm_status lm_list_view(const lm_list *list, lm_list_data *out_data);
/* Writes a list in one of the formats csv, text, npy, raw, vics, hashdeep and vpdq, by way of a temporary file that
 * is synced and renamed. LM_ERROR_UNSUPPORTED for other formats, and for entries that the format has no place for
 * (named). Progress counts entries. */
LM_API lm_status lm_list_write(const lm_list *list, lm_list_format format, const char *path,
                               const lm_progress *progress);
LM_API size_t lm_list_size(const lm_list *list);
/* NULL when i >= lm_list_size(list). */
LM_API const lm_list_entry *lm_list_get(const lm_list *list, size_t i);
LM_API void lm_list_free(lm_list *list);

/* What the entries of a list say of an upload. Only a live index (libmatch/live.h) knows lists; those of any other
 * are LM_LIST_KNOWN. */
typedef int32_t lm_list_role;
enum {
  LM_LIST_KNOWN = 0,     /* it is known: a match. What a list is for unless it is told otherwise */
  LM_LIST_HARMLESS = 1,  /* it is known to be harmless: overrules a match that rests on less */
  LM_LIST_DEGENERATE = 2 /* its code says nothing of an image: overrules every match by such a code */
};
/* "known", "harmless", "degenerate"; NULL for an unknown value. */
LM_API const char *lm_list_role_name(lm_list_role role);

/* ---- The index ------------------------------------------------------------------------------------- */

/* Codes of one hash, and digests of any kind, each with an id and perhaps a label. */
typedef struct lm_index lm_index;

/* An empty index for codes of `bits` bits. hash: LM_HASH_PDQ256 (256 bits), another hash of images (lm_hash_bits),
 * LM_HASH_CODE (a multiple of 64 from 64 to 2048) or LM_HASH_VECTOR8 (a multiple of 8 from 128 to 8192: a byte a
 * dimension); for a plug-in hasher what lm_hasher_view says. profile: lm_hash_profile of
 * what makes the codes; "" or NULL when it is not known, and then whoever adds and matches answers for their being
 * comparable. */
LM_API lm_status lm_index_create(lm_context *context, lm_hash hash, uint32_t bits, const char *profile,
                                 lm_index **out_index);
LM_API void lm_index_free(lm_index *index);

/* Appends n codes, all or none. ids: n values >= 0, repeats allowed; NULL continues after the largest id ever held,
 * from 0 in a new index. labels: n texts of UTF-8, or NULL; "" and NULL are no label.
 * Writers of one index wait for each other; searches go on. */
LM_API lm_status lm_index_add(lm_index *index, const uint8_t *codes, const int64_t *ids, const char *const *labels,
                              size_t n);
/* The same for n digests of LM_HASH_MD5, LM_HASH_SHA1 or LM_HASH_SHA256. */
LM_API lm_status lm_index_add_digests(lm_index *index, lm_hash hash, const uint8_t *digests, const int64_t *ids,
                                      const char *const *labels, size_t n);
/* Every entry of a list, all or none, but for those that it takes back: of entries with one list_id the one of the
 * latest time counts, of equal times the last. Entries without an id continue after the largest. One whose hash or
 * width the index does not hold is LM_ERROR_INVALID_ARGUMENT and named. A list does not say what profile made its
 * codes: they are taken into an index with a profile as they are, and whoever adds them answers for their being
 * comparable. */
LM_API lm_status lm_index_add_list(lm_index *index, const lm_list *list);
/* Adds the keypoints of images that the index knows by these ids, all or none. ids: a value a set, -1 to leave the
 * set out, as empty ones are. A match by keypoints has the label of the code with the same id. */
LM_API lm_status lm_index_add_keypoints(lm_index *index, const int64_t *ids, const lm_keypoints *keypoints);
/* Removes every code and digest that carries one of n ids, and its keypoints, uncounted. out_removed: how many, or
 * NULL. */
LM_API lm_status lm_index_remove(lm_index *index, const int64_t *ids, size_t n, int64_t *out_removed);

typedef struct lm_index_data { /* the texts live until lm_index_free */
  size_t struct_size;          /* in: sizeof(lm_index_data) */
  lm_hash hash;
  uint32_t bits;
  const char *profile;       /* "" when not known */
  int32_t library_version;   /* LM_VERSION that wrote the file; of this library if never saved */
  int64_t codes;             /* held, removed ones not counted */
  int64_t md5, sha1, sha256; /* digests, likewise */
  int64_t memory_bytes;      /* taken or mapped for all of it */
  int32_t mapped;            /* not 0: pages come from the file when touched */
  int64_t layout_bytes;      /* of memory_bytes: planes, buckets and tables of keypoints (lm_index_prepare) */
  int64_t keypoint_sets;     /* images with keypoints */
  int64_t keypoints;         /* of all of them */
  int64_t next_id;           /* what the next entry without an id gets */
} lm_index_data;
LM_API lm_status lm_index_view(const lm_index *index, lm_index_data *out_data);
/* Codes held, removed ones not counted. */
LM_API int64_t lm_index_size(const lm_index *index);

/* The answer to n queries: query i owns entries offsets[i] .. offsets[i + 1] - 1. */
typedef struct lm_matches lm_matches;
typedef struct lm_matches_data { /* lives until lm_matches_free, arrays included; may grow at its end */
  size_t n_queries;
  const int64_t *offsets;    /* n_queries + 1 */
  const int64_t *ids;        /* offsets[n_queries] */
  const uint32_t *distances; /* offsets[n_queries] */
  uint64_t version;          /* of the state of a live index that answered; else 0 */
} lm_matches_data;
LM_API const lm_matches_data *lm_matches_view(const lm_matches *matches);
/* The label of entry i; "" for none. Lives until lm_matches_free. LM_ERROR_FORMAT when a mapped file's label
 * turns out to be damaged. */
LM_API lm_status lm_matches_label(const lm_matches *matches, size_t i, const char **out_label);
LM_API void lm_matches_free(lm_matches *matches);

/* Every code within max_distance of a query, ordered by (query, distance, id). Exact: no match is left out on
 * any backend. max_distance: in differing bits, or for LM_HASH_VECTOR8 squared. queries: n x bits / 8 bytes. Progress
 * counts code-query pairs. */
LM_API lm_status lm_index_search_range(const lm_index *index, lm_context *context, const uint8_t *queries, size_t n,
                                       uint32_t max_distance, const lm_progress *progress, lm_matches **out_matches);
/* The min(k, size) nearest of each query, nearest first, ties by smaller id. Otherwise as above. */
LM_API lm_status lm_index_search_knn(const lm_index *index, lm_context *context, const uint8_t *queries, size_t n,
                                     uint32_t k, const lm_progress *progress, lm_matches **out_matches);
/* Every entry that equals one of n digests, ordered by (query, id); distances are 0. */
LM_API lm_status lm_index_find_digests(const lm_index *index, lm_hash hash, const uint8_t *digests, size_t n,
                                       lm_matches **out_matches);

/* Pairs of codes of one index that are near each other: size of each array. */
typedef struct lm_pairs lm_pairs;
typedef struct lm_pairs_data { /* lives until lm_pairs_free, arrays included; may grow at its end */
  size_t size;
  const int64_t *first_ids;  /* the smaller id of each pair, or the same where both entries have one id */
  const int64_t *second_ids; /* the other */
  const uint32_t *distances;
} lm_pairs_data;
LM_API const lm_pairs_data *lm_pairs_view(const lm_pairs *pairs);
/* The labels of both entries of pair i; "" for none. Either place may be NULL. Otherwise as lm_matches_label. */
LM_API lm_status lm_pairs_labels(const lm_pairs *pairs, size_t i, const char **out_first, const char **out_second);
LM_API void lm_pairs_free(lm_pairs *pairs);

/* Every two codes of the index within max_distance of each other, each pair once, ordered by (first id, second id,
 * distance). Entries are told apart by themselves, not by their ids: two that carry one id are a pair as any other,
 * the one added before standing first. No code is a pair with itself. n codes have n (n - 1) / 2 pairs: where so many
 * are near that memory does not hold them, the call fails with LM_ERROR_OUT_OF_MEMORY. Progress counts comparisons
 * of codes. */
LM_API lm_status lm_index_search_pairs(const lm_index *index, lm_context *context, uint32_t max_distance,
                                       const lm_progress *progress, lm_pairs **out_pairs);

/* What an index derives from its codes to search them faster. Answers are the same with and without.
 *   planes   12 bytes a code: the same bit of 512 codes side by side, for a scan of the whole list
 *   buckets  some 260 bytes a code: multi-index hashing, for lists of 65,536 codes or more
 * A search makes them itself, on the caller's threads, once earlier searches have lost as much time for want of them
 * as making them takes. lm_index_prepare makes them at once; lm_index_save stores what there is when nothing was
 * added or removed since, except those that lie in a mapped file, which nobody verified. */
typedef int32_t lm_layout_policy;
enum {
  LM_LAYOUT_AUTOMATIC = 0, /* when it pays */
  LM_LAYOUT_ALWAYS = 1,    /* by lm_index_prepare or the next search, whatever it costs */
  LM_LAYOUT_NEVER = 2
};
typedef struct lm_layout_options {
  size_t struct_size; /* sizeof(lm_layout_options) */
  lm_layout_policy planes;
  lm_layout_policy buckets;
  uint64_t max_memory_bytes; /* for all layouts of the index; 0: half of the machine's memory */
} lm_layout_options;
#define LM_LAYOUT_OPTIONS_INIT \
  { sizeof(lm_layout_options), LM_LAYOUT_AUTOMATIC, LM_LAYOUT_AUTOMATIC, 0 }

/* What may be made from now on; what there is stays. options: NULL for LM_LAYOUT_OPTIONS_INIT. What is said of
 * buckets holds for those that a CUDA device keeps, too; there none is used while they are forbidden. */
LM_API lm_status lm_index_set_layouts(lm_index *index, const lm_layout_options *options);
/* Puts the codes side by side, without those removed, and makes the layouts that the options ask for. A writer, like
 * lm_index_add. Progress counts codes, twice each. */
LM_API lm_status lm_index_prepare(lm_index *index, lm_context *context, const lm_progress *progress);

/* How a range search of n_queries would be done now. */
typedef struct lm_plan_data {
  size_t struct_size;    /* in: sizeof(lm_plan_data) */
  const char *method;    /* of the largest part of the index: "rows", "planes", "lookups" (buckets of queries, where
                            each code looks up its own), "probes" (buckets, query by query) or "visits" (buckets,
                            all queries that ask for one at once); "none" for an empty index. Lives for ever */
  double microseconds;   /* expected for all of it on one thread: to compare plans, not to promise */
  int64_t codes;         /* held, removed ones counted */
  int64_t planes_codes;  /* of which so many have planes */
  int64_t buckets_codes; /* and so many buckets */
} lm_plan_data;
LM_API lm_status lm_index_plan(const lm_index *index, lm_context *context, size_t n_queries, uint32_t max_distance,
                               lm_plan_data *out_plan);

/* Writes the live entries to one file (docs/format.md) by way of a temporary file beside it, synced and renamed:
 * at every moment `path` holds the old index or the new one, whole. Progress counts bytes. */
LM_API lm_status lm_index_save(const lm_index *index, const char *path, const lm_progress *progress);
/* Reads a file into memory and verifies all of it: LM_ERROR_FORMAT names section and offset. Progress counts bytes,
 * those of planes and buckets twice: read, and compared with the codes. */
LM_API lm_status lm_index_load(lm_context *context, const char *path, const lm_progress *progress,
                               lm_index **out_index);
/* Maps a file: verifies header, tables and offsets, not the content (lm_index_verify does). Damaged content gives
 * wrong answers or LM_ERROR_FORMAT, never a wild access. The file must not be changed in place meanwhile;
 * lm_index_save replaces it, which is harmless. */
LM_API lm_status lm_index_map(lm_context *context, const char *path, lm_index **out_index);
/* All that lm_index_load checks, in constant memory beside pages of the file, without keeping anything. Progress as
 * there. */
LM_API lm_status lm_index_verify(const char *path, const lm_progress *progress);

/* ---- Matching -------------------------------------------------------------------------------------- */

typedef int32_t lm_verdict;
enum {
  LM_VERDICT_NO_MATCH = 0, /* scanned, and no entry is near, or a list overrules those that are */
  LM_VERDICT_MATCH = 1, /* known: an equal digest, a code within max_distance, or parts that verification confirms */
  LM_VERDICT_LOW_QUALITY = 2, /* every image is too plain for its code to mean anything */
  LM_VERDICT_NOT_SCANNED = 3, /* all or some of it could not be decoded: NOT the same as no match */
  LM_VERDICT_REVIEW = 4       /* perhaps known: an entry is nearer than chance explains, and a person has to look */
};
/* "no_match", "match", "low_quality", "not_scanned", "review"; NULL for an unknown value. */
LM_API const char *lm_verdict_name(lm_verdict verdict);

/* How much is tried. A mirrored or turned copy, or one in a border, has other codes than its original: so the upload
 * is looked up by more codes, while an entry stays one code. Only PDQ has more codes: uploads that another hash or a
 * hasher hashes are looked up by the plain code of each of their images, whatever the effort. */
typedef int32_t lm_effort;
enum {
  LM_EFFORT_FAST = 0,     /* the plain code */
  LM_EFFORT_STANDARD = 1, /* 16 codes: the eight orientations of the image, and of what its border frames */
  LM_EFFORT_THOROUGH = 2 /* and parts of the image, by keypoints, where the index holds them; an entry that is near by
                            its code alone is then for review only if what was kept of its picture agrees */
};
/* "fast", "standard", "thorough"; NULL for an unknown value. */
LM_API const char *lm_effort_name(lm_effort effort);

/* The widest distance at which a list of this size gives few false alarms, for PDQ; for any other hash no review. */
#define LM_REVIEW_AUTOMATIC UINT32_MAX

typedef struct lm_match_options {
  size_t struct_size;    /* sizeof(lm_match_options) */
  uint32_t max_distance; /* of a match; PDQ's 31 in LM_MATCH_OPTIONS_INIT, lm_hash_usual_distance of others */
  uint32_t min_quality;  /* codes of less are not looked up */
  const lm_hash_options
      *hash; /* how uploads are decoded and hashed: as the index's codes were, by no digest; what the effort decides
                stays as in LM_HASH_OPTIONS_INIT (orientations, trim_borders, keypoints). NULL for that */
  uint32_t review_distance; /* of LM_VERDICT_REVIEW; up to max_distance: no such verdict by distance */
  lm_effort effort;
} lm_match_options;
/* Options of a program that knows no effort (an older struct_size) mean LM_EFFORT_FAST without review. */
#define LM_MATCH_OPTIONS_INIT \
  { sizeof(lm_match_options), 31, 50, NULL, LM_REVIEW_AUTOMATIC, LM_EFFORT_STANDARD }

/* What a match rests on. */
typedef int32_t lm_tier;
enum {
  LM_TIER_DIGEST = 0, /* the bytes are equal */
  LM_TIER_IMAGE = 1,  /* codes of whole images are near */
  LM_TIER_PARTS = 2   /* keypoints of parts of the image agree on one transform */
};
/* "digest", "image", "parts"; NULL for an unknown value. */
LM_API const char *lm_tier_name(lm_tier tier);

typedef struct lm_match_detail { /* layout frozen */
  lm_tier tier;
  lm_verdict
      verdict;    /* LM_VERDICT_MATCH or LM_VERDICT_REVIEW: what this entry says of the upload; see lm_list_role */
  uint32_t frame; /* of the upload, from 0 */
  int32_t orientation; /* LM_ORIENTATION_...: the upload turned and mirrored like this looks like the entry */
  int32_t trimmed;     /* not 0: what its border frames does */
  uint32_t votes;      /* LM_TIER_PARTS: keypoints that agree; 0 otherwise */
  float transform[6]; /* where a point of the upload lies in the entry, both in fractions of width and height from the
                         upper left: x' = t[0] x + t[1] y + t[2], y' = t[3] x + t[4] y + t[5] */
} lm_match_detail;

typedef struct lm_verdicts lm_verdicts;
typedef struct lm_verdicts_data { /* lives until lm_verdicts_free, arrays included; may grow at its end */
  size_t size;                    /* n: uploads, in the order given */
  const lm_verdict *verdicts;     /* n */
  const uint8_t *quality;         /* n: the best of the upload's images; 0 where there is none */
  const lm_scan *scans;           /* n; LM_SCAN_OK or why not all of it was scanned */
  const char *const *reasons;     /* n; for low_quality, wherever not all was scanned, and where lists overrule or
                                     contradict each other; "" otherwise */
  const int64_t *offsets; /* n + 1: upload i owns matches offsets[i] .. offsets[i + 1] - 1, each entry once, best
                             first: by (those that count, matches before reviews, tier, most votes, distance, id) */
  const lm_hash *hashes;  /* of each match: what was equal or near */
  const int64_t *ids;
  const uint32_t *distances; /* 0 for digests; UINT32_MAX where only parts agree */
  const char *const *labels; /* "" for none */
  const lm_match_detail *details;
  /* Of each match in a live index; else "", "", -1, LM_LIST_KNOWN, 0 and version 0. */
  const char *const *lists;    /* whose entry it is */
  const char *const *list_ids; /* what that list calls it; "" for nothing */
  const int64_t *times;        /* of its last change; -1 where the list gives none */
  const lm_list_role *roles;
  const uint8_t *overruled; /* not 0: it does not count, by an entry of another list that is among the matches */
  uint64_t version;         /* of the state that answered */
} lm_verdicts_data;

/* Hashes n uploads and looks each up in the index: all codes of all its images by range search, the digests (of the
 * kinds that the index holds) exactly; digests count whatever became of the image. options: NULL for
 * LM_MATCH_OPTIONS_INIT. LM_ERROR_INVALID_ARGUMENT if the index holds codes of another hash or of another profile
 * than the options'. Progress counts uploads scanned; while they are looked up it goes on being called, with all of
 * them done.
 *
 * The verdict on an upload of several images, or with several entries near, is the first of these that holds:
 *   match        some entry is a match, of whichever image and tier, even where other images could not be scanned
 *   review       some entry is a review, likewise
 *   not_scanned  not all of it was scanned: the rest may be what is looked for, whatever became of the part that was
 *   low_quality  no image, and nothing that a border frames, reaches min_quality
 *   no_match     at least one code was looked up; images beside it that are too plain change nothing
 * Lists of a live index overrule each other, visibly: entries of LM_LIST_HARMLESS (detail: no_match) and
 * LM_LIST_DEGENERATE (low_quality) stand among the matches, and no verdict rests on what they overrule. A harmless
 * entry overrules what rests on less than it: of equal bytes, of an equal code, of nearness. What rests on as much
 * becomes a review, and both are reported. A file whose bytes are harmless is no_match even where it is not scanned;
 * one whose codes are all degenerate is low_quality. */
LM_API lm_status lm_match_buffers(lm_context *context, const lm_index *index, const lm_match_options *options,
                                  const lm_buffer *buffers, size_t n, const lm_progress *progress,
                                  lm_verdicts **out_verdicts);
LM_API lm_status lm_match_files(lm_context *context, const lm_index *index, const lm_match_options *options,
                                const char *const *paths, size_t n, const lm_progress *progress,
                                lm_verdicts **out_verdicts);
/* The same of n images of pixels, hashed in this process even with isolation. There are no bytes, so no digests. An
 * image over options->hash->max_pixels is LM_ERROR_LIMIT; the other limits are those of files. */
LM_API lm_status lm_match_images(lm_context *context, const lm_index *index, const lm_match_options *options,
                                 const lm_image *images, size_t n, const lm_progress *progress,
                                 lm_verdicts **out_verdicts);
LM_API const lm_verdicts_data *lm_verdicts_view(const lm_verdicts *verdicts);
LM_API void lm_verdicts_free(lm_verdicts *verdicts);

#ifdef __cplusplus
}
#endif
#endif
