// The calls of libmatch/cuda.h on the executor: streams of the caller's, memory of the caller's, and graphs.
#include <gtest/gtest.h>
#include <libmatch/cuda.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "c_api/handles.h"
#include "simt/executor.h"
#include "simt/runtime.h"
#include "simt/schedules.h"
#include "support/backends.h"
#include "support/random_codes.h"

namespace libmatch {
namespace {

// An array of the simulated device.
template <typename T>
class device_copy {
 public:
  explicit device_copy(std::size_t n) : size_(n) { EXPECT_EQ(cudaMalloc(&data_, n * sizeof(T)), cudaSuccess); }
  explicit device_copy(const std::vector<T> &from) : device_copy(from.size()) {
    EXPECT_EQ(cudaMemcpy(data_, from.data(), from.size() * sizeof(T), cudaMemcpyHostToDevice), cudaSuccess);
  }
  ~device_copy() { cudaFree(data_); }
  device_copy(const device_copy &) = delete;
  device_copy &operator=(const device_copy &) = delete;

  T *data() const { return data_; }
  std::vector<T> there() const {
    std::vector<T> copy(size_);
    EXPECT_EQ(cudaMemcpy(copy.data(), data_, size_ * sizeof(T), cudaMemcpyDeviceToHost), cudaSuccess);
    return copy;
  }

 private:
  std::size_t size_;
  T *data_ = nullptr;
};

struct matches_found {
  std::vector<std::int64_t> offsets;
  std::vector<std::int64_t> ids;
  std::vector<std::uint32_t> distances;
};

class simt_view : public testing::Test {
 protected:
  simt_view() {
    context_.device = test::open_any_backend("simt");
    context_.threads = std::make_unique<detail::thread_pool>(1);
  }
  ~simt_view() override { free_index(); }

  void free_index() {
    lm_cuda_view_free(std::exchange(view_, nullptr));
    lm_index_free(std::exchange(index_, nullptr));
    cudaStreamDestroy(std::exchange(stream_, nullptr));
  }

  // An index of n codes in two segments, of which every ninth id is removed; queries are near some of its codes.
  void make_index(lm_hash hash, std::uint32_t bits, std::size_t n, std::size_t n_queries,
                  lm_layout_policy buckets = LM_LAYOUT_AUTOMATIC) {
    ASSERT_EQ(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), cudaSuccess);
    code_bytes_ = bits / 8;
    test::random_source random(7);
    std::vector<std::uint8_t> codes(n * code_bytes_);
    for (std::uint8_t &byte : codes) {
      byte = static_cast<std::uint8_t>(random.next());
    }
    ASSERT_EQ(lm_index_create(&context_, hash, bits, nullptr, &index_), LM_OK);
    const std::size_t first = n * 9 / 10;
    ASSERT_EQ(lm_index_add(index_, codes.data(), nullptr, nullptr, first), LM_OK);
    ASSERT_EQ(lm_index_add(index_, codes.data() + first * code_bytes_, nullptr, nullptr, n - first), LM_OK);
    std::vector<std::int64_t> removed;
    for (std::size_t id = 0; id < n; id += 9) {
      removed.push_back(static_cast<std::int64_t>(id));
    }
    ASSERT_EQ(lm_index_remove(index_, removed.data(), removed.size(), nullptr), LM_OK);
    queries_.resize(n_queries * code_bytes_);
    for (std::size_t q = 0; q < n_queries; ++q) {
      std::copy_n(&codes[random.below(n) * code_bytes_], code_bytes_, &queries_[q * code_bytes_]);
      for (std::size_t flip = 0; flip < q % 12; ++flip) {
        queries_[q * code_bytes_ + random.below(code_bytes_)] ^= static_cast<std::uint8_t>(1U << random.below(8));
      }
    }
    lm_layout_options layouts = LM_LAYOUT_OPTIONS_INIT;
    layouts.buckets = buckets;
    ASSERT_EQ(lm_index_set_layouts(index_, &layouts), LM_OK);
    ASSERT_EQ(lm_cuda_view_create(index_, &context_, &view_), LM_OK) << lm_last_error();
  }

  std::size_t n_queries() const { return queries_.size() / code_bytes_; }

  matches_found by_processor(std::uint32_t max_distance) const {
    lm_context *processor = nullptr;
    EXPECT_EQ(lm_context_create("scalar", 1, &processor), LM_OK);
    lm_matches *matches = nullptr;
    EXPECT_EQ(lm_index_search_range(index_, processor, queries_.data(), n_queries(), max_distance, nullptr, &matches),
              LM_OK);
    const lm_matches_data &data = *lm_matches_view(matches);
    const auto n = static_cast<std::size_t>(data.offsets[n_queries()]);
    matches_found found{{data.offsets, data.offsets + n_queries() + 1},
                        {data.ids, data.ids + n},
                        {data.distances, data.distances + n}};
    lm_matches_free(matches);
    lm_context_free(processor);
    return found;
  }

  lm_context context_;
  lm_index *index_ = nullptr;
  lm_cuda_view *view_ = nullptr;
  cudaStream_t stream_ = nullptr;
  std::size_t code_bytes_ = 0;
  std::vector<std::uint8_t> queries_;
};

// All memory that a search of the fixture's queries takes.
struct search_memory {
  search_memory(const lm_cuda_view *view, const std::vector<std::uint8_t> &queries, std::size_t n,
                std::uint64_t capacity)
      : codes(queries),
        offsets(n + 1),
        ids(capacity),
        distances(capacity),
        required(1),
        bytes(lm_cuda_workspace_bytes(view, n, capacity)),
        workspace(bytes),
        matches{offsets.data(), ids.data(), distances.data(), required.data(), capacity} {}

  void expect(const matches_found &expected) const {
    EXPECT_EQ(required.there()[0], expected.ids.size());
    EXPECT_EQ(offsets.there(), expected.offsets);
    std::vector<std::int64_t> found = ids.there();
    found.resize(expected.ids.size());
    EXPECT_EQ(found, expected.ids);
    std::vector<std::uint32_t> far = distances.there();
    far.resize(expected.ids.size());
    EXPECT_EQ(far, expected.distances);
  }

  device_copy<std::uint8_t> codes;
  device_copy<std::int64_t> offsets;
  device_copy<std::int64_t> ids;
  device_copy<std::uint32_t> distances;
  device_copy<std::uint64_t> required;
  std::uint64_t bytes;
  device_copy<std::uint8_t> workspace;
  lm_cuda_matches matches;
};

TEST_F(simt_view, finds_what_the_index_holds) {
  make_index(LM_HASH_PDQ256, 256, 700, 30);
  for (const std::uint32_t max_distance : {0U, 8U, 31U, 100U}) {
    const search_memory memory(view_, queries_, n_queries(), 4000);
    ASSERT_EQ(lm_cuda_search_range(view_, memory.codes.data(), n_queries(), max_distance, &memory.matches,
                                   memory.workspace.data(), memory.bytes, stream_),
              LM_OK)
        << lm_last_error();
    ASSERT_EQ(cudaStreamSynchronize(stream_), cudaSuccess) << simt::take_failure();
    memory.expect(by_processor(max_distance));
  }
}

// Where the index wants buckets, the view has them on the device: the same matches, and none of removed codes.
TEST_F(simt_view, finds_the_same_by_buckets) {
  for (const auto &[bits, distances] :
       {std::pair{256U, std::vector<std::uint32_t>{0, 31, 40}}, std::pair{64U, std::vector<std::uint32_t>{3, 8}}}) {
    make_index(bits == 256 ? LM_HASH_PDQ256 : LM_HASH_CODE, bits, 700, 30, LM_LAYOUT_ALWAYS);
    for (const std::uint32_t max_distance : distances) {
      const search_memory memory(view_, queries_, n_queries(), 4000);
      ASSERT_EQ(lm_cuda_search_range(view_, memory.codes.data(), n_queries(), max_distance, &memory.matches,
                                     memory.workspace.data(), memory.bytes, stream_),
                LM_OK);
      ASSERT_EQ(cudaStreamSynchronize(stream_), cudaSuccess) << simt::take_failure();
      memory.expect(by_processor(max_distance));
    }
    free_index();
  }
}

TEST_F(simt_view, finds_codes_of_other_hashes) {
  make_index(LM_HASH_CODE, 128, 300, 9);
  const search_memory memory(view_, queries_, n_queries(), 4000);
  ASSERT_EQ(lm_cuda_search_range(view_, memory.codes.data(), n_queries(), 20, &memory.matches,
                                 memory.workspace.data(), memory.bytes, stream_),
            LM_OK);
  ASSERT_EQ(cudaStreamSynchronize(stream_), cudaSuccess) << simt::take_failure();
  memory.expect(by_processor(20));
}

TEST_F(simt_view, in_any_schedule) {
  make_index(LM_HASH_PDQ256, 256, 300, 300);
  const matches_found expected = by_processor(90);
  simt::for_each_seed(simt::seeds_of_operations, [&](const std::string &seed) {
    SCOPED_TRACE(seed);
    const search_memory memory(view_, queries_, n_queries(), 2000);
    ASSERT_EQ(lm_cuda_search_range(view_, memory.codes.data(), n_queries(), 90, &memory.matches,
                                   memory.workspace.data(), memory.bytes, stream_),
              LM_OK);
    ASSERT_EQ(cudaStreamSynchronize(stream_), cudaSuccess) << simt::take_failure();
    memory.expect(expected);
  });
}

TEST_F(simt_view, says_how_much_room_it_needs) {
  make_index(LM_HASH_PDQ256, 256, 300, 20);
  const matches_found expected = by_processor(256);
  const search_memory memory(view_, queries_, n_queries(), 100);
  ASSERT_EQ(lm_cuda_search_range(view_, memory.codes.data(), n_queries(), 256, &memory.matches,
                                 memory.workspace.data(), memory.bytes, stream_),
            LM_OK);
  ASSERT_EQ(cudaStreamSynchronize(stream_), cudaSuccess) << simt::take_failure();
  EXPECT_EQ(memory.required.there()[0], expected.ids.size());
  EXPECT_EQ(memory.offsets.there(), std::vector<std::int64_t>(n_queries() + 1, 0));
  const search_memory enough(view_, queries_, n_queries(), expected.ids.size());
  ASSERT_EQ(lm_cuda_search_range(view_, enough.codes.data(), n_queries(), 256, &enough.matches,
                                 enough.workspace.data(), enough.bytes, stream_),
            LM_OK);
  ASSERT_EQ(cudaStreamSynchronize(stream_), cudaSuccess) << simt::take_failure();
  enough.expect(expected);
}

// Neither waits nor allocates: it can be captured, and the graph searches for whatever the queries are by then.
TEST_F(simt_view, can_be_captured_in_a_graph) {
  make_index(LM_HASH_PDQ256, 256, 300, 12);
  const search_memory memory(view_, queries_, n_queries(), 1000);
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  const std::size_t asked = simt::allocations_asked();
  ASSERT_EQ(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeGlobal), cudaSuccess);
  ASSERT_EQ(lm_cuda_search_range(view_, memory.codes.data(), n_queries(), 31, &memory.matches,
                                 memory.workspace.data(), memory.bytes, stream_),
            LM_OK)
      << lm_last_error();
  ASSERT_EQ(cudaStreamEndCapture(stream_, &graph), cudaSuccess);
  EXPECT_EQ(simt::allocations_asked(), asked);
  ASSERT_EQ(cudaGraphInstantiate(&executable, graph), cudaSuccess);
  for (int turn = 0; turn < 2; ++turn) {
    ASSERT_EQ(cudaMemcpy(memory.codes.data(), queries_.data(), queries_.size(), cudaMemcpyHostToDevice), cudaSuccess);
    ASSERT_EQ(cudaGraphLaunch(executable, stream_), cudaSuccess);
    ASSERT_EQ(cudaStreamSynchronize(stream_), cudaSuccess) << simt::take_failure();
    memory.expect(by_processor(31));
    std::rotate(queries_.begin(), queries_.begin() + static_cast<std::ptrdiff_t>(code_bytes_), queries_.end());
  }
  cudaGraphExecDestroy(executable);
  cudaGraphDestroy(graph);
}

// Another stream brings the queries, and has not begun when the search is put.
TEST_F(simt_view, comes_after_another_stream) {
  make_index(LM_HASH_PDQ256, 256, 300, 12);
  const search_memory memory(view_, std::vector<std::uint8_t>(queries_.size()), n_queries(), 1000);
  const device_copy<std::uint8_t> source(queries_);
  cudaStream_t other = nullptr;
  ASSERT_EQ(cudaStreamCreateWithFlags(&other, cudaStreamNonBlocking), cudaSuccess);
  simt::set_stream_order(simt::stream_order::late);
  ASSERT_EQ(cudaMemcpyAsync(memory.codes.data(), source.data(), queries_.size(), cudaMemcpyDeviceToDevice, other),
            cudaSuccess);
  ASSERT_EQ(lm_cuda_wait_for_stream(&context_, stream_, stream_), LM_OK) << lm_last_error();
  ASSERT_EQ(lm_cuda_wait_for_stream(&context_, stream_, other), LM_OK) << lm_last_error();
  ASSERT_EQ(lm_cuda_search_range(view_, memory.codes.data(), n_queries(), 31, &memory.matches,
                                 memory.workspace.data(), memory.bytes, stream_),
            LM_OK);
  ASSERT_EQ(cudaStreamSynchronize(stream_), cudaSuccess) << simt::take_failure();
  memory.expect(by_processor(31));
  simt::set_stream_order(simt::stream_order::at_once);
  cudaStreamDestroy(other);
}

TEST_F(simt_view, has_a_face_of_cpp) {
  make_index(LM_HASH_PDQ256, 256, 300, 12);
  const cuda_view view(std::exchange(view_, nullptr), 256);
  constexpr std::size_t capacity = 1000;
  const search_memory memory(view.get(), queries_, n_queries(), capacity);
  EXPECT_EQ(view.workspace_bytes(n_queries(), capacity), memory.bytes);
  const device_span<std::uint8_t> codes(memory.codes.data(), queries_.size());
  device_matches into{{memory.offsets.data(), n_queries() + 1},
                      {memory.ids.data(), capacity},
                      {memory.distances.data(), capacity},
                      {memory.required.data(), 1}};
  const device_span<std::byte> workspace(reinterpret_cast<std::byte *>(memory.workspace.data()), memory.bytes);
  view.search_range(codes, 31, into, workspace, stream_);
  ASSERT_EQ(cudaStreamSynchronize(stream_), cudaSuccess) << simt::take_failure();
  memory.expect(by_processor(31));

  EXPECT_THROW(view.search_range(codes.subspan(1), 31, into, workspace, stream_), std::invalid_argument);
  EXPECT_THROW(view.search_range(codes.subspan(32), 31, into, workspace, stream_), std::invalid_argument);
  EXPECT_THROW(view.search_range(codes, 31, into, workspace.subspan(0, 256), stream_), error);
  EXPECT_THROW(view.search_range(codes, 31, into, workspace.subspan(8), stream_), error);
  into.distances = into.distances.subspan(0, 10);
  EXPECT_THROW(view.search_range(codes, 31, into, workspace, stream_), std::invalid_argument);
  EXPECT_TRUE(codes.subspan(500).empty());
}

// What the index holds later does not show.
TEST_F(simt_view, stays_as_it_was) {
  make_index(LM_HASH_PDQ256, 256, 200, 10);
  const matches_found before = by_processor(31);
  ASSERT_EQ(lm_index_add(index_, queries_.data(), nullptr, nullptr, n_queries()), LM_OK);
  const search_memory memory(view_, queries_, n_queries(), 1000);
  ASSERT_EQ(lm_cuda_search_range(view_, memory.codes.data(), n_queries(), 31, &memory.matches,
                                 memory.workspace.data(), memory.bytes, stream_),
            LM_OK);
  ASSERT_EQ(cudaStreamSynchronize(stream_), cudaSuccess) << simt::take_failure();
  memory.expect(before);
}

TEST_F(simt_view, refuses_what_cannot_be) {
  make_index(LM_HASH_PDQ256, 256, 100, 3);
  const search_memory memory(view_, queries_, n_queries(), 100);
  EXPECT_EQ(lm_cuda_search_range(view_, memory.codes.data(), n_queries(), 31, &memory.matches,
                                 memory.workspace.data(), memory.bytes - 1, stream_),
            LM_ERROR_INVALID_ARGUMENT);
  EXPECT_NE(std::string(lm_last_error()).find("workspace: "), std::string::npos);
  lm_cuda_matches without = memory.matches;
  without.required = nullptr;
  EXPECT_EQ(lm_cuda_search_range(view_, memory.codes.data(), n_queries(), 31, &without, memory.workspace.data(),
                                 memory.bytes, stream_),
            LM_ERROR_INVALID_ARGUMENT);
  lm_cuda_allocator half{};
  half.user_data = this;
  half.release = [](void *, void *, std::uint64_t, void *) {};
  EXPECT_EQ(lm_cuda_set_allocator(&context_, &half), LM_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(lm_cuda_set_allocator(&context_, nullptr), LM_ERROR_INVALID_ARGUMENT) << "memory is in use";
}

}  // namespace
}  // namespace libmatch
