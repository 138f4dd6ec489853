// The end of a process: any one that this process can see, not only children. Nothing is reaped, so
// whoever waits for its children goes on doing so.
#pragma once

#include <sys/wait.h>

#include <cstdint>
#include <memory>

#include "core/feed.h"
#include "core/status.h"

namespace fdpoll {

// What the feed of a process tells: its exit code, from 0 to 255; kKilledBy and the signal that
// ended it; or that the system does not tell.
constexpr int32_t kExitUnknown = -1;
constexpr int32_t kKilledBy = 256;

inline int32_t ToPayload(int wait_status) {
  return WIFSIGNALED(wait_status) ? kKilledBy + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

// ESRCH when there is no such process (any more); one that has ended and was not waited for yet
// tells so at once. EINVAL for what is no process id; on Linux also for a thread that is not the
// first of its process. ENOSYS before Linux 5.3.
Result<std::unique_ptr<Feed>> OpenProcess(int pid);

}  // namespace fdpoll
