// A descriptor that becomes readable at a point in time: a timerfd, or a queue of its own with one
// EVFILT_TIMER. One serves all timers of a poller, and only while somebody else waits for the
// poller's descriptor: a Wait of its own is bounded by the next deadline instead.
#pragma once

#include "core/clock.h"
#include "core/owned_fd.h"
#include "core/status.h"

namespace fdpoll {

class Alarm {
 public:
  Status Open();
  void Close() { fd_.Reset(); }
  bool is_open() const { return fd_.valid(); }
  // To be watched for reading; level-triggered.
  int fd() const { return fd_.get(); }
  // Readable from that time on, and not before; kForever for never. Replaces what was set.
  Status Set(Nanoseconds at);

 private:
  OwnedFd fd_;
};

}  // namespace fdpoll
