// The worker's side: a process that decodes and hashes files for a context, confined.
#pragma once

#include "scan/scan.h"

namespace libmatch::detail {

// The arguments of the program: NAME BACKEND MAX_MEMORY_BYTES MAX_CPU_SECONDS [HASHER_PATH HASHER_IDENTITY], the last
// two as plugin_hasher has them. Descriptor 0 is the socket to the context. `make_images` makes what scans, from the
// backend's name, before the process is confined; whatever is loaded when first used must be loaded by it. Returns
// the program's exit status when the context closes the socket.
int run_worker(int argument_count, char **arguments,
               std::unique_ptr<const image_scanner> (*make_images)(const std::string &backend));

// What the installed program scans with.
std::unique_ptr<const image_scanner> make_worker_images(const std::string &backend);

}  // namespace libmatch::detail
