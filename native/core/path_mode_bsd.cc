#include "config.h"

#ifdef FDPOLL_SYSTEM_BSD

#include <fcntl.h>
#include <sys/stat.h>

#include "core/path_mode.h"
#include "core/syscall.h"

namespace fdpoll::os {

Status SetPathMode(int, const char* path, uint32_t mode) {
  return SetPathModeByName(path, mode);
}

// Between the two calls it may be exchanged, but never for a symbolic link.
Status SetPathModeByName(const char* path, uint32_t mode) {
  struct stat facts {};
  const int found = RetryOnInterrupt([&] { return ::lstat(path, &facts); });
  if (found < 0) return Check(Call::kChmod, found);
  const Status bound = CheckBoundPath(facts);
  if (!bound.ok()) return bound;
  return Check(Call::kChmod, RetryOnInterrupt([&] {
                 return ::fchmodat(AT_FDCWD, path, static_cast<mode_t>(mode), AT_SYMLINK_NOFOLLOW);
               }));
}

}  // namespace fdpoll::os

#endif
