// Deadlines of one poller in a heap, the earliest first. It knows nothing of kernels and of clocks:
// whoever waits asks Next, and takes with Pop what is due. Setting, removing and popping cost
// O(log n); nothing is allocated once the heap has grown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/clock.h"

namespace fdpoll {

class Timers {
 public:
  struct Due {
    int32_t slot = -1;
    int32_t count = 0;   // expirations, missed ones included
    bool again = false;  // it is periodic, and armed for its next time already
  };

  // Arms the timer of a slot, or arms it anew. `at` is a point in time, kForever for never; `every`
  // is its period, 0 for none. False when there is no memory: then it is as it was.
  bool Set(int32_t slot, Nanoseconds at, Nanoseconds every);
  void Remove(int32_t slot);
  // The earliest deadline; kForever when there is none.
  Nanoseconds Next() const { return heap_.empty() ? kForever : heap_.front().at; }
  // Takes the earliest, if it is due at `now`. Those of the same time come in the order of arming.
  bool Pop(Nanoseconds now, Due* out);
  size_t size() const { return heap_.size(); }

 private:
  struct Entry {
    Nanoseconds at;
    Nanoseconds every;
    uint64_t order;
    int32_t slot;

    bool Before(const Entry& other) const {
      return at != other.at ? at < other.at : order < other.order;
    }
  };

  void Place(size_t index, const Entry& entry);
  void Up(size_t index, const Entry& entry);
  void Down(size_t index, const Entry& entry);
  void RemoveAt(size_t index);

  std::vector<Entry> heap_;
  std::vector<int32_t> places_;  // by slot: its index in the heap, or -1
  uint64_t armed_ = 0;
};

}  // namespace fdpoll
