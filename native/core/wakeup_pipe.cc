#include "config.h"

#ifndef HAVE_EVENTFD

#include "core/os.h"
#include "core/wakeup.h"

namespace fdpoll {

Status OpenWakeup(OwnedFd* read_end, OwnedFd* write_end) {
  OwnedFd ends[2];
  const Status status = os::OpenPipe(ends);
  if (!status.ok()) return status;
  *read_end = std::move(ends[0]);
  *write_end = std::move(ends[1]);
  return status;
}

}  // namespace fdpoll

#endif
