# Installs BUILD to FIRST and moves that to PREFIX: nothing installed may know where it was put.
file(REMOVE_RECURSE ${FIRST} ${PREFIX})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${FIRST} COMMAND_ERROR_IS_FATAL ANY)
file(RENAME ${FIRST} ${PREFIX})
if(EXISTS ${PREFIX}/bin/libmatch)
  execute_process(COMMAND ${PREFIX}/bin/libmatch backends COMMAND_ERROR_IS_FATAL ANY)
endif()
