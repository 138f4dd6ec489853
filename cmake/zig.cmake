# A toolchain for CMake: zig, for the target that FDPOLL_ZIG_TARGET names (scripts/prebuild.mjs gives all of these).
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES FDPOLL_ZIG FDPOLL_ZIG_TARGET FDPOLL_ZIG_TOOLS FDPOLL_ZIG_SYSTEM)

set(CMAKE_SYSTEM_NAME ${FDPOLL_ZIG_SYSTEM})
string(REGEX MATCH "^[^-]+" CMAKE_SYSTEM_PROCESSOR ${FDPOLL_ZIG_TARGET})
set(CMAKE_CXX_COMPILER ${FDPOLL_ZIG})
set(CMAKE_CXX_COMPILER_ARG1 "c++ -target ${FDPOLL_ZIG_TARGET}")
# CMake calls these by path alone: each is two words of zig's, in a script.
set(CMAKE_AR ${FDPOLL_ZIG_TOOLS}/ar)
set(CMAKE_RANLIB ${FDPOLL_ZIG_TOOLS}/ranlib)
# Of Apple's tools none is needed, but CMake looks for this one.
set(CMAKE_INSTALL_NAME_TOOL /bin/true)
set(CMAKE_OSX_SYSROOT "")
# Nothing of the machine that builds may get in.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE NEVER)
