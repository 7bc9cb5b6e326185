# The CUDA backend's sources: compiled by nvcc for the shared object, by the host's compiler for the executor of
# tests/simt.
set(LIBMATCH_CUDA_SOURCES backend.cpp device.cpp hits.cpp kernel_choice.cpp knn.cpp pairs.cpp range.cpp segment.cpp
  vectors.cpp)
list(TRANSFORM LIBMATCH_CUDA_SOURCES PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
