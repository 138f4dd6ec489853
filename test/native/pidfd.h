// Whether there is what sources of processes need: Debian 12's valgrind has no pidfd_open(2), whatever the kernel has.
#pragma once

#include <unistd.h>

#include <cerrno>

#ifdef __linux__
#include <sys/syscall.h>
#endif

namespace fdpoll {

inline bool ProcessesAreTold() {
#ifdef __linux__
  constexpr long kPidfdOpen = 434;  // of every architecture; the C library may be older
  const long fd = ::syscall(kPidfdOpen, ::getpid(), 0);
  if (fd >= 0) ::close(static_cast<int>(fd));
  return fd >= 0 || errno != ENOSYS;
#else
  return true;
#endif
}

}  // namespace fdpoll
