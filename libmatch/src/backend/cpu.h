#pragma once

#include <memory>

#include "backend/backend.h"
#include "core/cpu_features.h"

namespace libmatch::detail {

// The CPU with one instruction set, which must be one that can_run().
std::shared_ptr<const backend> make_cpu_backend(instruction_set set);

}  // namespace libmatch::detail
