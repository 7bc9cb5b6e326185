# What `cmake --install` puts where: headers, library, command line, find_package and pkg-config files.
include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/libmatch)
install(TARGETS libmatch EXPORT libmatch-targets COMPONENT libmatch)
install(TARGETS libmatch_worker RUNTIME DESTINATION ${LIBMATCH_WORKER_DESTINATION} COMPONENT libmatch)
install(DIRECTORY libmatch/include/libmatch DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT libmatch
        FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")
if(LIBMATCH_BUILD_CUDA)
  install(TARGETS libmatch_cuda LIBRARY DESTINATION ${LIBMATCH_CUDA_DESTINATION} COMPONENT libmatch)
endif()
if(LIBMATCH_CLI)
  install(TARGETS libmatch_command COMPONENT libmatch)
endif()
install(EXPORT libmatch-targets NAMESPACE libmatch:: DESTINATION ${package_folder} COMPONENT libmatch)

configure_package_config_file(libmatch/libmatch-config.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/libmatch-config.cmake
                              INSTALL_DESTINATION ${package_folder}
                              NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
# Before 1.0 a minor version may change the ABI, as the SONAME says.
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/libmatch-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/libmatch-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/libmatch-config-version.cmake
        DESTINATION ${package_folder} COMPONENT libmatch)

# Paths relative to the file itself, so that the installed tree can be moved.
file(RELATIVE_PATH LIBMATCH_PREFIX_FROM_PC /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" LIBMATCH_PREFIX_FROM_PC ${LIBMATCH_PREFIX_FROM_PC})
if(NOT BUILD_SHARED_LIBS)
  set(LIBMATCH_PC_REQUIRES "tbb libcrypto libjpeg libpng libtiff-4 libwebp libwebpdemux expat sqlite3")
  set(LIBMATCH_PC_LIBS "-lgif -lstdc++ -lm -pthread")
endif()
configure_file(libmatch/libmatch.pc.in ${CMAKE_CURRENT_BINARY_DIR}/libmatch.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/libmatch.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
        COMPONENT libmatch)
