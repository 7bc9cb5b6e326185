# The CUDA backend's sources: compiled by nvcc for the shared object, by the host's compiler for the executor of
# tests/simt.
set(LIBMATCH_CUDA_SOURCES backend.cpp bucket_sort.cpp buckets.cpp device.cpp hits.cpp kernel_choice.cpp keypoints.cpp knn.cpp
  pairs.cpp pdq.cpp range.cpp segment.cpp vectors.cpp view.cpp)
list(TRANSFORM LIBMATCH_CUDA_SOURCES PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
# Of the library: the tables that hashing goes by.
list(APPEND LIBMATCH_CUDA_SOURCES
  ${CMAKE_CURRENT_LIST_DIR}/../libmatch/src/hash/orientation.cpp
  ${CMAKE_CURRENT_LIST_DIR}/../libmatch/src/hash/pdq_coefficients.cpp)
