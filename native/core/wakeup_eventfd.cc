#include "config.h"

#ifdef HAVE_EVENTFD

#include <sys/eventfd.h>

#include "core/syscall.h"
#include "core/wakeup.h"

namespace fdpoll {

Status OpenWakeup(OwnedFd* read_end, OwnedFd* write_end) {
  const int fd = RetryOnInterrupt([] { return ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); });
  if (fd < 0) return Check(Call::kEventfd, fd);
  read_end->Reset(fd);
  write_end->Reset();
  return Status::Ok();
}

}  // namespace fdpoll

#endif
