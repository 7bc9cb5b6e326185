// Searches of a durable index, timed: beside another's, or each by itself with what it waited for.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <iostream>
#include <memory>
#include <vector>

#include "backend/backend.h"
#include "core/aligned_vector.h"
#include "store/store.h"
#include "support/random_codes.h"
#include "thread_account.h"

namespace bench {

struct waiting_times {
  std::vector<double> all;     // microseconds
  std::vector<double> own;     // without the time in which others ran, or above 5 ms nothing did
  std::vector<double> waited;  // likewise, of those that gave up the processor by themselves
  std::size_t lost = 0;        // searches that lost it to others
  std::size_t faulted = 0;     // that met pages that were not in the tables
  std::size_t stopped = 0;     // that would have taken no more than 5 ms had the machine not stood still
};

struct timing {
  double single_us = 0;  // median of one
  double worst_ms = 0;   // of the single queries
  double late_ms = 0;    // 999 of 1,000 take less
  double batch_us = 0;   // median a query, batches of 256
};

class searcher {
 public:
  searcher() : device_(libmatch::detail::open_backend("auto")), threads_(1) {
    libmatch::test::random_source random(99);
    queries_.resize(std::size_t{4} * 4096);
    for (std::uint64_t &word : queries_) {
      word = random.next();
    }
  }

  // The searches of single queries for a time.
  template <typename Snapshot>
  void time_singles(double seconds, const Snapshot &snapshot, waiting_times &times) {
    accountant account;
    stop_witness witness;
    const auto begin = clock_type::now();
    for (std::size_t q = 0; seconds_since(begin) < seconds; q = (q + 1) % 4096) {
      const thread_account before = account.now();
      const auto asked = clock_type::now();
      search(snapshot(), q, 1);
      const double took = seconds_since(asked) * 1e6;
      const thread_account after = account.now();  // before this thread asks for memory for itself
      times.all.push_back(took);
      double own = std::max(0.0, took - (after.ready_us - before.ready_us));
      if (own > 5000) {
        own = std::max(0.0,
                       own - witness.stopped_us(asked, asked + std::chrono::nanoseconds(std::llround(took * 1e3))));
        times.stopped += own <= 5000 ? 1U : 0U;
      }
      times.own.push_back(own);
      if (after.waits != before.waits) {
        times.waited.push_back(own);
      }
      times.lost += after.losses != before.losses ? 1U : 0U;
      times.faulted += after.faults != before.faults ? 1U : 0U;
    }
  }

  // Searches two things in turn for a time, so that whatever else the machine does meets both alike; each search
  // takes a new snapshot.
  template <typename First, typename Second>
  std::array<timing, 2> compare(double seconds, const First &one, const Second &other) {
    std::array<std::vector<double>, 2> singles;
    std::array<std::vector<double>, 2> batches;
    const auto begin = clock_type::now();
    std::size_t q = 0;
    while (seconds_since(begin) < seconds) {
      for (int i = 0; i < 200; ++i, q = (q + 1) % 4096) {
        singles[0].push_back(search(one(), q, 1));
        singles[1].push_back(search(other(), (q + 2048) % 4096, 1));
      }
      const std::size_t first = 256 * (batches[0].size() % 16);
      batches[0].push_back(search(one(), first, 256) / 256);
      batches[1].push_back(search(other(), first, 256) / 256);
    }
    std::array<timing, 2> result;
    for (std::size_t i = 0; i < 2; ++i) {
      std::sort(singles[i].begin(), singles[i].end());
      result[i].worst_ms = singles[i].back() / 1000;
      result[i].late_ms = singles[i][singles[i].size() * 999 / 1000] / 1000;
      result[i].single_us = singles[i][singles[i].size() / 2];
      result[i].batch_us = median(batches[i]);
    }
    return result;
  }

 private:
  static double median(std::vector<double> &values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
  }

  // Microseconds, with taking the views.
  double search(const std::shared_ptr<const libmatch::detail::store_snapshot> &snapshot, std::size_t first,
                std::size_t n) {
    const auto begin = clock_type::now();
    const std::vector<libmatch::detail::segment_view> views = snapshot->find(LM_HASH_PDQ256, 256)->rows.views();
    libmatch::detail::progress_meter meter(nullptr, 0);
    device_->search_range(views, {queries_.data() + first * 4, n, 4, libmatch::detail::metric::hamming}, 31, threads_,
                          meter);
    return seconds_since(begin) * 1e6;
  }

  std::shared_ptr<const libmatch::detail::backend> device_;
  libmatch::detail::thread_pool threads_;
  libmatch::detail::aligned_vector<std::uint64_t> queries_;
};

inline void print(const char *what, const timing &measured) {
  std::cout << what << ": single " << measured.single_us << " us (99.9 %: " << measured.late_ms << " ms, worst "
            << measured.worst_ms << " ms), batch of 256 " << measured.batch_us << " us a query\n";
}

inline void print_compared(const char *one, const char *other, const std::array<timing, 2> &measured) {
  print(one, measured[0]);
  print(other, measured[1]);
  std::cout << other << " / " << one << ": single " << measured[1].single_us / measured[0].single_us << ", batch "
            << measured[1].batch_us / measured[0].batch_us << '\n';
}

inline std::size_t above_5_ms(const std::vector<double> &sorted) {
  return static_cast<std::size_t>(sorted.end() - std::upper_bound(sorted.begin(), sorted.end(), 5000.0));
}

inline void print_late(const char *what, waiting_times &measured) {
  for (std::vector<double> *times : {&measured.all, &measured.own, &measured.waited}) {
    std::sort(times->begin(), times->end());
  }
  const std::vector<double> &times = measured.all;
  const auto late = [](const std::vector<double> &sorted) { return sorted[sorted.size() * 999 / 1000]; };
  std::cout << what << ": " << times.size() << " searches, median " << times[times.size() / 2] << " us, 99.9 % "
            << late(times) << " us, worst " << times.back() / 1000 << " ms, above 5 ms " << above_5_ms(times) << "; "
            << measured.lost << " lost the processor to others\n"
            << "  without the time that others ran: 99.9 % " << late(measured.own) << " us, worst "
            << measured.own.back() / 1000 << " ms, above 5 ms " << above_5_ms(measured.own) << ", and "
            << measured.stopped << " more but for the machine that stood still; " << measured.faulted
            << " met pages that were not there, " << measured.waited.size()
            << " waited for something but a processor, worst "
            << (measured.waited.empty() ? 0 : measured.waited.back() / 1000) << " ms\n";
}

}  // namespace bench
