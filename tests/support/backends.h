// Backends by name, for the tests that all of them must pass: the library's own, and `simt`, which is the CUDA
// backend on the executor of tests/simt and no part of the library.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backend/backend.h"

namespace libmatch::test {

// Those of the library and, where it is built, "simt".
std::vector<std::string> all_backends();

// "simt" searches on all simulated devices (simt/executor.h: one, unless a test sets others), "simt:N" on one.
// "simt_tables" makes tables of every segment of an index, however short, and searches them for every batch.
std::shared_ptr<const detail::backend> open_any_backend(const std::string &name);

// The name as a test's name may hold it: "cuda:0" is "cuda_0".
std::string name_in_tests(std::string backend_name);

// Whether every thread of a kernel is simulated: tests then take smaller sizes.
bool is_simulated(const std::string &backend_name);

}  // namespace libmatch::test
