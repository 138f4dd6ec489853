// What this build was made by, for and with: facts of the compiler, not of the machine that it runs
// on.
#pragma once

#include <string>
#include <vector>

namespace fdpoll {

struct BuildInfo {
  std::string system;    // "linux", "darwin", "freebsd", "netbsd", "openbsd": as process.platform
  std::string arch;      // "x64", "arm64", "arm", ...: as process.arch; "unknown"
  std::string libc;      // compiled for: "glibc 2.17", "musl", "macOS 11.0", ...
  std::string compiler;  // "clang 20.1.2"
  std::string type;      // "release" when optimized, else "debug"
  // Overrides of config.h, and sanitizers.
  std::vector<const char*> flags;
};

BuildInfo ThisBuild();

}  // namespace fdpoll
