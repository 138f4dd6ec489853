#include "core/wakeup.h"

#include <unistd.h>

#include "core/syscall.h"

namespace fdpoll {

Status Wakeup::Open() {
  return OpenWakeup(&read_end_, &write_end_);
}

void Wakeup::Signal() {
  if (pending_.exchange(true)) return;
  const uint64_t one = 1;
  const int target = write_end_.valid() ? write_end_.get() : read_end_.get();
  // A full pipe or counter is readable already, which is all that a wake-up is.
  static_cast<void>(RetryOnInterrupt([&] { return ::write(target, &one, sizeof(one)); }));
}

void Wakeup::Acknowledge() {
  uint64_t drained[8];
  static_cast<void>(RetryOnInterrupt([&] { return ::read(fd(), drained, sizeof(drained)); }));
  // Cleared after the read, not before: a Signal in between would be swallowed with the mark left
  // standing, and every later wake-up would be lost. This way it is part of the wake-up that is
  // being delivered.
  pending_.exchange(false);
}

}  // namespace fdpoll
