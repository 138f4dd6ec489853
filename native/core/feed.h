// A source that has a descriptor of its own: a signal (signals.h) or a process (process.h).
#pragma once

#include <cstdint>

namespace fdpoll {

class Feed {
 public:
  Feed() = default;
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;
  virtual ~Feed() = default;

  // Readable while there is something to take; to be watched level-triggered.
  virtual int fd() const = 0;
  // It tells something once, and is over.
  virtual bool once() const = 0;
  // What there is to tell, as one number. False when there is nothing. Never blocks.
  virtual bool Take(int32_t* payload) = 0;
};

}  // namespace fdpoll
