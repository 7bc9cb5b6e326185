#include "support/backends.h"

#include "backend/cuda.h"
#include "core/error.h"

namespace libmatch::test {

namespace {

constexpr const char *simulated = "simt";

}  // namespace

std::vector<std::string> all_backends() {
  std::vector<std::string> names = detail::backend_names();
  names.emplace_back(simulated);
  return names;
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
    if (name == simulated || name == simulated + (":" + std::to_string(number))) {
      devices.push_back(number);
    }
  }
  if (devices.empty()) {
    detail::fail(LM_ERROR_UNSUPPORTED, "backend \"", name, "\": there are ", count, " simulated devices");
  }
  return detail::make_cuda_backend(table, {name, devices, false});
}

}  // namespace libmatch::test
