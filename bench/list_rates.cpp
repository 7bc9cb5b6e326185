// How fast a list is read, without keeping anything: the processor's time, and the most memory that was taken.
// Usage: list_rates FILE…
#include <sys/resource.h>

#include <cstdint>
#include <cstdio>
#include <ctime>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "lists/formats.h"

namespace {

class counting_sink final : public libmatch::detail::record_sink {
 public:
  void add(const libmatch::detail::list_record &record) override { bits_ += record.bits; }
  std::uint64_t bits() const noexcept { return bits_; }

 private:
  std::uint64_t bits_ = 0;
};

double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

void measure(const std::string &path) {
  counting_sink sink;
  const double began = processor_seconds();
  const libmatch::detail::list_summary summary =
      libmatch::detail::read_list_files({path}, LM_LIST_AUTOMATIC, {}, sink, nullptr);
  const double seconds = processor_seconds() - began;
  const auto bytes = static_cast<double>(std::filesystem::file_size(path));
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("%s\t%s\t%llu records\t%.1f MB\t%.2f s\t%.1f MB/s\t%.1f MB of memory at most\n", path.c_str(),
              summary.format, static_cast<unsigned long long>(summary.records), bytes / 1e6, seconds,
              bytes / 1e6 / seconds, static_cast<double>(usage.ru_maxrss) / 1e3);
}

}  // namespace

int main(int argument_count, char **arguments) {
  try {
    for (int i = 1; i < argument_count; ++i) {
      measure(arguments[i]);
    }
    return 0;
  } catch (const std::exception &failure) {
    std::fprintf(stderr, "list_rates: %s\n", failure.what());
    return 1;
  }
}
