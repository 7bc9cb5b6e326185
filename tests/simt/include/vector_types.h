// The toolkit has its vector types in a header of this name, too.
#pragma once

#include "simt/types.h"
