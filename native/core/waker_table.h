// The wakers of every poller of the process, so that a thread can wake another one's poller by a
// plain number. A waker's handle is an id with a generation, never a descriptor: once the poller is
// gone it finds nothing.
#pragma once

#include <cstdint>
#include <mutex>

#include "core/poller.h"
#include "core/slot_table.h"

namespace fdpoll {

class WakerTable {
 public:
  // The one of this process: the exception to "no globals", since threads share nothing else. Never
  // destroyed, because threads may still wake while the process exits.
  static WakerTable& OfProcess();

  int32_t Insert(Poller* poller);  // -1 when the table is full
  // After this returns, no thread is inside that poller's Wake.
  void Remove(int32_t handle);
  // From any thread. False when the poller is gone.
  bool Wake(int32_t handle);

 private:
  std::mutex mutex_;
  SlotTable<Poller*> pollers_;
};

}  // namespace fdpoll
