# The instruction set levels of the machine that is built for, and the flags of each; and finer ones, for which the few
# kernels are built again that gain by an instruction that not all machines of a level have.

include(CheckCXXCompilerFlag)

string(TOLOWER "${CMAKE_SYSTEM_NAME}" os)
string(TOLOWER "${CMAKE_SYSTEM_PROCESSOR}" processor)
if(processor MATCHES "^(x86_64|amd64)$")
  set(GATUN_PLATFORM ${os}-x86_64)
  set(GATUN_LEVELS baseline avx2 avx512)
  set(GATUN_LEVEL_baseline -march=x86-64)
  set(GATUN_LEVEL_avx2 -march=x86-64-v3)
  # Loops of tiles lose a few per cent where they begin anywhere else than at the beginning of a line of instructions.
  set(GATUN_LEVEL_avx512 -march=x86-64-v4 -mprefer-vector-width=512 -falign-loops=64)
  set(GATUN_FINER_LEVELS avx2_bytes avx512_bytes) # bytes are multiplied and added
  set(GATUN_LEVEL_avx2_bytes ${GATUN_LEVEL_avx2} -mavxvnni)
  set(GATUN_LEVEL_avx512_bytes ${GATUN_LEVEL_avx512} -mavx512vnni)
elseif(processor MATCHES "^(aarch64|arm64)$")
  set(GATUN_PLATFORM ${os}-aarch64)
  set(GATUN_LEVELS baseline neon)
  set(GATUN_LEVEL_baseline -march=armv8-a -DGATUN_PLAIN) # its compilers always have NEON
  set(GATUN_LEVEL_neon -march=armv8-a)
  set(GATUN_FINER_LEVELS neon_bytes)
  set(GATUN_LEVEL_neon_bytes -march=armv8.2-a+dotprod)
else()
  message(FATAL_ERROR "Gatun has no kernels for '${CMAKE_SYSTEM_PROCESSOR}': x86_64 and aarch64 are known")
endif()

foreach(level IN LISTS GATUN_LEVELS GATUN_FINER_LEVELS)
  list(JOIN GATUN_LEVEL_${level} " " flags)
  check_cxx_compiler_flag("${flags}" GATUN_COMPILES_${level})
  if(NOT GATUN_COMPILES_${level})
    message(FATAL_ERROR "${CMAKE_CXX_COMPILER} (${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}) does not know "
                        "'${flags}': use gcc 12, clang 14 or newer")
  endif()
endforeach()
