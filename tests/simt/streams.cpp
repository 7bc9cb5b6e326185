#include "streams.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "devices.h"
#include "simt/executor.h"

// What was recorded of a stream.
struct CUgraph_st {
  std::vector<libmatch::simt::stream_work> work;
};
struct CUgraphExec_st {
  std::vector<libmatch::simt::stream_work> work;
};

struct CUstream_st {
  int device = 0;
  // Ordered with the default stream.
  bool blocking = true;
  // Held while its work is done, by whoever does it.
  std::recursive_mutex working;
  std::mutex mutex;
  std::deque<libmatch::simt::stream_work> queue;
  std::unique_ptr<CUgraph_st> capture;
};

namespace {

// One recording of an event.
struct event_mark {
  std::atomic<bool> passed{false};
  cudaStream_t stream;
  std::chrono::steady_clock::time_point when;
};

}  // namespace

struct CUevent_st {
  std::mutex mutex;
  std::shared_ptr<event_mark> mark;
};

namespace libmatch::simt {
namespace {

struct all_streams {
  std::mutex mutex;
  std::map<cudaStream_t, std::unique_ptr<CUstream_st>> streams;
  std::map<int, std::unique_ptr<CUstream_st>> default_streams;
  // Kept until the end: another thread may be waiting for all streams, and no handle is ever that of two.
  std::vector<std::unique_ptr<CUstream_st>> destroyed;
};

all_streams &all() {
  static all_streams state;
  return state;
}

std::atomic<stream_order> order{stream_order::at_once};
// One at a time where streams wait for each other: whoever waits does the work of others.
std::recursive_mutex late_work;
thread_local int captures = 0;

cudaStream_t default_stream(int device) {
  const std::lock_guard lock(all().mutex);
  std::unique_ptr<CUstream_st> &stream = all().default_streams[device];
  if (stream == nullptr) {
    stream = std::make_unique<CUstream_st>();
    stream->device = device;
  }
  return stream.get();
}

bool is_default(cudaStream_t stream) {
  const std::lock_guard lock(all().mutex);
  const auto found = all().default_streams.find(stream->device);
  return found != all().default_streams.end() && found->second.get() == stream;
}

cudaStream_t resolved(cudaStream_t stream) { return stream == nullptr ? default_stream(current_device()) : stream; }

std::vector<cudaStream_t> streams_of(int device, bool blocking_alone) {
  std::vector<cudaStream_t> found;
  const std::lock_guard lock(all().mutex);
  for (const auto &[handle, stream] : all().streams) {
    if (stream->device == device && (stream->blocking || !blocking_alone)) {
      found.push_back(handle);
    }
  }
  return found;
}

// Works it off until it is empty or `enough` says so.
template <class condition>
cudaError_t work_off(cudaStream_t stream, condition enough) {
  std::unique_lock<std::recursive_mutex> alone;
  if (order == stream_order::late) {
    alone = std::unique_lock(late_work);
  }
  const std::lock_guard working(stream->working);
  cudaError_t first = cudaSuccess;
  while (!enough()) {
    stream_work work;
    {
      const std::lock_guard lock(stream->mutex);
      if (stream->queue.empty()) {
        break;
      }
      work = std::move(stream->queue.front());
      stream->queue.pop_front();
    }
    const cudaError_t error = work();
    first = first == cudaSuccess ? error : first;
  }
  return first;
}

cudaError_t work_off(cudaStream_t stream) {
  return work_off(stream, [] { return false; });
}

// Passed means done: whoever waits for the event works off its stream that far.
cudaError_t wait_for_mark(const std::shared_ptr<event_mark> &mark) {
  if (mark == nullptr || mark->passed) {
    return cudaSuccess;
  }
  return work_off(mark->stream, [&mark] { return mark->passed.load(); });
}

cudaError_t not_while_capturing(const char *what) {
  return captures == 0 ? cudaSuccess : reported(cudaErrorStreamCaptureUnsupported, what);
}

}  // namespace

bool capturing() { return captures != 0; }

bool captured(cudaStream_t stream) {
  const cudaStream_t into = resolved(stream);
  const std::lock_guard lock(into->mutex);
  return into->capture != nullptr;
}

int device_of_stream(cudaStream_t stream) { return stream == nullptr ? current_device() : stream->device; }

cudaError_t put_in_stream(cudaStream_t given, stream_work work) {
  if (const cudaError_t error = usable(); error != cudaSuccess) {
    return reported(error);
  }
  const cudaStream_t stream = resolved(given);
  if (stream->device != current_device()) {
    return reported(cudaErrorInvalidResourceHandle, "a stream is used while another device is current");
  }
  {
    const std::lock_guard lock(stream->mutex);
    if (stream->capture != nullptr) {
      stream->capture->work.push_back(std::move(work));
      return cudaSuccess;
    }
  }
  if (is_default(stream)) {
    // All that the blocking streams hold comes first, and what they are given later comes after.
    if (const cudaError_t error = not_while_capturing("the default stream is used while a stream is captured");
        error != cudaSuccess) {
      return error;
    }
    for (const cudaStream_t other : streams_of(stream->device, true)) {
      work_off(other);
    }
  } else if (stream->blocking) {
    work_off(default_stream(stream->device));
  }
  {
    const std::lock_guard lock(stream->mutex);
    stream->queue.push_back(std::move(work));
  }
  return order == stream_order::at_once ? (work_off(stream), cudaSuccess) : cudaSuccess;
}

cudaError_t wait_for_stream(cudaStream_t stream) { return work_off(resolved(stream)); }

void set_stream_order(stream_order value) { order = value; }

}  // namespace libmatch::simt

using namespace libmatch::simt;

cudaError_t cudaStreamCreate(cudaStream_t *stream) { return cudaStreamCreateWithFlags(stream, cudaStreamDefault); }

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned flags) {
  if (const cudaError_t error = usable(); error != cudaSuccess) {
    return reported(error);
  }
  if (flags > cudaStreamNonBlocking) {
    return reported(cudaErrorInvalidValue);
  }
  auto made = std::make_unique<CUstream_st>();
  made->device = current_device();
  made->blocking = flags == cudaStreamDefault;
  *stream = made.get();
  const std::lock_guard lock(all().mutex);
  all().streams.emplace(*stream, std::move(made));
  return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  {
    const std::lock_guard lock(all().mutex);
    if (all().streams.count(stream) == 0) {
      return reported(cudaErrorInvalidResourceHandle);
    }
  }
  // What it was given is still done.
  work_off(stream);
  const std::lock_guard lock(all().mutex);
  const auto found = all().streams.find(stream);
  if (found == all().streams.end()) {
    return reported(cudaErrorInvalidResourceHandle, "two threads destroy one stream");
  }
  all().destroyed.push_back(std::move(found->second));
  all().streams.erase(found);
  return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  if (const cudaError_t error = not_while_capturing("a stream is waited for while one is captured");
      error != cudaSuccess) {
    return error;
  }
  const cudaError_t error = wait_for_stream(stream);
  return error != cudaSuccess ? reported(error) : reported(usable());
}

cudaError_t cudaStreamQuery(cudaStream_t stream) {
  const cudaStream_t of = resolved(stream);
  const std::lock_guard lock(of->mutex);
  return of->queue.empty() ? reported(usable()) : cudaErrorNotReady;
}

cudaError_t cudaDeviceSynchronize() {
  if (const cudaError_t error = not_while_capturing("a device is waited for while a stream is captured");
      error != cudaSuccess) {
    return error;
  }
  if (device_count() == 0) {
    return reported(usable());
  }
  cudaError_t first = work_off(default_stream(current_device()));
  for (const cudaStream_t stream : streams_of(current_device(), false)) {
    const cudaError_t error = work_off(stream);
    first = first == cudaSuccess ? error : first;
  }
  return first != cudaSuccess ? reported(first) : reported(usable());
}

cudaError_t cudaEventCreate(cudaEvent_t *event) { return cudaEventCreateWithFlags(event, cudaEventDefault); }

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned) {
  if (const cudaError_t error = usable(); error != cudaSuccess) {
    return reported(error);
  }
  *event = std::make_unique<CUevent_st>().release();
  return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  const auto mark = std::make_shared<event_mark>();
  mark->stream = resolved(stream);
  {
    const std::lock_guard lock(event->mutex);
    event->mark = mark;
  }
  return put_in_stream(stream, [mark] {
    mark->when = std::chrono::steady_clock::now();
    mark->passed = true;
    return cudaSuccess;
  });
}

namespace {

std::shared_ptr<event_mark> mark_of(cudaEvent_t event) {
  const std::lock_guard lock(event->mutex);
  return event->mark;
}

}  // namespace

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  return put_in_stream(stream, [mark = mark_of(event)] { return wait_for_mark(mark); });
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  if (const cudaError_t error = not_while_capturing("an event is waited for while a stream is captured");
      error != cudaSuccess) {
    return error;
  }
  const cudaError_t error = wait_for_mark(mark_of(event));
  return error != cudaSuccess ? reported(error) : reported(usable());
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
  const auto mark = mark_of(event);
  return mark == nullptr || mark->passed ? cudaSuccess : cudaErrorNotReady;
}

cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t from, cudaEvent_t to) {
  const auto begin = mark_of(from);
  const auto end = mark_of(to);
  if (begin == nullptr || end == nullptr) {
    return reported(cudaErrorInvalidResourceHandle);
  }
  if (!begin->passed || !end->passed) {
    return cudaErrorNotReady;
  }
  *milliseconds = std::chrono::duration<float, std::milli>(end->when - begin->when).count();
  return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  if (stream == nullptr) {
    return reported(cudaErrorStreamCaptureUnsupported, "the default stream cannot be captured");
  }
  const std::lock_guard lock(stream->mutex);
  if (stream->capture != nullptr) {
    return reported(cudaErrorInvalidValue);
  }
  stream->capture = std::make_unique<CUgraph_st>();
  ++captures;
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph) {
  const std::lock_guard lock(stream->mutex);
  if (stream->capture == nullptr) {
    return reported(cudaErrorInvalidValue);
  }
  *graph = stream->capture.release();
  --captures;
  return cudaSuccess;
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus *status) {
  *status = stream != nullptr && captured(stream) ? cudaStreamCaptureStatusActive : cudaStreamCaptureStatusNone;
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *executable, cudaGraph_t graph, unsigned long long) {
  *executable = std::make_unique<CUgraphExec_st>(CUgraphExec_st{graph->work}).release();
  return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  for (const stream_work &work : executable->work) {
    if (const cudaError_t error = put_in_stream(stream, work); error != cudaSuccess) {
      return error;
    }
  }
  return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  delete executable;
  return cudaSuccess;
}
