#include "core/sigpipe.h"

#include <fcntl.h>

#include "core/os.h"
#include "core/syscall.h"

namespace fdpoll {

#ifdef F_SETNOSIGPIPE

// macOS and NetBSD send the signal to the process, so that a mask of this thread would not hold it
// off; they have a property of the open file instead.
SigpipeGuard::SigpipeGuard(int fd) : state_{fd} {
  state_.changed = RetryOnInterrupt([&] { return ::fcntl(fd, F_GETNOSIGPIPE, 0); }) == 0;
  if (state_.changed) RetryOnInterrupt([&] { return ::fcntl(fd, F_SETNOSIGPIPE, 1); });
}

SigpipeGuard::~SigpipeGuard() {
  if (state_.changed) RetryOnInterrupt([&] { return ::fcntl(state_.fd, F_SETNOSIGPIPE, 0); });
}

#else

namespace {

sigset_t OnlySigpipe() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  return set;
}

}  // namespace

// Linux, FreeBSD and OpenBSD send it to the thread that writes.
SigpipeGuard::SigpipeGuard(int fd) : state_{fd} {
  const sigset_t sigpipe = OnlySigpipe();
  sigset_t before;
  if (pthread_sigmask(SIG_BLOCK, &sigpipe, &before) != 0) return;
  state_.changed = sigismember(&before, SIGPIPE) == 0;
  if (state_.changed) return;
  // Blocked already: one may be pending that somebody waits for.
  sigset_t pending;
  state_.pending = sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

SigpipeGuard::~SigpipeGuard() {
  if (state_.broken && !state_.pending) os::TakePendingSignal(SIGPIPE);
  if (!state_.changed) return;
  const sigset_t sigpipe = OnlySigpipe();
  pthread_sigmask(SIG_UNBLOCK, &sigpipe, nullptr);
}

#endif

}  // namespace fdpoll
