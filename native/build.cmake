# Configures where needed, builds and installs; called by Maven:
#   cmake -DSOURCE=<root> -DBUILD=<folder> -DPREFIX=<resource folder> [-DONEDNN_ROOT=<oneDNN>] -P native/build.cmake
# An unchanged tree rebuilds nothing: CMake looks at its own inputs again by itself.

cmake_minimum_required(VERSION 3.22)

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " line)
    message(FATAL_ERROR "failed (${result}): ${line}")
  endif()
endfunction()

# A folder that was configured for another place (a moved or copied clone) is of no use.
if(EXISTS ${BUILD}/CMakeCache.txt)
  file(STRINGS ${BUILD}/CMakeCache.txt home REGEX "^CMAKE_HOME_DIRECTORY:INTERNAL=")
  if(NOT home STREQUAL "CMAKE_HOME_DIRECTORY:INTERNAL=${SOURCE}")
    file(REMOVE_RECURSE ${BUILD})
  endif()
endif()

if(NOT EXISTS ${BUILD}/CMakeCache.txt OR NOT (EXISTS ${BUILD}/build.ninja OR EXISTS ${BUILD}/Makefile))
  find_program(NINJA ninja)
  find_program(MAKE make)
  if(NINJA)
    set(generator Ninja)
  elseif(MAKE)
    set(generator "Unix Makefiles")
  else()
    message(FATAL_ERROR "neither ninja nor make was found: install one (Debian: apt-get install ninja-build)")
  endif()
  run(${CMAKE_COMMAND} -S ${SOURCE} -B ${BUILD} -G ${generator} -DCMAKE_INSTALL_PREFIX=${PREFIX}
      -DCMAKE_INSTALL_MESSAGE=LAZY)
endif()
# oneDNN's folder is named by a profile; without that profile what was built with it stays.
if(ONEDNN_ROOT)
  run(${CMAKE_COMMAND} -S ${SOURCE} -B ${BUILD} -DONEDNN_ROOT=${ONEDNN_ROOT})
endif()
cmake_host_system_information(RESULT cores QUERY NUMBER_OF_LOGICAL_CORES)
run(${CMAKE_COMMAND} --build ${BUILD} --parallel ${cores} --target install)
