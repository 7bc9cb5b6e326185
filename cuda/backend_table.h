// What the shared object of the CUDA backend offers, and what it is asked with. It is opened at run time, so this is
// a binary interface: plain types only, statuses and messages instead of exceptions, and a version that both sides
// must have alike. The other side is libmatch/src/backend/cuda.cpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "libmatch/cuda.h"
#include "libmatch/libmatch.h"

namespace libmatch::cuda {

struct opened_device;  // nothing that the caller can look into

// Raised by every change of what is declared here.
inline constexpr std::uint32_t table_version = 4;

// Why a call failed: text that the caller gave room for.
struct failure_message {
  char text[512];
};

// Lossy tables over all rows of a segment of keypoint codes: the arrays of core/keypoint_codes.h, and how much of
// them a query looks at (search/keypoint_tables.h).
struct table_keypoint_tables {
  const std::uint8_t *places;
  const std::uint32_t *starts;
  const std::uint32_t *rows;
  std::uint32_t tables;
  std::uint32_t width;
  std::uint32_t max_rows_of_bucket;
  std::uint32_t max_candidates_of_code;
};

// Rows first_row .. first_row + size - 1 of the segment `identity`, which are kept on the device from then on. Rows
// of identity 0 are uploaded for the call and dropped.
struct table_segment {
  std::uint64_t identity;
  std::uint64_t first_row;
  const std::uint64_t *rows;       // size x words
  const std::int64_t *ids;         // size; null where the operation needs none
  const std::uint64_t *removed;    // as in core/segment.h, of these rows; null: none is removed
  std::uint64_t removed_identity;  // another number, other bits; 0: of this call alone
  std::uint64_t size;
  std::uint32_t words;
  lm_layout_policy buckets;                      // whether tables of multi-index hashing are made on the device
  const table_keypoint_tables *keypoint_tables;  // null: none; kept on the device like the rows, which are then all
};

struct table_queries {
  const std::uint64_t *rows;  // size x words
  std::uint64_t size;
  std::uint32_t words;
  std::uint32_t reserved;
};

// Counts finished units. Anything but 0 ends the call with LM_ERROR_CANCELLED.
struct table_progress {
  int (*add)(void *user_data, std::uint64_t units);
  void *user_data;
};

// What every search is asked with.
struct search_request {
  const table_segment *segments;
  std::uint64_t n_segments;
  table_queries queries;
  table_progress progress;
};

// A row within the distance of a query. `segment` is a place in search_request::segments, `row` one in that segment.
struct table_hit {
  std::uint32_t query;
  std::uint32_t segment;
  std::uint32_t row;
  std::uint32_t distance;
};

// In no order, each hit once. The array lives until release_hits.
struct table_hits {
  const table_hit *hits;
  std::uint64_t size;
  void *owner;
};

// Two near rows, each pair once, in no order; first comes before second in (segment, row).
struct table_pair {
  std::uint32_t first_segment;
  std::uint32_t first_row;
  std::uint32_t second_segment;
  std::uint32_t second_row;
  std::uint32_t distance;
};

struct table_pairs {
  const table_pair *pairs;
  std::uint64_t size;
  void *owner;
};

// Images to hash. All their pixels lie in memory of the host, or all on the device.
struct hash_request {
  const lm_image *images;
  std::uint64_t n_images;
  lm_orientations orientations;
  std::uint32_t on_device;  // 1: pixels point to memory of the device
};

// The codes of an image, as a scan gives them.
using table_image_codes = lm_cuda_image_codes;

// Images of one shape on the device, image_stride_bytes apart, and where their codes go there. The workspace, aligned
// to 256, belongs to the batch until the stream is that far.
struct batch_request {
  lm_image first;
  std::uint64_t image_stride_bytes;
  std::uint64_t n_images;
  lm_orientations orientations;
  std::uint32_t reserved;
  table_image_codes *codes;
  void *workspace;
  std::uint64_t workspace_bytes;
  void *stream;  // a cudaStream_t
};

// Where memory of the device comes from instead of CUDA's own pool: `stream` is a cudaStream_t, in whose order the
// memory may be used and is given back. allocate returns null where there is none.
struct table_allocator {
  void *(*allocate)(void *user_data, std::uint64_t bytes, void *stream);
  void (*release)(void *user_data, void *memory, std::uint64_t bytes, void *stream);
  void *user_data;
};

// What a view is made of; all is copied.
struct view_request {
  const table_segment *segments;  // with ids
  std::uint64_t n_segments;
  std::uint32_t words;
  std::uint32_t code_bits;
  // Bit j of a row is bit bit_order[j] % 8 of byte bit_order[j] / 8 of a code as libmatch.h has it; code_bits of
  // them.
  const std::uint32_t *bit_order;
};

// Segments that stay on a device for as long as the view lives, and all that a search of them needs to know.
struct device_view;

// Memory of the device for what a search of a view finds: see lm_cuda_matches of libmatch/cuda.h.
struct view_matches {
  std::int64_t *offsets;     // n_queries + 1
  std::int64_t *ids;         // capacity
  std::uint32_t *distances;  // capacity
  std::uint64_t *required;
  std::uint64_t capacity;
};

struct view_search {
  const std::uint8_t *queries;  // on the device: n_queries x code_bits / 8 bytes
  std::uint64_t n_queries;
  std::uint32_t max_distance;
  view_matches matches;
  void *workspace;  // of the device, workspace_bytes
  std::uint64_t workspace_bytes;
  void *stream;  // a cudaStream_t
};

struct device_facts {
  char name[256];
  std::int32_t number;
  std::int32_t compute_capability;  // 80 stands for 8.0
  std::int32_t multiprocessors;
  std::int32_t driver_version;  // as CUDA counts: 13000 stands for 13.0
  std::uint64_t memory_bytes;
};

// Every function may be called by any number of threads at once and leaves the thread's current device as it was.
// One that is null is not offered: the caller answers by other means.
struct backend_table {
  std::uint32_t version;
  std::uint32_t size_bytes;  // of this struct

  // LM_ERROR_UNSUPPORTED, with the reason, where there is no driver or no device.
  lm_status (*count_devices)(std::int32_t *count, failure_message *message);
  // All that open the same device share what is kept there.
  lm_status (*open_device)(std::int32_t number, opened_device **out_device, failure_message *message);
  void (*close_device)(opened_device *opened);
  void (*describe_device)(const opened_device *opened, device_facts *facts);
  // Before anything is on the device.
  lm_status (*set_allocator)(opened_device *opened, const table_allocator *allocator, failure_message *message);
  // Rows and bits of an identity are no longer wanted.
  void (*forget)(opened_device *opened, std::uint64_t identity);

  // Every live row within max_distance bits of a query.
  lm_status (*search_range)(opened_device *opened, const search_request *request, std::uint32_t max_distance,
                            table_hits *out_hits, failure_message *message);
  // The k nearest live rows of each query, and what is as far as the last of them, or a little further.
  lm_status (*search_knn)(opened_device *opened, const search_request *request, std::uint64_t k, table_hits *out_hits,
                          failure_message *message);
  // Every two live rows within max_distance bits of each other; the request has no queries. Progress counts each live
  // row with the rows of its segment and of those before it.
  lm_status (*search_pairs)(opened_device *opened, const search_request *request, std::uint32_t max_distance,
                            table_pairs *out_pairs, failure_message *message);
  // Of every query, the hits within max_distance that may be among its nearest `most`, ties by (segment, row): each
  // of those, and perhaps some more. Of segments with keypoint tables, what those lead to.
  lm_status (*search_nearest_codes)(opened_device *opened, const search_request *request, std::uint32_t max_distance,
                                    std::uint32_t most, table_hits *out_hits, failure_message *message);
  // The same as search_range and search_knn for vectors of bytes by squared Euclidean distance.
  lm_status (*search_vector_range)(opened_device *opened, const search_request *request, std::uint32_t max_distance,
                                   table_hits *out_hits, failure_message *message);
  lm_status (*search_vector_knn)(opened_device *opened, const search_request *request, std::uint64_t k,
                                 table_hits *out_hits, failure_message *message);
  lm_status (*hash_pdq)(opened_device *opened, const hash_request *request, table_image_codes *out_codes,
                        failure_message *message);
  // Puts the hashing of a batch into its stream: nothing is waited for or allocated.
  lm_status (*hash_batch)(opened_device *opened, const batch_request *request, failure_message *message);
  std::uint64_t (*batch_workspace_bytes)(const opened_device *opened, std::uint64_t n_images, std::uint32_t width,
                                         std::uint32_t height);

  // A view is closed once what was put into streams with it is done.
  lm_status (*open_view)(opened_device *opened, const view_request *request, device_view **out_view,
                         failure_message *message);
  void (*close_view)(device_view *view);
  std::uint64_t (*view_workspace_bytes)(const device_view *view, std::uint64_t n_queries, std::uint64_t capacity);
  // Puts a search into the stream: nothing is waited for or allocated.
  lm_status (*search_view)(const device_view *view, const view_search *search, failure_message *message);
  // What the stream is given from now on comes after all that the other one holds. Both are cudaStream_t.
  lm_status (*wait_for_stream)(const opened_device *opened, void *stream, void *other, failure_message *message);

  void (*release_hits)(table_hits *hits);
  void (*release_pairs)(table_pairs *pairs);
};

}  // namespace libmatch::cuda

// The one symbol of the shared object. Does nothing but return the table: no driver is asked.
extern "C" LM_API const libmatch::cuda::backend_table *libmatch_cuda_backend_table();
