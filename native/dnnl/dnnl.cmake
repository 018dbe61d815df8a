# libgatun_dnnl.so: products of training by oneDNN. A library of its own, opened only when asked for; oneDNN itself stays
# where it was found, and its folder is written into the library.

file(GLOB sources CONFIGURE_DEPENDS dnnl/*.cpp)
add_library(gatun_dnnl_once OBJECT ${sources}) # the checker looks inside
target_link_libraries(gatun_dnnl_once PUBLIC gatun_flags ${GATUN_ONEDNN_LIBRARY} gomp)
target_include_directories(gatun_dnnl_once SYSTEM PUBLIC ${GATUN_ONEDNN_INCLUDE})
add_library(gatun_dnnl SHARED)
target_link_libraries(gatun_dnnl PRIVATE gatun_dnnl_once)
get_filename_component(beside ${GATUN_ONEDNN_LIBRARY} DIRECTORY)
set_target_properties(gatun_dnnl PROPERTIES INSTALL_RPATH "$ORIGIN;${beside}" BUILD_WITH_INSTALL_RPATH ON
                                            LINK_DEPENDS ${exports})
target_link_options(gatun_dnnl PRIVATE LINKER:--version-script=${exports} LINKER:-z,relro,-z,now,-z,nodelete)
set(hash ${CMAKE_CURRENT_BINARY_DIR}/libgatun_dnnl.so.sha256)
add_custom_command(
  TARGET gatun_dnnl POST_BUILD
  COMMAND ${CMAKE_COMMAND} -E sha256sum libgatun_dnnl.so > ${hash}
  WORKING_DIRECTORY $<TARGET_FILE_DIR:gatun_dnnl>
  BYPRODUCTS ${hash}
  VERBATIM)
install(TARGETS gatun_dnnl LIBRARY DESTINATION ${folder})
install(FILES ${hash} DESTINATION ${folder})
