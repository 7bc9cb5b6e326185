// The command `libmatch`: reads the command line, runs one verb, turns failures into messages and exit codes.
#include <fcntl.h>

#include <csignal>
#include <exception>
#include <string>
#include <vector>

#include "library.h"
#include "numbers.h"
#include "output.h"
#include "verbs.h"

namespace command {

namespace {

constexpr const char *description = "Recognises known images, altered copies included.";
constexpr const char *footer =
    "Data goes to standard output, messages and progress to standard error.\n"
    "Exit status: 0 all was scanned, 3 something was not, 2 usage error, 1 other failure.";

void add_common_options(CLI::App &app, common_options &common) {
  app.set_version_flag("--version", [] { return "libmatch " + version_text(lm_version()); });
  app.add_option("--backend", common.backend,
                 "One of those that `libmatch backends` lists; without it $LM_BACKEND, or else the best");
  add_number(app, "--threads", common.threads, "How many threads to use; 0 for one per processor (the default)", 0,
             1024);
}

void add_verbs(CLI::App &app, const common_options &common, action &chosen) {
  app.require_subcommand(1);
  app.fallthrough();  // common options may stand behind the verb, too
  add_hash(app, common, chosen);
  CLI::App *index = app.add_subcommand("index", "Builds, changes and examines indexes");
  index->require_subcommand(1);
  add_index_build(*index, common, chosen);
  add_index_add(*index, common, chosen);
  add_index_remove(*index, common, chosen);
  add_index_info(*index, common, chosen);
  add_index_verify(*index, common, chosen);
  add_index_create(*index, common, chosen);
  add_index_import(*index, common, chosen);
  add_index_sync(*index, common, chosen);
  add_index_withdraw(*index, common, chosen);
  add_index_role(*index, common, chosen);
  add_index_compact(*index, common, chosen);
  add_index_export(*index, common, chosen);
  CLI::App *list = app.add_subcommand("list", "Examines and converts lists of hashes");
  list->require_subcommand(1);
  add_list_info(*list, common, chosen);
  add_list_convert(*list, common, chosen);
  add_search(app, common, chosen);
  add_match(app, common, chosen);
  add_duplicates(app, common, chosen);
  add_backends(app, common, chosen);
}

// Ends as the signal would have ended it, so that a shell sees what happened.
int end_by_interrupt() {
  std::signal(SIGINT, SIG_DFL);
  std::raise(SIGINT);
  return failed;
}

int run(const action &chosen) {
  try {
    const int code = chosen();
    flush_output();
    return code;
  } catch (const libmatch::error &error) {
    if (error.status() == LM_ERROR_CANCELLED) {
      return end_by_interrupt();
    }
    print_message(escape(error.what()));  // it names paths as they are
  } catch (const std::bad_alloc &) {
    print_message("out of memory");
  } catch (const std::exception &error) {
    print_message(error.what());
  }
  return failed;
}

}  // namespace

// CLI11 takes a value of the form [a,b] for a list and reads other names from it. A path in brackets means itself.
std::vector<std::string> protected_arguments(int argument_count, char **arguments) {
  std::vector<std::string> reversed;  // as CLI::App::parse wants them
  for (int i = argument_count - 1; i > 0; --i) {
    const std::string argument = arguments[i];
    reversed.push_back((argument.rfind('[', 0) == 0 ? "./" : "") + argument);
  }
  return reversed;
}

// A standard stream that was closed must fail when it is used, and must not be the next file that is opened: an index
// would be read as if it were the standard input.
void occupy_closed_streams() {
  for (const int stream : {0, 1, 2}) {
    if (fcntl(stream, F_GETFD) == -1) {
      open("/dev/null", stream == 0 ? O_WRONLY : O_RDONLY);  // takes the lowest free number: this one
    }
  }
}

int run_command(int argument_count, char **arguments) {
  occupy_closed_streams();
  std::signal(SIGPIPE, SIG_DFL);  // whoever stops reading ends the command quietly
  CLI::App app(description, "libmatch");
  app.footer(footer);
  common_options common;
  action chosen;
  add_common_options(app, common);
  add_verbs(app, common, chosen);
  try {
    app.parse(protected_arguments(argument_count, arguments));
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? all_scanned : usage_error;
  }
  return run(chosen);
}

}  // namespace command

int main(int argument_count, char **arguments) {
  try {
    return command::run_command(argument_count, arguments);
  } catch (...) {
    return command::failed;  // there is no memory even for the message
  }
}
