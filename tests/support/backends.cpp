#include "support/backends.h"

#include <algorithm>

#include "backend/cuda.h"
#include "core/error.h"
#include "cuda/device.h"

namespace libmatch::test {

namespace {

constexpr const char *simulated = "simt";
constexpr const char *simulated_by_tables = "simt_tables";

}  // namespace

std::vector<std::string> all_backends() {
  std::vector<std::string> names = detail::backend_names();
  names.emplace_back(simulated);
  return names;
}

std::string name_in_tests(std::string backend_name) {
  std::replace(backend_name.begin(), backend_name.end(), ':', '_');
  return backend_name;
}

bool is_simulated(const std::string &backend_name) { return backend_name.rfind(simulated, 0) == 0; }

std::shared_ptr<const detail::backend> open_any_backend(const std::string &name) {
  if (!is_simulated(name)) {
    return detail::open_backend(name);
  }
  const cuda::backend_table &table = *libmatch_cuda_backend_table();
  std::int32_t count = 0;
  cuda::failure_message message{};
  if (const lm_status status = table.count_devices(&count, &message); status != LM_OK) {
    detail::fail(status, static_cast<const char *>(message.text));
  }
  std::vector<std::int32_t> devices;
  for (std::int32_t number = 0; number < count; ++number) {
    if (name == simulated || name == simulated_by_tables || name == simulated + (":" + std::to_string(number))) {
      devices.push_back(number);
    }
  }
  if (devices.empty()) {
    detail::fail(LM_ERROR_UNSUPPORTED, "backend \"", name, "\": there are ", count, " simulated devices");
  }
  auto opened = detail::make_cuda_backend(table, {name, devices, false});
  for (const std::int32_t number : devices) {
    cuda::device::open(number)->set_buckets(name == simulated_by_tables ? cuda::bucket_rule{1, 1, 1}
                                                                        : cuda::bucket_rule{});
  }
  return opened;
}

}  // namespace libmatch::test
