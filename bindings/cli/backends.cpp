// libmatch backends: what this machine can run, best first.
#include "library.h"
#include "output.h"
#include "verbs.h"

namespace command {

namespace {

int backends() {
  const char *name = nullptr;
  for (std::size_t i = 0; (name = lm_backend_name(i)) != nullptr; ++i) {
    print_row({name});
  }
  return all_scanned;
}

}  // namespace

void add_backends(CLI::App &app, const common_options & /*common*/, action &chosen) {
  CLI::App *verb =
      app.add_subcommand("backends",
                         "Lists the backends that this machine can run, best first; opens none, so it also "
                         "answers where --backend or $LM_BACKEND names one that is not there");
  verb->callback([&chosen] { chosen = backends; });
}

}  // namespace command
