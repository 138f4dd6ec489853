// Between interests and flags and the words of poll(2): for the backend and for readiness.cc.
#pragma once

#include "core/backend.h"
#include "core/os.h"

namespace fdpoll {

inline short ToPollEvents(uint32_t interest) {
  int events = 0;
  if (interest & kReadable) events |= POLLIN | os::kPollReadClosed;
  if (interest & kWritable) events |= POLLOUT;
  if (interest & kPriority) events |= POLLPRI;
  return static_cast<short>(events);
}

inline uint32_t FromPollEvents(int events) {
  uint32_t flags = 0;
  if (events & POLLIN) flags |= kReadable;
  if (events & POLLOUT) flags |= kWritable;
  if (events & POLLPRI) flags |= kPriority;
  if (events & os::kPollReadClosed) flags |= kReadable | kReadClosed;
  if (events & POLLHUP) flags |= kReadable | kReadClosed | kWritable | kWriteClosed;
  if (events & POLLERR) flags |= kReadable | kWritable | kError | kBareError;
  if (events & POLLNVAL) flags |= kGone;
  return flags;
}

}  // namespace fdpoll
