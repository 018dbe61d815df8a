# libgatun_cuda_emulated.so: passes and step programs on a device that is this processor, for tests where there is no other. It is not
# installed. Its kernels are the device's own source, at a level that every machine that tests has.

set(level baseline)
if(avx2 IN_LIST GATUN_LEVELS)
  set(level avx2)
elseif(neon IN_LIST GATUN_LEVELS)
  set(level neon)
endif()
set(host cuda/device.cu cuda/program.cu cuda/streams.cu cuda/grid/program.cu cuda/grid/streams.cu cuda/pass/mirror.cu
    cuda/pass/pass.cu)
set_source_files_properties(${host} PROPERTIES LANGUAGE CXX COMPILE_OPTIONS "-x;c++")
file(GLOB emulated CONFIGURE_DEPENDS check/emulated/*.cpp)
add_library(gatun_cuda_emulated SHARED ${host} ${emulated} ${planned} ops/distribution/sizes.cpp
            ops/optimizer/factors.cpp)
target_include_directories(gatun_cuda_emulated BEFORE PRIVATE check/emulated)
target_compile_options(gatun_cuda_emulated PRIVATE ${GATUN_LEVEL_${level}})
target_compile_definitions(gatun_cuda_emulated PRIVATE GATUN_ISA_LEVEL=emulated)
target_link_libraries(gatun_cuda_emulated PRIVATE gatun_flags)
target_link_options(gatun_cuda_emulated PRIVATE LINKER:--version-script=${exports})
