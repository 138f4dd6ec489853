// The waker's descriptor: an eventfd where there is one, else a pipe. Signalled from any thread,
// watched and acknowledged by the backend that owns it.
#pragma once

#include <atomic>

#include "core/owned_fd.h"
#include "core/status.h"

namespace fdpoll {

class Wakeup {
 public:
  Status Open();
  // The descriptor to watch for reading.
  int fd() const { return read_end_.get(); }
  // From any thread. Calls between two acknowledgements make one system call and one wake-up.
  void Signal();
  // From the thread that waits, once the descriptor was seen to be readable.
  void Acknowledge();

 private:
  OwnedFd read_end_;
  OwnedFd write_end_;  // invalid for an eventfd, which is its own
  std::atomic<bool> pending_{false};
};

// One of wakeup_eventfd.cc and wakeup_pipe.cc: leaves `write_end` invalid when one descriptor
// serves both ways.
Status OpenWakeup(OwnedFd* read_end, OwnedFd* write_end);

}  // namespace fdpoll
