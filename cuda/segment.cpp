#include "segment.h"

#include <algorithm>
#include <utility>

#include "buckets.h"
#include "resident_memory.h"
#include "segment.cuh"

namespace libmatch::cuda {

namespace {

using detail::fail;

constexpr std::uint32_t plane_words_most = 3;
constexpr std::uint32_t threads_of_block = 256;

}  // namespace

class removed_bits {
 public:
  removed_bits(device_call &call, const table_segment &segment)
      : identity_(segment.removed_identity), memory_(call, bytes_of(segment)) {
    call.upload(memory_.data(), segment.removed, bytes_of(segment));
    call.wait();
  }

  std::uint64_t identity() const noexcept { return identity_; }
  const std::uint32_t *data() const noexcept { return static_cast<const std::uint32_t *>(memory_.data()); }
  std::size_t bytes() const noexcept { return memory_.bytes(); }

 private:
  static std::size_t bytes_of(const table_segment &segment) { return (segment.size + 63) / 64 * 8; }

  std::uint64_t identity_;
  resident_memory memory_;
};

class resident_segment {
 public:
  explicit resident_segment(const table_segment &segment)
      : identity_(segment.identity), first_row_(segment.first_row), size_(segment.size), words_(segment.words) {}

  std::uint64_t identity() const noexcept { return identity_; }
  bool is(const table_segment &segment) const noexcept {
    return identity_ == segment.identity && first_row_ == segment.first_row && size_ == segment.size &&
           words_ == segment.words;
  }

  // Uploads what is wanted and is not there. What is there stays where it is.
  void prepare(device_call &call, const table_segment &segment, const segment_needs &needs, segment_arrays &arrays,
               std::shared_ptr<removed_bits> &removed) {
    const std::lock_guard lock(mutex_);
    upload_rows(call, segment);
    if (needs.plane) {
      make_plane(call);
    }
    if (needs.ids && ids_.data() == nullptr) {
      ids_ = uploaded(call, segment.ids, size_ * sizeof(std::int64_t));
    }
    if (needs.keypoint_tables) {
      upload_keypoint_tables(call, *segment.keypoint_tables);
    }
    const bool anyway = needs.buckets == bucket_need::build_anyway;
    if (needs.buckets != bucket_need::none) {
      make_buckets(call, needs, anyway);
    }
    if (segment.removed != nullptr &&
        (removed_ == nullptr || segment.removed_identity == 0 || removed_->identity() != segment.removed_identity)) {
      removed_ = std::make_shared<removed_bits>(call, segment);
    }
    removed = segment.removed != nullptr ? removed_ : nullptr;
    bytes_ = held_bytes();
    const bool by_buckets = needs.buckets != bucket_need::none && buckets_ != nullptr && (anyway || !are_uneven_);
    arrays = {static_cast<const std::uint32_t *>(rows_.data()),
              static_cast<const std::uint32_t *>(plane_.data()),
              static_cast<const std::int64_t *>(ids_.data()),
              removed != nullptr ? removed->data() : nullptr,
              stride(),
              static_cast<std::uint32_t>(size_),
              width_words(),
              plane_words(),
              needs.keypoint_tables ? keypoint_tables_ : keypoint_table_part{},
              by_buckets ? buckets_->part() : bucket_part{}};
  }

  std::size_t bytes() const noexcept { return bytes_; }

 private:
  std::size_t held_bytes() const noexcept {
    return rows_.bytes() + plane_.bytes() + ids_.bytes() + keypoint_places_.bytes() + keypoint_starts_.bytes() +
           keypoint_rows_.bytes() + (buckets_ != nullptr ? buckets_->bytes() : 0) +
           (removed_ != nullptr ? removed_->bytes() : 0);
  }

  std::uint64_t stride() const noexcept {
    return (size_ + rows_of_alignment - 1) / rows_of_alignment * rows_of_alignment;
  }
  std::uint32_t width_words() const noexcept { return 2 * words_; }
  std::uint32_t plane_words() const noexcept { return std::min(width_words(), plane_words_most); }

  // In place before other streams may look.
  static resident_memory uploaded(device_call &call, const void *from, std::size_t bytes) {
    resident_memory memory(call, bytes);
    call.upload(memory.data(), from, bytes);
    call.wait();
    return memory;
  }

  void upload_rows(device_call &call, const table_segment &segment) {
    if (rows_.data() != nullptr) {
      return;
    }
    const std::size_t row_bytes = std::size_t{words_} * 8;
    resident_memory memory(call, stride() * row_bytes);
    call.upload(memory.data(), segment.rows, size_ * row_bytes);
    call.clear(static_cast<std::uint8_t *>(memory.data()) + size_ * row_bytes, (stride() - size_) * row_bytes);
    call.wait();
    rows_ = std::move(memory);
  }

  void make_plane(device_call &call) {
    if (plane_.data() != nullptr) {
      return;
    }
    resident_memory memory(call, stride() * plane_words() * 4);
    call.clear(memory.data(), memory.bytes());
    const auto blocks = static_cast<unsigned>((size_ + threads_of_block - 1) / threads_of_block);
    check(launch({dim3(blocks), dim3(threads_of_block), 0, call.stream()}, split_plane,
                 static_cast<const std::uint32_t *>(rows_.data()), static_cast<std::uint32_t>(size_), width_words(),
                 plane_words(), stride(), static_cast<std::uint32_t *>(memory.data())),
          "making the plane of a segment");
    call.wait();
    plane_ = std::move(memory);
  }

  // Where there is no room for them, or they are uneven, the rows are searched without.
  void make_buckets(device_call &call, const segment_needs &needs, bool anyway) {
    queries_ += needs.queries;
    const bool wanted = needs.buckets != bucket_need::by_use || queries_ >= call.owner().buckets().queries_to_build;
    const bool lasts = identity_ != 0;  // else they would be dropped after the call
    if (buckets_ != nullptr || !wanted || !lasts || size_ == 0) {
      return;
    }
    queries_ = 0;           // where it fails, as many ask before the next attempt
    bytes_ = held_bytes();  // for the sum of all
    const std::size_t bytes = bucket_tables::bytes_for(static_cast<std::uint32_t>(size_), width_words());
    if (!anyway && (are_uneven_ || call.owner().segments().bytes() + bytes > call.owner().facts().memory_bytes / 2)) {
      return;
    }
    try {
      buckets_ = std::make_unique<bucket_tables>(call, static_cast<const std::uint32_t *>(rows_.data()),
                                                 static_cast<std::uint32_t>(size_), width_words());
    } catch (const detail::error &failure) {
      if (failure.status() != LM_ERROR_OUT_OF_MEMORY) {
        throw;
      }
      return;
    }
    are_uneven_ = !buckets_->are_even();
    if (are_uneven_ && !anyway) {
      buckets_.reset();
    }
  }

  void upload_keypoint_tables(device_call &call, const table_keypoint_tables &tables) {
    if (keypoint_rows_.data() != nullptr) {
      return;
    }
    const std::size_t starts = (std::size_t{1} << tables.width) + 1;
    keypoint_places_ = uploaded(call, tables.places, std::size_t{tables.tables} * tables.width);
    keypoint_starts_ = uploaded(call, tables.starts, tables.tables * starts * sizeof(std::uint32_t));
    keypoint_rows_ = uploaded(call, tables.rows, tables.tables * size_ * sizeof(std::uint32_t));
    keypoint_tables_ = {static_cast<const std::uint8_t *>(keypoint_places_.data()),
                        static_cast<const std::uint32_t *>(keypoint_starts_.data()),
                        static_cast<const std::uint32_t *>(keypoint_rows_.data()),
                        tables.tables,
                        tables.width,
                        tables.max_rows_of_bucket,
                        tables.max_candidates_of_code};
  }

  const std::uint64_t identity_;
  const std::uint64_t first_row_;
  const std::uint64_t size_;
  const std::uint32_t words_;
  std::mutex mutex_;
  resident_memory rows_;
  resident_memory plane_;
  resident_memory ids_;
  resident_memory keypoint_places_;
  resident_memory keypoint_starts_;
  resident_memory keypoint_rows_;
  keypoint_table_part keypoint_tables_{};
  std::unique_ptr<bucket_tables> buckets_;
  std::uint64_t queries_ = 0;  // that have asked for them since they were last tried to be made
  bool are_uneven_ = false;
  std::shared_ptr<removed_bits> removed_;
  std::atomic<std::size_t> bytes_{0};
};

segment_store::segment_store() = default;

segment_store::~segment_store() = default;

std::shared_ptr<resident_segment> segment_store::find_or_add(const table_segment &segment) {
  if (segment.identity == 0) {
    return std::make_shared<resident_segment>(segment);
  }
  const std::lock_guard lock(mutex_);
  const auto known =
      std::find_if(segments_.begin(), segments_.end(), [&](const auto &entry) { return entry->is(segment); });
  if (known != segments_.end()) {
    segments_.splice(segments_.begin(), segments_, known);
  } else {
    segments_.push_front(std::make_shared<resident_segment>(segment));
  }
  return segments_.front();
}

segment_use segment_store::use(device_call &call, const table_segment &segment, const segment_needs &needs) {
  if (segment.size > UINT32_MAX) {
    fail(LM_ERROR_UNSUPPORTED, "a segment of ", segment.size, " rows is more than a CUDA device is asked to search");
  }
  segment_use used;
  used.rows_ = find_or_add(segment);
  used.rows_->prepare(call, segment, needs, used.arrays_, used.removed_);
  return used;
}

std::vector<segment_use> segment_store::use_all(device_call &call, const search_request &request,
                                                const segment_needs &needs) {
  std::vector<segment_use> used;
  used.reserve(request.n_segments);
  for (std::uint64_t s = 0; s < request.n_segments; ++s) {
    // Nothing to upload or to find; its place in the list stays.
    used.push_back(request.segments[s].size == 0 ? segment_use{} : use(call, request.segments[s], needs));
  }
  return used;
}

void segment_store::forget(std::uint64_t identity) {
  std::list<std::shared_ptr<resident_segment>> dropped;
  const std::lock_guard lock(mutex_);
  for (auto entry = segments_.begin(); entry != segments_.end();) {
    const auto next = std::next(entry);
    if ((*entry)->identity() == identity) {
      dropped.splice(dropped.end(), segments_, entry);
    }
    entry = next;
  }
}

bool segment_store::make_room(std::size_t bytes) {
  std::list<std::shared_ptr<resident_segment>> dropped;
  {
    const std::lock_guard lock(mutex_);
    std::size_t freed = 0;
    for (auto entry = segments_.end(); entry != segments_.begin() && freed < bytes;) {
      --entry;
      if (entry->use_count() == 1 && (*entry)->bytes() != 0) {
        freed += (*entry)->bytes();
        const auto taken = entry++;
        dropped.splice(dropped.end(), segments_, taken);
      }
    }
  }
  return !dropped.empty();
}

std::size_t segment_store::bytes() const {
  const std::lock_guard lock(mutex_);
  std::size_t sum = 0;
  for (const auto &entry : segments_) {
    sum += entry->bytes();
  }
  return sum;
}

}  // namespace libmatch::cuda
