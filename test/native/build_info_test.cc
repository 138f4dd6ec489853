#include "core/build_info.h"

#include <algorithm>

#include "check.h"

using namespace fdpoll;

namespace {

bool StartsWith(const std::string& text, const char* start) {
  return text.rfind(start, 0) == 0;
}

void TheCompilerIsNamedWithThreeNumbers() {
  const std::string compiler = ThisBuild().compiler;
  CHECK(StartsWith(compiler, "clang ") || StartsWith(compiler, "gcc "));
  CHECK(std::count(compiler.begin(), compiler.end(), '.') == 2);
}

void TheSystemAndItsLibraryAreNamed() {
  const BuildInfo build = ThisBuild();
#ifdef __linux__
  CHECK(build.system == "linux");
  CHECK(StartsWith(build.libc, "glibc 2.") || build.libc == "musl");
#else
  CHECK(build.system != "linux" && !build.libc.empty());
#endif
  CHECK(!build.arch.empty());
  CHECK(build.type == "release" || build.type == "debug");
}

// A build without epoll is one of those that CI makes.
void OverridesAreFlags() {
  const std::vector<const char*> flags = ThisBuild().flags;
  const bool flagged = std::any_of(flags.begin(), flags.end(), [](const char* flag) {
    return std::string(flag) == "FDPOLL_DISABLE_EPOLL";
  });
#ifdef FDPOLL_DISABLE_EPOLL
  CHECK(flagged);
#else
  CHECK(!flagged);
#endif
}

}  // namespace

int main() {
  RUN(TheCompilerIsNamedWithThreeNumbers);
  RUN(TheSystemAndItsLibraryAreNamed);
  RUN(OverridesAreFlags);
}
