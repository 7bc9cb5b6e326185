// What the CUDA backend's kernels take on a device, by its own clock (events in the stream), with nothing of the host
// in between: copies, as the ceiling of memory; range search by each kernel that runs there, for choose_range_kernel;
// tables of multi-index hashing, for bucket_rule; a whole search in a caller's stream; hashing. Codes are random, of
// 256 bits, and the medians of rounds are told. Every kernel must find the same pairs.
//
// Usage: cuda_rates [MILLIONS_OF_ROWS [ROUNDS [DISTANCE]]]
#include <cuda_runtime.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iterator>
#include <numeric>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "cuda/buckets.h"
#include "cuda/device.h"
#include "cuda/hits.cuh"
#include "cuda/pdq.h"
#include "cuda/range.h"
#include "cuda/segment.h"
#include "cuda/view.h"

namespace {

using namespace libmatch::cuda;

constexpr std::uint32_t words = 4;
constexpr std::uint32_t code_bits = 64 * words;
constexpr std::size_t capacity = std::size_t{1} << 22;
constexpr std::size_t most_queries = 65536;
// Kernels without tensor cores take too long for more.
constexpr std::size_t most_without_products = 1024;
constexpr std::array<std::size_t, 12> batches{1, 4, 8, 9, 16, 32, 64, 128, 256, 1024, 4096, most_queries};

std::vector<std::uint64_t> random_words(std::size_t n, std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  std::vector<std::uint64_t> made(n);
  std::generate(made.begin(), made.end(), generator);
  return made;
}

// Rows, and queries of which every other one is a row with twenty bits flipped.
struct codes {
  explicit codes(std::size_t n_rows)
      : rows(random_words(n_rows * words, 1)), queries(random_words(most_queries * words, 2)) {
    for (std::size_t q = 0; q < most_queries; q += 2) {
      const std::size_t row = q * 7919 % n_rows;
      for (std::uint32_t w = 0; w < words; ++w) {
        queries[q * words + w] = rows[row * words + w] ^ 0x8000200040008001ULL;
      }
    }
  }

  std::vector<std::uint64_t> rows;
  std::vector<std::uint64_t> queries;
};

class event {
 public:
  event() { check(cudaEventCreate(&handle_), "making an event"); }
  ~event() { cudaEventDestroy(handle_); }
  event(const event &) = delete;
  event &operator=(const event &) = delete;
  void record(cudaStream_t stream) { check(cudaEventRecord(handle_, stream), "recording an event"); }
  float microseconds_since(const event &start) const {
    check(cudaEventSynchronize(handle_), "waiting for an event");
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, start.handle_, handle_), "asking for a time");
    return milliseconds * 1000;
  }

 private:
  cudaEvent_t handle_ = nullptr;
};

// prepare() comes before the clock starts; both put their work into the stream. The first round is not counted.
template <typename Prepare, typename Put>
float median_microseconds(cudaStream_t stream, int rounds, const Prepare &prepare, const Put &put) {
  std::vector<float> times;
  event start;
  event end;
  for (int round = 0; round <= rounds; ++round) {
    prepare();
    start.record(stream);
    put();
    end.record(stream);
    const float time = end.microseconds_since(start);
    if (round > 0) {
      times.push_back(time);
    }
  }
  std::nth_element(times.begin(), times.begin() + std::ssize(times) / 2, times.end());
  return times[times.size() / 2];
}

const auto nothing = [] {};

void measure_copies(device_call &call, int rounds) {
  constexpr std::size_t size = std::size_t{1} << 30;
  const device_array<std::uint8_t> from(call, size);
  const device_array<std::uint8_t> to(call, size);
  const float time = median_microseconds(call.stream(), rounds, nothing, [&] {
    check(cudaMemcpyAsync(to.data(), from.data(), size, cudaMemcpyDeviceToDevice, call.stream()), "copying");
  });
  std::printf("copying 1 GiB there: %.0f GB/s, read and written counted\n", 2e-3 * static_cast<double>(size) / time);
}

// Where hits go, and how many there were.
class hit_room {
 public:
  explicit hit_room(device_call &call) : hits_(call, capacity), count_(call, 1) {}
  hit_sink sink() const { return {hits_.data(), count_.data(), capacity}; }
  void clear() { count_.clear(); }
  unsigned long long found() const { return count_.download().front(); }

 private:
  device_array<table_hit> hits_;
  device_array<unsigned long long> count_;
};

bool runs_here(range_kernel kernel, std::int32_t capability, std::size_t n_queries) {
  switch (kernel) {
    case range_kernel::stream:
      return n_queries <= stream_queries_most;
    case range_kernel::multiply_128:
      return capability < 80;
    case range_kernel::multiply_xor:
      return capability >= 80 && capability < 90;
    case range_kernel::multiply_and:
      return capability >= 90 && capability < 100;
    default:
      return n_queries <= most_without_products;
  }
}

struct settings {
  std::size_t rows = 10'000'000;
  int rounds = 20;
  std::uint32_t max_distance = 31;
};

class range_measurement {
 public:
  range_measurement(device_call &call, const codes &of, const settings &with)
      : call_(call),
        with_(with),
        room_(call),
        queries_(call, of.queries.data(), of.queries.size()),
        limits_(call, std::vector<std::int32_t>(most_queries, static_cast<std::int32_t>(with.max_distance)).data(),
                most_queries) {}

  void measure(const segment_arrays &arrays) {
    constexpr std::array kernels{range_kernel::stream,       range_kernel::prefix,       range_kernel::words,
                                 range_kernel::multiply_128, range_kernel::multiply_xor, range_kernel::multiply_and};
    const segment_part part = to_segment_part(arrays, 0);
    const bool with_tables =
        arrays.buckets.rows != nullptr && buckets_pay({}, 2 * words, with_.max_distance);  // as if without products
    std::printf("\n%u rows\n%8s %-14s %12s %14s\n", part.size, "queries", "kernel", "us", "pairs/s");
    for (const std::size_t n : batches) {
      const std::int32_t capability = call_.owner().facts().compute_capability;
      const range_kernel chosen =
          choose_range_kernel({capability, 2 * words, prefix_words_for(with_.max_distance, 2 * words), n});
      for (const range_kernel kernel : kernels) {
        if (runs_here(kernel, capability, n)) {
          const range_launch with{call_.owner().facts(), call_.stream(), kernel};
          const float time = measure_one(n, [&] { launch_range(with, part, queries(n), room_.sink()); });
          print(n, range_kernel_name(kernel), time, part.size, kernel == chosen ? " chosen" : "");
        }
      }
      if (with_tables) {
        const float time =
            measure_one(n, [&] { launch_probes(call_.stream(), part, arrays.buckets, queries(n), room_.sink()); });
        print(n, "tables", time, part.size, "");
      }
      expected_.reset();
    }
  }

 private:
  query_part queries(std::size_t n) const {
    return {reinterpret_cast<const std::uint32_t *>(queries_.data()), limits_.data(), static_cast<std::uint32_t>(n),
            0, static_cast<std::int32_t>(with_.max_distance)};
  }

  template <typename Put>
  float measure_one(std::size_t n, const Put &put) {
    const float time = median_microseconds(
        call_.stream(), with_.rounds, [&] { room_.clear(); }, put);
    const unsigned long long found = room_.found();
    if (found != expected_.value_or(found)) {
      throw std::runtime_error("kernels disagree: " + std::to_string(found) + " and " + std::to_string(*expected_) +
                               " pairs of " + std::to_string(n) + " queries");
    }
    expected_ = found;
    return time;
  }

  static void print(std::size_t n, const char *name, float time, std::size_t rows, const char *remark) {
    std::printf("%8zu %-14s %12.1f %14.3g%s\n", n, name, time,
                static_cast<double>(n) * static_cast<double>(rows) / (time * 1e-6), remark);
  }

  device_call &call_;
  settings with_;
  hit_room room_;
  device_array<std::uint64_t> queries_;
  device_array<std::int32_t> limits_;
  std::optional<unsigned long long> expected_;
};

// The search of lm_cuda_search_range: from codes as callers have them to ids in order.
void measure_view(const std::shared_ptr<device> &owner, device_call &call, const codes &of,
                  const table_segment &segment, const settings &with) {
  std::vector<std::uint32_t> bit_order(code_bits);
  std::iota(bit_order.begin(), bit_order.end(), 0U);
  const segments_view view(owner, {&segment, 1, words, code_bits, bit_order.data()});
  const device_array<std::uint64_t> queries(call, of.queries.data(), of.queries.size());
  const device_array<std::int64_t> offsets(call, most_queries + 1);
  const device_array<std::int64_t> ids(call, capacity);
  const device_array<std::uint32_t> distances(call, capacity);
  const device_array<std::uint64_t> required(call, 1);
  const device_array<std::uint8_t> workspace(call, view.workspace_bytes(most_queries, capacity));
  std::printf("\na search in a caller's stream, results in order, %zu rows\n",
              static_cast<std::size_t>(segment.size));
  for (const std::size_t n : batches) {
    const std::size_t room = std::max<std::size_t>(4 * n, 1024);
    const view_search search{reinterpret_cast<const std::uint8_t *>(queries.data()),
                             n,
                             with.max_distance,
                             {offsets.data(), ids.data(), distances.data(), required.data(), room},
                             workspace.data(),
                             workspace.size(),
                             call.stream()};
    const float time = median_microseconds(call.stream(), with.rounds, nothing, [&] { view.search(search); });
    std::printf("%8zu %12.1f us, %.3g queries/s, %llu matches\n", n, time, static_cast<double>(n) / (time * 1e-6),
                static_cast<unsigned long long>(required.download().front()));
  }
}

void measure_hashing(device_call &call, int rounds) {
  constexpr std::uint32_t side = 512;
  constexpr std::size_t image_bytes = std::size_t{side} * side * 3;
  constexpr std::size_t most = 2048;
  const std::vector<std::uint64_t> noise = random_words(most * image_bytes / 8, 3);
  const device_array<std::uint64_t> pixels(call, noise.data(), noise.size());
  const device_array<table_image_codes> codes(call, most);
  std::printf("\nhashing of images of 512 x 512 RGB on the device\n");
  for (const std::size_t n : {std::size_t{1}, std::size_t{64}, most}) {
    const hash_plan plan =
        plan_hashing(call.owner().facts(), n, side, side, batch_workspace_bytes(call.owner(), n, side, side));
    const device_array<std::uint8_t> workspace(call, plan.workspace_bytes());
    for (const auto &[orientations, name] :
         {std::pair{LM_ORIENTATIONS_PLAIN, "plain"}, std::pair{LM_ORIENTATIONS_DERIVED, "derived"}}) {
      image_batch batch{};
      batch.same = {reinterpret_cast<const std::uint8_t *>(pixels.data()), side * 3, side, side, LM_PIXEL_RGB8, 0};
      batch.image_stride_bytes = image_bytes;
      batch.size = static_cast<std::uint32_t>(n);
      batch.codes = codes.data();
      const float time = median_microseconds(call.stream(), rounds, nothing, [&] {
        launch_hashing(batch, orientations, plan, workspace.data(), call.stream());
      });
      std::printf("%8zu %-8s %12.1f us, %.0f images/s, %.0f GB/s of pixels\n", n, name, time,
                  static_cast<double>(n) / (time * 1e-6), static_cast<double>(n * image_bytes) / time * 1e-3);
    }
  }
}

void run(const settings &with) {
  const std::shared_ptr<device> owner = device::open(0);
  std::printf("%s, compute capability %d, %d multiprocessors; distance at most %u, medians of %d rounds\n",
              owner->facts().name, owner->facts().compute_capability, owner->facts().multiprocessors,
              with.max_distance, with.rounds);
  const codes of(with.rows);
  std::vector<std::int64_t> ids(with.rows);
  std::iota(ids.begin(), ids.end(), 0);
  device_call call(*owner);
  measure_copies(call, with.rounds);

  const table_segment segment{1, 0,         of.rows.data(), ids.data(),          nullptr,
                              0, with.rows, words,          LM_LAYOUT_AUTOMATIC, nullptr};
  event start;
  event end;
  start.record(call.stream());
  const segment_use rows = owner->segments().use(call, segment, {.plane = true});
  end.record(call.stream());
  const float upload = end.microseconds_since(start);
  start.record(call.stream());
  const segment_use use = owner->segments().use(call, segment, {.plane = true, .buckets = bucket_need::build_anyway});
  end.record(call.stream());
  std::printf("bringing %zu rows there: %.1f ms; tables of them: %.1f ms\n", with.rows, upload * 1e-3,
              end.microseconds_since(start) * 1e-3);

  range_measurement(call, of, with).measure(use.arrays());
  measure_view(owner, call, of, segment, with);
  measure_hashing(call, with.rounds);
}

}  // namespace

int main(int argc, char **argv) {
  settings with;
  if (argc > 1) {
    with.rows = static_cast<std::size_t>(std::atof(argv[1]) * 1e6);
  }
  if (argc > 2) {
    with.rounds = std::atoi(argv[2]);
  }
  if (argc > 3) {
    with.max_distance = static_cast<std::uint32_t>(std::atoi(argv[3]));
  }
  if (with.rows < 1000 || with.rows > 1'000'000'000 || with.rounds < 1 || with.max_distance > code_bits || argc > 4) {
    std::fprintf(stderr, "usage: cuda_rates [MILLIONS_OF_ROWS [ROUNDS [DISTANCE]]]\n");
    return 2;
  }
  try {
    run(with);
  } catch (const std::exception &error) {
    std::fprintf(stderr, "cuda_rates: %s\n", error.what());
    return 1;
  }
  return 0;
}
