// What stands in for the CUDA toolkit's header of this name where g++ compiles the kernels for the executor. A source
// sees what it would see of the toolkit: the function specifiers, the vector types, what device code may call, and
// the calls of the runtime that the backend makes. What is not here does not compile, so that nothing runs by chance.
#pragma once

#ifndef LIBMATCH_SIMT
#error "this header is for builds with LIBMATCH_SIMT; others take the CUDA toolkit's"
#endif

#include "simt/arithmetic.h"
#include "simt/atomics.h"
#include "simt/runtime.h"
#include "simt/thread.h"
#include "simt/types.h"
#include "simt/warp.h"
