// Images decoded and hashed by worker processes, so that a decoder's weakness costs one file and nothing else.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "isolation/worker_process.h"
#include "scan/scan.h"

namespace libmatch::detail {

struct isolation_settings {
  worker_settings worker;
  std::uint32_t files_a_worker;  // after so many it is replaced; 0: never
};

// As many workers as threads ask at the same time; they wait for the next file, and end with the scanner.
class isolated_scanner final : public image_scanner {
 public:
  // Starts the first worker, so that whoever asks for isolation hears at once that there is none.
  explicit isolated_scanner(isolation_settings settings);

  // A worker has the plug-in hasher of the settings and no other.
  void check(const scan_request &request) const override;
  // Besides what a direct scanner throws: LM_ERROR_DEVICE or LM_ERROR_UNSUPPORTED when no worker can be started.
  void scan_image(std::span<const std::uint8_t> bytes, const scan_request &request,
                  scan_result &result) const override;

 private:
  struct worker {
    explicit worker(const worker_settings &settings) : process(settings) {}
    worker_process process;
    std::uint32_t files = 0;
  };

  std::unique_ptr<worker> take() const;
  void give_back(std::unique_ptr<worker> used) const;

  const isolation_settings settings_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<worker>> idle_;
};

}  // namespace libmatch::detail
