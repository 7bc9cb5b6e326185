#include "libmatch/cuda.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "backend/cuda_devices.h"
#include "c_api/guard.h"
#include "c_api/handles.h"
#include "core/hashes.h"
#include "index/bit_order.h"

using namespace libmatch::detail;

// Holds the backend, whose devices the view is on, and the snapshot, by whose identities its rows stay there.
struct lm_cuda_view {
  std::shared_ptr<const backend> device;
  std::shared_ptr<const index_snapshot> snapshot;
  libmatch::cuda::device_view *view = nullptr;

  lm_cuda_view() = default;
  lm_cuda_view(const lm_cuda_view &) = delete;
  lm_cuda_view &operator=(const lm_cuda_view &) = delete;
  ~lm_cuda_view() {
    if (view != nullptr) {
      device->cuda()->table().close_view(view);
    }
  }
};

namespace {

const cuda_devices &one_device(const lm_context &context) {
  const cuda_devices *devices = context.device->cuda();
  if (devices == nullptr || devices->size() != 1) {
    fail(LM_ERROR_UNSUPPORTED, "context: its backend is \"", context.device->name(), "\", not one CUDA device");
  }
  return *devices;
}

void require_workspace(const void *workspace) {
  require(reinterpret_cast<std::uintptr_t>(workspace) % 256 == 0, "workspace", "is not aligned to 256 bytes");
}

// For each bit of a row the bit of the code that it is: what pack_rows does with each bit alone.
std::vector<std::uint32_t> bit_order_of(const index_table &table) {
  std::vector<std::uint32_t> order(table.bits);
  std::vector<std::uint8_t> code(table.bits / 8);
  std::vector<std::uint64_t> row(table.words());
  for (std::uint32_t bit = 0; bit < table.bits; ++bit) {
    code[bit / 8] = static_cast<std::uint8_t>(1U << (bit % 8));
    pack_rows(code.data(), 1, table.hash, table.bits, row.data());
    code[bit / 8] = 0;
    for (std::uint32_t place = 0; place < table.bits; ++place) {
      if ((row[place / 64] >> (place % 64) & 1U) != 0) {
        order[place] = bit;
      }
    }
  }
  return order;
}

}  // namespace

lm_status lm_cuda_set_allocator(lm_context *context, const lm_cuda_allocator *allocator) {
  return guarded([&] {
    require_handle(context, "context");
    const cuda_devices &devices = one_device(*context);
    const lm_cuda_allocator chosen = allocator != nullptr ? *allocator : lm_cuda_allocator{};
    require((chosen.allocate == nullptr) == (chosen.release == nullptr), "allocator", "allocate or release is NULL");
    const libmatch::cuda::table_allocator given{chosen.allocate, chosen.release, chosen.user_data};
    libmatch::cuda::failure_message message{};
    check_cuda(devices.table().set_allocator(devices.device(0), &given, &message), message);
  });
}

lm_status lm_cuda_view_create(const lm_index *index, lm_context *context, lm_cuda_view **out_view) {
  return guarded([&] {
    require_handle(index, "index");
    require_handle(context, "context");
    require_handle(out_view, "out_view");
    const cuda_devices &devices = one_device(*context);
    auto view = std::make_unique<lm_cuda_view>();
    view->device = context->device;
    view->snapshot = index->codes.snapshot();
    const index_table &table = view->snapshot->tables[0];
    if (describe(table.hash)->compared_by != metric::hamming) {
      fail(LM_ERROR_UNSUPPORTED, "index: it holds vectors of bytes, not codes");
    }
    view->view = devices.open_view(table.views(), table.words(), bit_order_of(table));
    *out_view = view.release();
  });
}

void lm_cuda_view_free(lm_cuda_view *view) { delete view; }

uint64_t lm_cuda_workspace_bytes(const lm_cuda_view *view, uint64_t n, uint64_t capacity) {
  return view != nullptr ? view->device->cuda()->table().view_workspace_bytes(view->view, n, capacity) : 0;
}

lm_status lm_cuda_search_range(const lm_cuda_view *view, const uint8_t *queries, uint64_t n, uint32_t max_distance,
                               const lm_cuda_matches *matches, void *workspace, uint64_t workspace_bytes,
                               void *stream) {
  return guarded([&] {
    require_handle(view, "view");
    require_array(queries, n, "queries");
    require_handle(matches, "matches");
    require_handle(matches->offsets, "matches->offsets");
    require_array(matches->ids, matches->capacity, "matches->ids");
    require_array(matches->distances, matches->capacity, "matches->distances");
    require_handle(matches->required, "matches->required");
    require_handle(workspace, "workspace");
    require_workspace(workspace);
    const libmatch::cuda::view_search search{
        queries,      n,
        max_distance, {matches->offsets, matches->ids, matches->distances, matches->required, matches->capacity},
        workspace,    workspace_bytes,
        stream};
    libmatch::cuda::failure_message message{};
    check_cuda(view->device->cuda()->table().search_view(view->view, &search, &message), message);
  });
}

lm_status lm_cuda_wait_for_stream(lm_context *context, void *stream, void *other) {
  return guarded([&] {
    require_handle(context, "context");
    const cuda_devices &devices = one_device(*context);
    if (stream == other) {
      return;
    }
    libmatch::cuda::failure_message message{};
    check_cuda(devices.table().wait_for_stream(devices.device(0), stream, other, &message), message);
  });
}

uint64_t lm_cuda_hash_workspace_bytes(lm_context *context, uint64_t n, uint32_t width, uint32_t height) {
  const cuda_devices *devices = context != nullptr ? context->device->cuda() : nullptr;
  return devices != nullptr && devices->size() == 1
             ? devices->table().batch_workspace_bytes(devices->device(0), n, width, height)
             : 0;
}

lm_status lm_cuda_hash_images(lm_context *context, const lm_cuda_images *images, lm_orientations orientations,
                              lm_cuda_image_codes *codes, void *workspace, uint64_t workspace_bytes, void *stream) {
  return guarded([&] {
    require_handle(context, "context");
    require_handle(images, "images");
    require_array(codes, images->n, "codes");
    require_array(workspace, images->n, "workspace");
    const cuda_devices &devices = one_device(*context);
    require_workspace(workspace);
    const libmatch::cuda::batch_request request{
        images->first, images->image_stride_bytes, images->n, orientations, 0, codes, workspace, workspace_bytes,
        stream};
    libmatch::cuda::failure_message message{};
    check_cuda(devices.table().hash_batch(devices.device(0), &request, &message), message);
  });
}
