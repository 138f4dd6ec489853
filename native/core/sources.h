// The sources of one Poller: pollable things that are not the caller's descriptors. Made with the
// first one, so that a poller without any pays for a null pointer.
//
//     timers     no descriptor: the next deadline bounds the Wait, or one alarm wakes whoever waits
//                for the poller's own descriptor
//     feeds      a descriptor each (feed.h): signals and processes
//     watches    one descriptor for all (watches.h)
//
// A source has a slot of the Poller's and a generation, as a registration has.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "core/alarm.h"
#include "core/feed.h"
#include "core/timers.h"
#include "core/watches.h"

namespace fdpoll {

enum class SourceKind : uint8_t { kNone, kTimer, kFeed, kWatch };

// A slot and its generation, as JavaScript holds them: in 53 bits. Negative: none.
using SourceId = int64_t;

// What has happened to a source and is to be told by one of the next batches.
struct Untold {
  int32_t slot;
  uint32_t generation;
  int32_t payload;
  bool last;  // the source ends with it
};

struct Sources {
  Timers timers;
  std::unordered_map<int32_t, std::unique_ptr<Feed>> feeds;  // by slot
  std::unique_ptr<Watches> watches;
  std::unordered_map<int32_t, std::vector<Change>> changes;  // by slot, until the next Wait
  std::deque<Untold> untold;
  bool changed = false;  // the watches' descriptor was readable

  Alarm alarm;
  Nanoseconds alarm_at = kForever;
  bool alarm_rang = false;
  Nanoseconds told_at = 0;  // when timers were told of last

  // More was due or untold than the batch had room for.
  bool left_over = false;
  bool turn = false;  // whose the next full batch is
};

}  // namespace fdpoll
