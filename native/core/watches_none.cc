#include "config.h"

#if defined(FDPOLL_SYSTEM_LINUX) && !defined(HAVE_INOTIFY)

#include <cerrno>

#include "core/watches.h"

namespace fdpoll {

Result<std::unique_ptr<Watches>> Watches::Open() {
  return Status::Failed(Call::kInotifyInit, ENOTSUP);
}

}  // namespace fdpoll

#endif
