# Whether there is a compiler for CUDA, and what kernels are compiled with. Included by the topmost list: languages belong to
# all folders below the one that enables them.

set(missing "")
if(NOT GATUN_CUDA)
  set(missing "GATUN_CUDA is OFF")
elseif(GATUN_SANITIZE)
  set(missing "sanitizers do not know it")
elseif(CMAKE_CROSSCOMPILING)
  set(missing "it is not cross-compiled")
else()
  include(CheckLanguage)
  check_language(CUDA)
  if(NOT CMAKE_CUDA_COMPILER)
    set(missing "nvcc was not found")
  endif()
endif()
set(GATUN_HAS_CUDA OFF)
if(missing)
  message(STATUS "libgatun_cuda is left out: ${missing}")
  return()
endif()
set(GATUN_HAS_CUDA ON)

# Ampere, Hopper, Blackwell; what is newer or in between compiles the first one's PTX.
if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
  set(CMAKE_CUDA_ARCHITECTURES 80 90-real 100-real 120-real)
endif()
enable_language(CUDA)
set(CMAKE_CUDA_STANDARD 20)
if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION) # CMake 3.25 does not know that nvcc has it
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
  set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
endif()
set(CMAKE_CUDA_RUNTIME_LIBRARY Static)

# The bits of the CPU's kernels: nothing is contracted, everything rounds as IEEE says.
set(GATUN_CUDA_OPTIONS -fmad=false -prec-div=true -prec-sqrt=true -ftz=false --threads=0
                       -Xcompiler=-Wall,-Wextra,-ffp-contract=off)
if(GATUN_WERROR)
  list(APPEND GATUN_CUDA_OPTIONS -Werror=all-warnings)
endif()
