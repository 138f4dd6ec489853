#include "core/build_info.h"

#include <climits>  // any header of the C library brings its version along

#ifdef __APPLE__
#include <Availability.h>
#endif
#ifdef __NetBSD__
#include <sys/param.h>
#endif

#include "config.h"

namespace fdpoll {

namespace {

std::string Dotted(const char* name, int major, int minor) {
  return std::string(name) + " " + std::to_string(major) + "." + std::to_string(minor);
}

std::string System() {
#if defined(__linux__)
  return "linux";
#elif defined(__APPLE__)
  return "darwin";
#elif defined(__FreeBSD__)
  return "freebsd";
#elif defined(__NetBSD__)
  return "netbsd";
#else
  return "openbsd";
#endif
}

std::string Arch() {
#if defined(__x86_64__)
  return "x64";
#elif defined(__aarch64__)
  return "arm64";
#elif defined(__arm__)
  return "arm";
#elif defined(__i386__)
  return "ia32";
#elif defined(__riscv) && __riscv_xlen == 64
  return "riscv64";
#elif defined(__powerpc64__)
  return "ppc64";
#elif defined(__s390x__)
  return "s390x";
#elif defined(__loongarch64)
  return "loong64";
#else
  return "unknown";
#endif
}

std::string Libc() {
#if defined(__GLIBC__)
  return Dotted("glibc", __GLIBC__, __GLIBC_MINOR__);
#elif defined(__linux__)
  return "musl";  // it has no macro that tells
#elif defined(__APPLE__)
  constexpr int minimum = __MAC_OS_X_VERSION_MIN_REQUIRED;
  return Dotted("macOS", minimum / 10000, minimum / 100 % 100);
#elif defined(__FreeBSD__)
  return std::string("FreeBSD ") + std::to_string(__FreeBSD__);
#elif defined(__NetBSD__)
  return Dotted("NetBSD", __NetBSD_Version__ / 100000000, __NetBSD_Version__ / 1000000 % 100);
#else
  return "OpenBSD";
#endif
}

std::string Compiler() {
#if defined(__clang__)
  return Dotted("clang", __clang_major__, __clang_minor__) + "." +
         std::to_string(__clang_patchlevel__);
#elif defined(__GNUC__)
  return Dotted("gcc", __GNUC__, __GNUC_MINOR__) + "." + std::to_string(__GNUC_PATCHLEVEL__);
#else
  return "unknown";
#endif
}

std::vector<const char*> BuildFlags() {
  std::vector<const char*> flags;
#ifdef FDPOLL_DISABLE_EPOLL
  flags.push_back("FDPOLL_DISABLE_EPOLL");
#endif
#ifdef FDPOLL_DISABLE_KQUEUE
  flags.push_back("FDPOLL_DISABLE_KQUEUE");
#endif
#ifdef FDPOLL_DISABLE_POLL
  flags.push_back("FDPOLL_DISABLE_POLL");
#endif
#ifdef FDPOLL_DISABLE_SELECT
  flags.push_back("FDPOLL_DISABLE_SELECT");
#endif
#ifdef FDPOLL_DISABLE_INOTIFY
  flags.push_back("FDPOLL_DISABLE_INOTIFY");
#endif
#ifdef FDPOLL_DISABLE_EVENTFD
  flags.push_back("FDPOLL_DISABLE_EVENTFD");
#endif
#ifdef FDPOLL_LIBKQUEUE
  flags.push_back("FDPOLL_LIBKQUEUE");
#endif
#if defined(__SANITIZE_ADDRESS__)
  flags.push_back("address-sanitizer");
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
  flags.push_back("address-sanitizer");
#endif
#endif
  return flags;
}

}  // namespace

BuildInfo ThisBuild() {
#ifdef __OPTIMIZE__
  const char* type = "release";
#else
  const char* type = "debug";
#endif
  return {System(), Arch(), Libc(), Compiler(), type, BuildFlags()};
}

}  // namespace fdpoll
