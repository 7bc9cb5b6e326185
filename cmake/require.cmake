# libmatch_require(PACKAGE DEBIAN_PACKAGE): find_package for what must be there. Where it is not, the message says what
# to install: most who read it meet it in the output of `pip install`.
macro(libmatch_require package debian_package)
  find_package(${package} QUIET)
  libmatch_require_found(${package}_FOUND ${package} ${debian_package})
endmacro()

# The same for what was looked for in another way, with the result in the variable FOUND.
function(libmatch_require_found found name debian_package)
  if(NOT ${found})
    message(FATAL_ERROR "libmatch needs ${name}, which was not found. Debian: apt-get install ${debian_package}; "
                        "`./dev setup` installs all that is needed.")
  endif()
endfunction()
