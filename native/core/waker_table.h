// The wakers of every poller of the process, so that a thread can wake another one's poller by a
// plain number: an id that is never given out twice, no descriptor. Once the poller is gone it
// finds nothing.
#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "core/poller.h"

namespace fdpoll {

class WakerTable {
 public:
  // The one of this process: the exception to "no globals", since threads share nothing else. Never
  // destroyed, because threads may still wake while the process exits.
  static WakerTable& OfProcess();

  int64_t Insert(Poller* poller);
  // After this returns, no thread is inside that poller's Wake.
  void Remove(int64_t handle);
  // From any thread. False when the poller is gone.
  bool Wake(int64_t handle);

 private:
  std::mutex mutex_;
  std::unordered_map<int64_t, Poller*> pollers_;
  int64_t last_ = 0;
};

}  // namespace fdpoll
