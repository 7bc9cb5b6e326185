// The program libmatch-worker, which a context starts to decode and hash files: see lm_context_isolate.
#include <unistd.h>

#include "isolation/worker.h"

int main(int argument_count, char **arguments) {
  // Without the work of a normal exit, which the filter of system calls might end for what no one needs any more.
  _exit(libmatch::detail::run_worker(argument_count, arguments, libmatch::detail::make_worker_images));
}
