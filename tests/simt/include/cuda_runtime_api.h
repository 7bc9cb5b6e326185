// The part of the toolkit's header of this name that host code uses.
#pragma once

#include "simt/runtime.h"
#include "simt/types.h"
