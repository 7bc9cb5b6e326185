# Installs BUILD to FIRST and moves that to PREFIX: nothing installed may know where it was put.
file(REMOVE_RECURSE ${FIRST} ${PREFIX})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${FIRST} COMMAND_ERROR_IS_FATAL ANY)
file(RENAME ${FIRST} ${PREFIX})
if(EXISTS ${PREFIX}/bin/libmatch)
  execute_process(COMMAND ${PREFIX}/bin/libmatch backends COMMAND_ERROR_IS_FATAL ANY)
  # Its worker is found, too. A header of PNG and no more is a damaged image: exit status 3.
  file(WRITE ${PREFIX}/damaged.gif "GIF89a")
  execute_process(COMMAND ${PREFIX}/bin/libmatch hash --isolate ${PREFIX}/damaged.gif
                  RESULT_VARIABLE status ERROR_VARIABLE message)
  file(REMOVE ${PREFIX}/damaged.gif)
  if(NOT status EQUAL 3 OR NOT message MATCHES "gif: the file ends at byte 6")
    message(FATAL_ERROR "isolation by the installed command: ${status}: ${message}")
  endif()
endif()
