# libgatun_cuda.so: a library of its own, opened only when a device is asked for. It holds CUDA's runtime and needs no driver
# to be loaded.

file(GLOB kernels CONFIGURE_DEPENDS cuda/*.cu cuda/grid/*.cu cuda/pass/*.cu)
add_library(gatun_cuda SHARED ${kernels} ${planned} ops/distribution/sizes.cpp
            ops/optimizer/factors.cpp)
target_include_directories(gatun_cuda PRIVATE include ${CMAKE_CURRENT_SOURCE_DIR})
# Only the kernels want nvcc, which compiles them once an architecture; the rest needs CUDA's headers.
set(entries cuda/device.cu cuda/program.cu cuda/streams.cu cuda/grid/program.cu cuda/grid/streams.cu
    cuda/pass/mirror.cu cuda/pass/pass.cu cuda/pass/replay.cu)
set_source_files_properties(${entries} PROPERTIES LANGUAGE CXX COMPILE_OPTIONS "-x;c++")
target_include_directories(gatun_cuda SYSTEM PRIVATE $<$<COMPILE_LANGUAGE:CXX>:${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES}>)
target_compile_definitions(gatun_cuda PRIVATE GATUN_BUILD)
target_compile_options(gatun_cuda PRIVATE $<$<COMPILE_LANGUAGE:CUDA>:${GATUN_CUDA_OPTIONS}>
                                          $<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off>)
target_link_options(gatun_cuda PRIVATE LINKER:--version-script=${exports} LINKER:-z,relro,-z,now,-z,nodelete
                    -static-libstdc++ -static-libgcc)
set_target_properties(gatun_cuda PROPERTIES LINK_DEPENDS ${exports} CUDA_VISIBILITY_PRESET hidden)
set(hash ${CMAKE_CURRENT_BINARY_DIR}/libgatun_cuda.so.sha256)
add_custom_command(
  TARGET gatun_cuda POST_BUILD
  COMMAND ${CMAKE_COMMAND} -E sha256sum libgatun_cuda.so > ${hash}
  WORKING_DIRECTORY $<TARGET_FILE_DIR:gatun_cuda>
  BYPRODUCTS ${hash}
  VERBATIM)
install(TARGETS gatun_cuda LIBRARY DESTINATION ${folder})
install(FILES ${hash} DESTINATION ${folder})
