// The backend on the executor as a shared object, as the library opens it where $LM_CUDA_OBJECT names it; and beside
// the table what a program does with its own part of a device: memory, streams and graphs, by plain functions.
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "simt/executor.h"
#include "simt/runtime.h"

#define SIMULATED extern "C" __attribute__((visibility("default")))

namespace simt = libmatch::simt;

SIMULATED void *simulated_allocate(std::size_t bytes) {
  void *memory = nullptr;
  return cudaMalloc(&memory, bytes) == cudaSuccess ? memory : nullptr;
}

SIMULATED int simulated_release(void *memory) { return cudaFree(memory); }

// In the order of the stream; null is the default one. Either side may be the host.
SIMULATED int simulated_copy(void *to, const void *from, std::size_t bytes, void *stream) {
  return cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, static_cast<cudaStream_t>(stream));
}

SIMULATED void *simulated_make_stream() {
  cudaStream_t stream = nullptr;
  return cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking) == cudaSuccess ? stream : nullptr;
}

SIMULATED int simulated_end_stream(void *stream) { return cudaStreamDestroy(static_cast<cudaStream_t>(stream)); }

SIMULATED int simulated_wait(void *stream) { return cudaStreamSynchronize(static_cast<cudaStream_t>(stream)); }

SIMULATED int simulated_begin_capture(void *stream) {
  return cudaStreamBeginCapture(static_cast<cudaStream_t>(stream), cudaStreamCaptureModeGlobal);
}

SIMULATED void *simulated_end_capture(void *stream) {
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  if (cudaStreamEndCapture(static_cast<cudaStream_t>(stream), &graph) != cudaSuccess) {
    return nullptr;
  }
  cudaGraphInstantiate(&executable, graph);
  cudaGraphDestroy(graph);
  return executable;
}

SIMULATED int simulated_run_graph(void *graph, void *stream) {
  return cudaGraphLaunch(static_cast<cudaGraphExec_t>(graph), static_cast<cudaStream_t>(stream));
}

SIMULATED int simulated_end_graph(void *graph) { return cudaGraphExecDestroy(static_cast<cudaGraphExec_t>(graph)); }

// Streams do their work when they are waited for alone, or else at once.
SIMULATED void simulated_be_late(int late) {
  simt::set_stream_order(late != 0 ? simt::stream_order::late : simt::stream_order::at_once);
}

SIMULATED std::size_t simulated_allocations_asked() { return simt::allocations_asked(); }

// What went wrong on the device; empty where nothing did.
SIMULATED void simulated_take_failure(char *text, std::size_t size) {
  std::strncpy(text, simt::take_failure().c_str(), size - 1);
  text[size - 1] = '\0';
}
