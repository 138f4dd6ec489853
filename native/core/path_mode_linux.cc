#include "config.h"

#ifdef FDPOLL_SYSTEM_LINUX

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "core/path_mode.h"
#include "core/syscall.h"

namespace fdpoll::os {

namespace {

constexpr unsigned long kOpenBound = 0x89E0;  // SIOCUNIXFILE (linux/un.h)
constexpr long kFchmodat2 = 452;              // the same number on every machine
constexpr int kEmptyPath = 0x1000;            // AT_EMPTY_PATH

// chmod(2) of what an O_PATH descriptor names: fchmod() refuses those.
Status ChangeMode(int file, uint32_t mode) {
  char name[32];
  static_cast<void>(std::snprintf(name, sizeof(name), "/proc/self/fd/%d", file));
  int64_t result = RetryOnInterrupt([&] { return ::chmod(name, static_cast<mode_t>(mode)); });
  // Without /proc, by Linux 6.6.
  if (result == -ENOENT || result == -ENOTDIR) {
    result = RetryOnInterrupt(
        [&] { return ::syscall(kFchmodat2, file, "", static_cast<unsigned>(mode), kEmptyPath); });
  }
  return Check(Call::kChmod, result);
}

}  // namespace

Status SetPathMode(int fd, const char* path, uint32_t mode) {
  // The very file, wherever it was moved to since: for who has CAP_NET_ADMIN, Linux 4.14.
  const OwnedFd file(static_cast<int>(
      RetryOnInterrupt([&] { return ::syscall(SYS_ioctl, fd, kOpenBound, nullptr); })));
  return file.valid() ? ChangeMode(file.get(), mode) : SetPathModeByName(path, mode);
}

Status SetPathModeByName(const char* path, uint32_t mode) {
  const OwnedFd file(
      RetryOnInterrupt([&] { return ::open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC); }));
  if (!file.valid()) return Check(Call::kOpen, file.get());
  // Looked at and changed by the descriptor, so that both are of one file.
  struct stat facts {};
  const int found = RetryOnInterrupt([&] { return ::fstat(file.get(), &facts); });
  if (found < 0) return Check(Call::kFstat, found);
  const Status bound = CheckBoundPath(facts);
  return bound.ok() ? ChangeMode(file.get(), mode) : bound;
}

}  // namespace fdpoll::os

#endif
