# Fails when an object of one level defines a weak symbol outside of the level's namespace: the linker would keep one
# copy for all levels, and a machine could run instructions that it lacks.

foreach(object IN LISTS OBJECTS)
  execute_process(COMMAND ${NM} -C --defined-only ${object} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE ";" "," symbols "${symbols}")
  string(REPLACE "\n" ";" symbols "${symbols}")
  foreach(symbol IN LISTS symbols)
    if(symbol MATCHES "^[0-9a-f]+ [VWuvw] (.*)$" AND NOT CMAKE_MATCH_1 MATCHES "gatun::${LEVEL}::")
      message(SEND_ERROR "${object}\n  shares '${CMAKE_MATCH_1}' with other levels: put it in namespace gatun::GATUN_ISA_LEVEL")
    endif()
  endforeach()
endforeach()
