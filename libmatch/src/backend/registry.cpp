#include "backend/backend.h"
#include "backend/cpu.h"
#include "core/error.h"

namespace libmatch::detail {

namespace {

std::string joined(const std::vector<std::string> &names) {
  std::string text;
  for (const std::string &name : names) {
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

}  // namespace

const std::vector<std::string> &backend_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> found;
    for (const instruction_set set : instruction_sets_best_first) {
      if (can_run(set)) {
        found.emplace_back(instruction_set_name(set));
      }
    }
    return found;
  }();
  return names;
}

std::shared_ptr<const backend> open_backend(const std::string &name) {
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

}  // namespace libmatch::detail
