#include "hits.h"

#include <algorithm>

namespace libmatch::cuda {

hit_collector::hit_collector(device_call &call, std::size_t first_capacity)
    : call_(call), count_(call, 1), array_(call, std::max<std::size_t>(first_capacity, 1)) {}

void hit_collector::prepare() { count_.clear(); }

bool hit_collector::take() {
  const unsigned long long found = count_.download()[0];
  if (found > array_.size()) {
    array_ = device_array<table_hit>(call_, 0);  // given back first: there may be no room for both
    array_ = device_array<table_hit>(call_, static_cast<std::size_t>(found));
    return false;
  }
  const std::size_t before = hits_.size();
  hits_.resize(before + static_cast<std::size_t>(found));
  call_.download(hits_.data() + before, array_.data(), static_cast<std::size_t>(found) * sizeof(table_hit));
  return true;
}

void hit_collector::finish(table_hits *out) {
  auto owner = std::make_unique<std::vector<table_hit>>(std::move(hits_));
  out->hits = owner->data();
  out->size = owner->size();
  out->owner = owner.release();
}

void release(table_hits *hits) noexcept {
  delete static_cast<std::vector<table_hit> *>(hits->owner);
  *hits = table_hits{};
}

}  // namespace libmatch::cuda
