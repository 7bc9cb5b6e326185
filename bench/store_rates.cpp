// What a durable index does: adds a second in bulk, opening, searching while another process changes or merges it,
// how soon a change is seen, decrypting. One program, since each step needs what the one before has made.
//
//     store_rates FOLDER [ENTRIES] [SECONDS] [STEPS]        FOLDER is made, filled and left, FOLDER.frozen,
//                                                           FOLDER-encrypted and FOLDER-plain too
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "child_process.h"
#include "index/bit_order.h"
#include "index/index_file.h"
#include "index/segment_builder.h"
#include "store/store.h"
#include "store_searches.h"
#include "support/random_codes.h"
#include "thread_account.h"

using namespace libmatch::detail;
using namespace bench;
using libmatch::test::random_source;

namespace {

void fill_code(std::uint64_t number, std::uint8_t *code) {
  random_source random(number * 2654435761U + 1);
  for (int w = 0; w < 4; ++w) {
    const std::uint64_t word = random.next();
    std::memcpy(code + std::ptrdiff_t{8} * w, &word, 8);
  }
}

double processor_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval &time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

long resident_kib(const char *field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind(field, 0) == 0) {
      return std::atol(line.c_str() + std::strlen(field));
    }
  }
  return 0;
}

void add(store_transaction &changes, std::uint64_t number) {
  std::uint8_t code[32];
  fill_code(number, code);
  const std::string list_id = "entry-" + std::to_string(number);
  const std::string label = "category " + std::to_string(number % 100);
  changes.add({LM_HASH_PDQ256, 256, code, "bench", list_id, label, -1, 1'700'000'000});
}

void import(const std::string &folder, std::uint64_t entries, const std::optional<store_key> &key) {
  std::filesystem::remove_all(folder);
  store_options options;
  options.key = key;
  options.merge_in_background = false;
  create_store(folder, options);
  const auto writer = store_writer::open(folder, options);
  const auto begin = clock_type::now();
  const double processor_begin = processor_seconds();
  {
    const auto changes = writer->begin();
    for (std::uint64_t i = 0; i < entries; ++i) {
      add(*changes, i);
    }
    changes->commit();
  }
  const double seconds = seconds_since(begin);
  const double processor = processor_seconds() - processor_begin;
  std::cout << "import: " << entries << " adds in " << seconds << " s, " << static_cast<double>(entries) / seconds
            << " a second, " << static_cast<double>(entries) / processor << " a second of a processor; peak memory "
            << resident_kib("VmHWM:") / 1024 << " MiB\n";
  const auto compacting = clock_type::now();
  writer->compact(nullptr);
  std::cout << "compact: " << seconds_since(compacting) << " s; peak memory " << resident_kib("VmHWM:") / 1024
            << " MiB\n";
}

// Whether a pipe has anything to read, or has ended.
bool is_told(int pipe_end) {
  fd_set set;
  FD_ZERO(&set);
  FD_SET(pipe_end, &set);
  timeval no_time{0, 0};
  return ::select(pipe_end + 1, &set, nullptr, nullptr, &no_time) > 0;
}

// Changes a second, until told to end by the end of the pipe: half additions, half withdrawals of old entries, others
// in each run of up to seven, for what was added or taken back before is no change.
int change(const std::string &folder, std::uint64_t entries, int rate, std::uint64_t run, int until) {
  store_options options;
  const auto writer = store_writer::open(folder, options);
  constexpr int commits = 20;  // a second
  std::uint64_t next = (10 + run) * entries;
  std::uint64_t old = run;
  auto due = clock_type::now();
  for (;;) {
    if (is_told(until)) {
      return 0;
    }
    const auto changes = writer->begin();
    for (int i = 0; i < rate / commits; ++i) {
      if (i % 2 == 0) {
        add(*changes, next++);
      } else {
        const std::string list_id = "entry-" + std::to_string(old);
        old += 7;
        withdrawal taken_back;
        taken_back.list = "bench";
        taken_back.list_id = list_id;
        changes->withdraw(taken_back);
      }
    }
    changes->commit();
    due += std::chrono::milliseconds(1000 / commits);
    std::this_thread::sleep_until(due);
  }
}

// The same entries with the layouts of a prepared index, in memory or mapped, as the store's are: a mapped file has
// no huge pages, which is not what is compared.
std::shared_ptr<const store_snapshot> frozen(std::uint64_t entries, residence segments, const std::string &file) {
  segment_builder builder(4, entries);
  std::uint8_t code[32];
  std::uint64_t row[4];
  for (std::uint64_t i = 0; i < entries; ++i) {
    fill_code(i, code);
    pack_rows(code, 1, LM_HASH_PDQ256, 256, row);
    builder.append(row, static_cast<std::int64_t>(i), "");
  }
  auto snapshot = std::make_shared<store_snapshot>();
  snapshot->tables.resize(1);
  store_table &table = snapshot->tables[0];
  table.rows.hash = LM_HASH_PDQ256;
  table.rows.bits = 256;
  table.rows.segments.push_back({builder.finish(false), nullptr, 0});
  thread_pool threads(0);
  const segment &rows = *table.rows.segments[0].rows;
  rows.layouts().make_planes(rows.view(), threads, derived_layouts::if_busy::wait);
  rows.layouts().make_buckets(rows.view(), threads, derived_layouts::if_busy::wait);
  if (segments == residence::mapped) {
    index_snapshot written;
    written.tables[0] = table.rows;
    written.next_id = static_cast<std::int64_t>(entries);
    write_index_file(file, {}, written, nullptr);
    table.rows = map_index_file(file).snapshot.tables[0];
  }
  return snapshot;
}

void time_opening(const std::string &folder, const std::optional<store_key> &key, const char *what) {
  std::vector<double> times;
  std::uint64_t bytes = 0;
  for (const auto &file : std::filesystem::directory_iterator(folder)) {
    bytes += file.file_size();
  }
  double processor = processor_seconds();
  for (int i = 0; i < 5; ++i) {
    const auto begin = clock_type::now();
    reader_options options;
    options.key = key;
    const auto reader = store_reader::open(folder, options);
    times.push_back(seconds_since(begin));
    if (key) {
      break;
    }
  }
  processor = (processor_seconds() - processor) / static_cast<double>(times.size());
  std::sort(times.begin(), times.end());
  const double seconds = times[times.size() / 2];
  std::cout << what << ": " << seconds * 1000 << " ms for " << bytes / 1'000'000 << " MB, "
            << static_cast<double>(bytes) / 1e9 / processor << " GB a processor's second; resident "
            << resident_kib("VmRSS:") / 1024 << " MiB\n";
}

void search_while_changed(const std::string &folder, std::uint64_t entries, double seconds, residence segments,
                          int rate) {
  int pipe_ends[2];
  if (::pipe(pipe_ends) != 0) {
    std::exit(1);
  }
  std::cout << (segments == residence::mapped ? "mapped" : "in memory") << ", " << rate << " changes a second\n"
            << std::flush;
  const pid_t child = rate > 0 ? ::fork() : -1;
  if (child == 0) {
    ::close(pipe_ends[1]);
    std::exit(change(folder, entries, rate, segments == residence::mapped ? 0 : 1, pipe_ends[0]));
  }
  ::close(pipe_ends[0]);
  reader_options options;
  options.segments = segments;
  const auto reader = store_reader::open(folder, options);
  searcher search;
  auto still = frozen(entries, segments, folder + ".frozen");
  const auto one = [&] { return still; };
  const auto other = [&] { return reader->snapshot(); };
  search.compare(1, one, other);
  reader->settle();
  const std::uint64_t version = reader->snapshot()->version;
  for (int round = 0; round < 3; ++round) {
    const auto measured = search.compare(seconds / 3, one, other);
    print_compared("frozen", "live", measured);
    std::cout << "segments " << reader->snapshot()->find(LM_HASH_PDQ256, 256)->files.size() << '\n';
  }
  const std::uint64_t commits = reader->snapshot()->version - version;
  std::cout << "commits seen: " << commits << "; resident " << resident_kib("VmRSS:") / 1024 << " MiB, of it files "
            << resident_kib("RssFile:") / 1024 << '\n';
  if (rate > 0 && commits == 0) {
    std::cerr << "nothing was changed\n";
    std::exit(1);
  }
  ::close(pipe_ends[1]);
  if (child > 0) {
    ::waitpid(child, nullptr, 0);
  }
}

// One process commits when it is asked to, another looks for it: from the beginning of the transaction.
void time_to_see(const std::string &folder, std::uint64_t entries) {
  const child_process writing([&](int told_by, int tells) {
    const auto writer = store_writer::open(folder, {});
    char asked = 0;
    for (std::uint64_t next = 2 * entries; ::read(told_by, &asked, 1) == 1; ++next) {
      const auto begin = clock_type::now();
      const auto changes = writer->begin();
      add(*changes, next);
      changes->commit();
      const std::uint64_t version = writer->snapshot()->version;
      if (::write(tells, &begin, sizeof begin) < 0 || ::write(tells, &version, sizeof version) < 0) {
        return;
      }
    }
  });
  const auto reader = store_reader::open(folder, {});
  std::vector<double> times;
  for (int i = 0; i < 20; ++i) {
    clock_type::time_point begin;
    std::uint64_t version = 0;
    if (::write(writing.tell(), "", 1) != 1 || ::read(writing.hear(), &begin, sizeof begin) != sizeof begin ||
        ::read(writing.hear(), &version, sizeof version) != sizeof version) {
      std::exit(1);
    }
    while (reader->snapshot()->version < version) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    times.push_back(seconds_since(begin) * 1000);
  }
  std::sort(times.begin(), times.end());
  std::cout << "an addition of another process is committed and seen: median " << times[10] << " ms, most "
            << times.back() << " ms\n";
}

// Adds a tenth as many entries as there are and merges everything, again and again.
void merge_again_and_again(const std::string &folder, std::uint64_t entries, int told_by) {
  pin_to_processor(1);
  store_options options;
  options.merge_in_background = false;
  const auto writer = store_writer::open(folder, options);
  std::uint64_t next = 3 * entries;
  for (;;) {
    if (is_told(told_by)) {
      return;
    }
    const auto changes = writer->begin();
    for (std::uint64_t i = 0; i < entries / 10; ++i) {
      add(*changes, next++);
    }
    changes->commit();
    writer->compact(nullptr);
  }
}

// Computes, writes memory and gives back as much as merging does, and about as often, but touches no store: what such
// a neighbour costs by itself. (A virtual machine may hand freed memory to its host at once, and stand still for
// that.)
void keep_busy(std::uint64_t entries, int told_by) {
  pin_to_processor(1);
  constexpr std::size_t bytes_of_entry = 400;
  constexpr int passes = 8;
  for (std::uint64_t number = 0;;) {
    aligned_vector<std::uint8_t> codes;
    codes.resize(static_cast<std::size_t>(entries) * bytes_of_entry / 32 * 32);
    for (int pass = 0; pass < passes; ++pass) {
      for (std::size_t at = 0; at < codes.size(); at += 32) {
        fill_code(number++, codes.data() + at);
      }
      if (is_told(told_by)) {
        return;
      }
    }
  }
}

// The same entries in an encrypted store and in a plain one.
void search_encrypted(const std::string &folder, std::uint64_t entries, double seconds) {
  const store_key key{1, 2, 3};
  const std::string encrypted = folder + "-encrypted";
  const std::string plain = folder + "-plain";
  import(encrypted, entries, key);
  import(plain, entries, std::nullopt);
  time_opening(encrypted, key, "open encrypted, one thread");
  reader_options options;
  const auto reader = store_reader::open(plain, options);
  options.key = key;
  const auto decrypted = store_reader::open(encrypted, options);
  reader->settle();
  decrypted->settle();
  searcher search;
  for (int round = 0; round < 3; ++round) {
    const auto measured = search.compare(
        seconds / 3, [&] { return reader->snapshot(); }, [&] { return decrypted->snapshot(); });
    print_compared("plain", "encrypted", measured);
  }
}

// Searches on one processor while another process merges on another, in turn with times in which one that merges
// nothing is as busy there, and with times in which both are stopped.
void search_while_merged(const std::string &folder, std::uint64_t entries, double seconds, residence segments) {
  const child_process merging([&](int told_by, int /*tells*/) { merge_again_and_again(folder, entries, told_by); });
  const child_process busy([&](int told_by, int /*tells*/) { keep_busy(entries, told_by); });
  busy.signal(SIGSTOP);
  reader_options options;
  options.segments = segments;
  const auto reader = store_reader::open(folder, options);
  reader->settle();
  pin_to_processor(0);  // this thread, not those of the reader
  searcher search;
  waiting_times first_look;
  search.time_singles(
      2, [&] { return reader->snapshot(); }, first_look);  // what is mapped has its pages then
  std::array<waiting_times, 3> times;
  const void *largest = nullptr;
  int replaced = -1;
  const auto present = [&] {
    std::shared_ptr<const store_snapshot> snapshot = reader->snapshot();
    const void *now = snapshot->find(LM_HASH_PDQ256, 256)->rows.segments[0].rows.get();
    replaced += now != largest ? 1 : 0;
    largest = now;
    return snapshot;
  };
  for (int round = 0; round < 10; ++round) {
    merging.signal(SIGCONT);
    search.time_singles(seconds / 30, present, times[0]);
    merging.signal(SIGSTOP);
    busy.signal(SIGCONT);
    search.time_singles(seconds / 30, present, times[1]);
    busy.signal(SIGSTOP);
    search.time_singles(seconds / 30, present, times[2]);
  }
  std::cout << (segments == residence::mapped ? "mapped" : "in memory") << ", the largest segment was replaced "
            << replaced << " times\n";
  print_late("while it merges", times[0]);
  print_late("while the other is as busy and merges nothing", times[1]);
  print_late("while both are stopped", times[2]);
}

}  // namespace

int main(int argument_count, char **arguments) {
  if (argument_count < 2) {
    std::cerr << "usage: store_rates FOLDER [ENTRIES] [SECONDS] [STEPS]\n";
    return 2;
  }
  const std::string folder = arguments[1];
  const std::uint64_t entries = argument_count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 10'000'000;
  const double seconds = argument_count > 3 ? std::atof(arguments[3]) : 30;
  const std::string steps = argument_count > 4 ? arguments[4] : "import,open,still,mapped,memory,see,merge,encrypted";
  const auto wanted = [&](const char *step) { return steps.find(step) != std::string::npos; };
  if (wanted("import")) import(folder, entries, std::nullopt);
  if (wanted("open")) time_opening(folder, std::nullopt, "open");
  if (wanted("still")) search_while_changed(folder, entries, seconds, residence::mapped, 0);
  if (wanted("mapped")) search_while_changed(folder, entries, seconds, residence::mapped, 1000);
  if (wanted("memory")) search_while_changed(folder, entries, seconds, residence::memory, 1000);
  if (wanted("see")) time_to_see(folder, entries);
  if (wanted("merge")) {
    search_while_merged(folder, entries, seconds, residence::memory);
    search_while_merged(folder, entries, seconds, residence::mapped);
  }
  if (wanted("encrypted")) search_encrypted(folder, entries / 5, seconds);
  return 0;
}
