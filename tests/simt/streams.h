// Streams: queues of what is to be done on a device, worked off at once or as late as CUDA allows.
#pragma once

#include <functional>

#include "simt/runtime.h"

namespace libmatch::simt {

// One thing that a stream does; its error becomes that of whoever waits.
using stream_work = std::function<cudaError_t()>;

// nullptr is the default stream of the calling thread's device.
cudaError_t put_in_stream(cudaStream_t stream, stream_work work);
int device_of_stream(cudaStream_t stream);
// Works off all that the stream holds.
cudaError_t wait_for_stream(cudaStream_t stream);
// Whether the calling thread is recording a stream: it may then neither allocate nor wait.
bool capturing();
bool captured(cudaStream_t stream);

}  // namespace libmatch::simt
