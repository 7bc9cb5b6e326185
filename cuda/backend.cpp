// The table of the shared object: exceptions end here.
#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <stdexcept>

#include "backend_table.h"
#include "device.h"
#include "hits.h"
#include "keypoints.h"
#include "knn.h"
#include "pairs.h"
#include "pdq.h"
#include "range.h"
#include "segment.h"
#include "vectors.h"
#include "view.h"

namespace libmatch::cuda {

namespace {

void write_message(failure_message *message, const char *text) noexcept {
  if (message != nullptr) {
    const std::size_t size = std::min(std::strlen(text), sizeof message->text - 1);
    std::memcpy(message->text, text, size);
    message->text[size] = '\0';
  }
}

template <typename Body>
lm_status guarded(failure_message *message, const Body &body) noexcept {
  try {
    body();
    return LM_OK;
  } catch (const detail::error &failure) {
    write_message(message, failure.what());
    return failure.status();
  } catch (const std::bad_alloc &) {
    write_message(message, "not enough memory");
    return LM_ERROR_OUT_OF_MEMORY;
  } catch (const std::length_error &) {
    write_message(message, "not enough memory");
    return LM_ERROR_OUT_OF_MEMORY;
  } catch (const std::exception &failure) {
    write_message(message, failure.what());
  } catch (...) {
    write_message(message, "unknown failure");
  }
  return LM_ERROR_INTERNAL;
}

// What the table hands out as a device: a share in it.
using share = std::shared_ptr<device>;

device &of(opened_device *opened) noexcept { return **reinterpret_cast<share *>(opened); }
const device &of(const opened_device *opened) noexcept { return **reinterpret_cast<const share *>(opened); }

lm_status count_devices(std::int32_t *count, failure_message *message) {
  return guarded(message, [&] { *count = device::count(); });
}

lm_status open_device(std::int32_t number, opened_device **out_device, failure_message *message) {
  return guarded(message, [&] {
    *out_device = reinterpret_cast<opened_device *>(std::make_unique<share>(device::open(number)).release());
  });
}

void close_device(opened_device *opened) { delete reinterpret_cast<share *>(opened); }

void describe_device(const opened_device *opened, device_facts *facts) { *facts = of(opened).facts(); }

lm_status set_allocator(opened_device *opened, const table_allocator *allocator, failure_message *message) {
  return guarded(message, [&] { of(opened).set_allocator(*allocator); });
}

void forget(opened_device *opened, std::uint64_t identity) { of(opened).segments().forget(identity); }

lm_status search_range_entry(opened_device *opened, const search_request *request, std::uint32_t max_distance,
                             table_hits *out_hits, failure_message *message) {
  return guarded(message, [&] { search_range(of(opened), *request, max_distance, out_hits); });
}

lm_status search_knn_entry(opened_device *opened, const search_request *request, std::uint64_t k,
                           table_hits *out_hits, failure_message *message) {
  return guarded(message, [&] { search_knn(of(opened), *request, k, out_hits); });
}

lm_status search_pairs_entry(opened_device *opened, const search_request *request, std::uint32_t max_distance,
                             table_pairs *out_pairs, failure_message *message) {
  return guarded(message, [&] { search_pairs(of(opened), *request, max_distance, out_pairs); });
}

lm_status search_nearest_codes_entry(opened_device *opened, const search_request *request, std::uint32_t max_distance,
                                     std::uint32_t most, table_hits *out_hits, failure_message *message) {
  return guarded(message, [&] { search_nearest_codes(of(opened), *request, max_distance, most, out_hits); });
}

lm_status search_vector_range_entry(opened_device *opened, const search_request *request, std::uint32_t max_distance,
                                    table_hits *out_hits, failure_message *message) {
  return guarded(message, [&] { search_vector_range(of(opened), *request, max_distance, out_hits); });
}

lm_status search_vector_knn_entry(opened_device *opened, const search_request *request, std::uint64_t k,
                                  table_hits *out_hits, failure_message *message) {
  return guarded(message, [&] { search_vector_knn(of(opened), *request, k, out_hits); });
}

lm_status hash_pdq_entry(opened_device *opened, const hash_request *request, table_image_codes *out_codes,
                         failure_message *message) {
  return guarded(message, [&] { hash_pdq(of(opened), *request, out_codes); });
}

lm_status hash_batch_entry(opened_device *opened, const batch_request *request, failure_message *message) {
  return guarded(message, [&] { hash_batch(of(opened), *request); });
}

std::uint64_t batch_workspace_bytes_entry(const opened_device *opened, std::uint64_t n_images, std::uint32_t width,
                                          std::uint32_t height) {
  return batch_workspace_bytes(of(opened), n_images, width, height);
}

segments_view &of(device_view *view) noexcept { return *reinterpret_cast<segments_view *>(view); }
const segments_view &of(const device_view *view) noexcept { return *reinterpret_cast<const segments_view *>(view); }

lm_status open_view(opened_device *opened, const view_request *request, device_view **out_view,
                    failure_message *message) {
  return guarded(message, [&] {
    const share &owner = *reinterpret_cast<share *>(opened);
    *out_view = reinterpret_cast<device_view *>(std::make_unique<segments_view>(owner, *request).release());
  });
}

void close_view(device_view *view) { delete &of(view); }

std::uint64_t view_workspace_bytes(const device_view *view, std::uint64_t n_queries, std::uint64_t capacity) {
  return of(view).workspace_bytes(n_queries, capacity);
}

lm_status search_view(const device_view *view, const view_search *search, failure_message *message) {
  return guarded(message, [&] { of(view).search(*search); });
}

lm_status wait_for_stream_entry(const opened_device *opened, void *stream, void *other, failure_message *message) {
  return guarded(message, [&] {
    wait_for_stream(of(opened), static_cast<cudaStream_t>(stream), static_cast<cudaStream_t>(other));
  });
}

void release_hits(table_hits *hits) { release(hits); }

void release_pairs(table_pairs *pairs) { release(pairs); }

constexpr backend_table table{
    .version = table_version,
    .size_bytes = sizeof(backend_table),
    .count_devices = count_devices,
    .open_device = open_device,
    .close_device = close_device,
    .describe_device = describe_device,
    .set_allocator = set_allocator,
    .forget = forget,
    .search_range = search_range_entry,
    .search_knn = search_knn_entry,
    .search_pairs = search_pairs_entry,
    .search_nearest_codes = search_nearest_codes_entry,
    .search_vector_range = search_vector_range_entry,
    .search_vector_knn = search_vector_knn_entry,
    .hash_pdq = hash_pdq_entry,
    .hash_batch = hash_batch_entry,
    .batch_workspace_bytes = batch_workspace_bytes_entry,
    .open_view = open_view,
    .close_view = close_view,
    .view_workspace_bytes = view_workspace_bytes,
    .search_view = search_view,
    .wait_for_stream = wait_for_stream_entry,
    .release_hits = release_hits,
    .release_pairs = release_pairs,
};

}  // namespace

}  // namespace libmatch::cuda

const libmatch::cuda::backend_table *libmatch_cuda_backend_table() { return &libmatch::cuda::table; }
