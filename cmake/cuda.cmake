# Whether the CUDA backend is built, and by which toolkit: LIBMATCH_CUDA=AUTO|ON|OFF. Sets LIBMATCH_BUILD_CUDA and
# enables the language.
set(LIBMATCH_CUDA "AUTO" CACHE STRING "Build the backend for NVIDIA GPUs: AUTO (where nvcc is found), ON or OFF")
set_property(CACHE LIBMATCH_CUDA PROPERTY STRINGS AUTO ON OFF)
set(LIBMATCH_BUILD_CUDA OFF)

# The system's nvcc, or that of the wheels in tools/requirements/cuda.txt, whose files lie in nvidia/cu13 of some
# Python's packages.
function(libmatch_find_nvcc out_nvcc)
  find_program(LIBMATCH_NVCC nvcc HINTS ENV CUDA_PATH ENV CUDA_HOME PATHS /usr/local/cuda PATH_SUFFIXES bin)
  if(NOT LIBMATCH_NVCC)
    file(GLOB folders ${PROJECT_SOURCE_DIR}/build/cuda-venv/lib/python*/site-packages)
    find_package(Python3 QUIET COMPONENTS Interpreter)
    if(Python3_Interpreter_FOUND)
      list(APPEND folders ${Python3_SITELIB} ${Python3_SITEARCH})
    endif()
    find_program(LIBMATCH_NVCC nvcc PATHS ${folders} PATH_SUFFIXES nvidia/cu13/bin NO_DEFAULT_PATH)
  endif()
  mark_as_advanced(LIBMATCH_NVCC)
  set(${out_nvcc} ${LIBMATCH_NVCC} PARENT_SCOPE)
endfunction()

if(LIBMATCH_CUDA)
  if(NOT CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX})
    libmatch_find_nvcc(nvcc)
    if(nvcc)
      set(CMAKE_CUDA_COMPILER ${nvcc} CACHE FILEPATH "nvcc")
    endif()
  endif()
  # Named one by one in cuda/CMakeLists.txt: not all of them have names that CMake knows.
  set(CMAKE_CUDA_ARCHITECTURES OFF)
  if(NOT CMAKE_CUDA_HOST_COMPILER)
    set(CMAKE_CUDA_HOST_COMPILER ${CMAKE_CXX_COMPILER})
  endif()
  if(CMAKE_CUDA_COMPILER OR DEFINED ENV{CUDACXX})
    enable_language(CUDA)
    if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)
      # CMake 3.25 does not know that nvcc does.
      set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
    endif()
    set(CMAKE_CUDA_STANDARD 20)
    set(CMAKE_CUDA_STANDARD_REQUIRED ON)
    set(CMAKE_CUDA_EXTENSIONS OFF)
    set(LIBMATCH_BUILD_CUDA ON)
  elseif(NOT LIBMATCH_CUDA STREQUAL "AUTO")
    message(FATAL_ERROR "LIBMATCH_CUDA=ON needs nvcc, which was not found. Install NVIDIA's toolkit 13.0, or its wheels: "
                        "pip install -r tools/requirements/cuda.txt; or name it: -DCMAKE_CUDA_COMPILER=PATH")
  endif()
endif()
