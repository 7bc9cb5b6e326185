#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>
#include <string_view>

#include "backend/backend.h"
#include "backend/cpu.h"
#include "backend/cuda.h"
#include "backend/cuda_devices.h"
#include "backend/cuda_library.h"
#include "core/error.h"

namespace libmatch::detail {

namespace {

// "cuda" is all devices, "cuda:N" the one of that number.
constexpr std::string_view cuda_name = "cuda";

std::string name_of_device(std::int32_t number) { return std::string(cuda_name) + ':' + std::to_string(number); }

std::string joined(const std::vector<std::string> &names) {
  std::string text;
  for (const std::string &name : names) {
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

std::vector<std::string> processor_names() {
  std::vector<std::string> found;
  for (const instruction_set set : instruction_sets_best_first) {
    if (can_run(set)) {
      found.emplace_back(instruction_set_name(set));
    }
  }
  return found;
}

std::vector<std::int32_t> all_devices() {
  const cuda::backend_table &table = cuda_table();
  std::int32_t count = 0;
  cuda::failure_message message{};
  check_cuda(table.count_devices(&count, &message), message);
  std::vector<std::int32_t> numbers(static_cast<std::size_t>(std::max(count, 0)));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

// The devices that a name of CUDA's means; nothing when it is none.
std::optional<std::vector<std::int32_t>> devices_of(std::string_view name) {
  if (name == cuda_name) {
    return all_devices();
  }
  if (name.size() < cuda_name.size() + 2 || name.substr(0, cuda_name.size()) != cuda_name ||
      name[cuda_name.size()] != ':') {
    return std::nullopt;
  }
  std::int32_t number = -1;
  const char *const end = name.data() + name.size();
  const auto [parsed, failed] = std::from_chars(name.data() + cuda_name.size() + 1, end, number);
  if (failed != std::errc{} || parsed != end || number < 0) {
    return std::nullopt;
  }
  return std::vector{number};
}

std::shared_ptr<const backend> open_processor(std::string_view name) {
  for (const instruction_set set : instruction_sets_best_first) {
    const bool named = name == instruction_set_name(set);
    if ((named || name == "auto") && can_run(set)) {
      return make_cpu_backend(set);
    }
    if (named) {
      fail(LM_ERROR_UNSUPPORTED, "backend \"", name,
           "\": this build or this processor does not have it; usable here: ", joined(backend_names()));
    }
  }
  fail(LM_ERROR_UNSUPPORTED, "backend \"", name, "\" is unknown; usable here: ", joined(backend_names()));
}

// The first device, with the processor for what does not fit it; null where there is none that can be used.
std::shared_ptr<const backend> try_first_device() {
  if (cuda_device_count() == 0) {
    return nullptr;
  }
  try {
    return make_cuda_backend(cuda_table(), {name_of_device(0), {0}, true});
  } catch (const error &) {
    return nullptr;
  }
}

}  // namespace

const std::vector<std::string> &backend_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> found;
    const std::int32_t devices = cuda_device_count();
    found.reserve(static_cast<std::size_t>(std::max(devices, 0)));
    for (std::int32_t number = 0; number < devices; ++number) {
      found.push_back(name_of_device(number));
    }
    if (devices > 1) {
      found.emplace_back(cuda_name);
    }
    for (std::string &name : processor_names()) {
      found.push_back(std::move(name));
    }
    return found;
  }();
  return names;
}

std::shared_ptr<const backend> open_backend(const std::string &name) {
  if (name == "auto") {
    std::shared_ptr<const backend> device = try_first_device();
    return device != nullptr ? device : open_processor(name);
  }
  try {
    if (const auto devices = devices_of(name)) {
      return make_cuda_backend(cuda_table(), {name, *devices, false});
    }
  } catch (const error &failure) {
    fail(failure.status(), "backend \"", name, "\": ", failure.what(), "; usable here: ", joined(backend_names()));
  }
  return open_processor(name);
}

}  // namespace libmatch::detail
