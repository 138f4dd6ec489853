// What the addon asks of kqueue(2), where libkqueue has it on Linux. The failure of a change comes as its
// receipt, as a kernel tells it.
#pragma once

#include <time.h>

#include <cstdint>

#include "kinds.h"

struct KernelEvents {
  // struct kevent and the flags of libkqueue's sys/event.h, which need not be here.
  struct Event {
    uintptr_t ident;
    short filter;
    unsigned short flags;
    unsigned fflags;
    intptr_t data;
    void* udata;
  };
  static constexpr unsigned kAdd = 0x0001;
  static constexpr unsigned kDelete = 0x0002;
  static constexpr unsigned kError = 0x4000;

  using Function = int(int, const Event*, int, Event*, int, const timespec*);
  static inline Function* original = nullptr;

  static int Call(int queue,
                  const Event* changes,
                  int change_count,
                  Event* events,
                  int event_count,
                  const timespec* timeout) {
    if (change_count == 0) return Wait(queue, events, event_count, timeout);
    const Event& last = changes[change_count - 1];
    const bool adds = (last.flags & kAdd) != 0;
    // A wake-up and a look at what is there ask for nothing that a kernel could lack.
    const int verdict =
        adds || (last.flags & kDelete) ? Verdict(adds ? k_kevent_add : k_kevent_delete) : 0;
    const int count = original(queue, changes, change_count, events, event_count, timeout);
    if (verdict <= 0 || count < 0) return count;
    if (adds) {
      Event back = last;
      back.flags = kDelete;
      original(queue, &back, 1, nullptr, 0, nullptr);
    }
    if (event_count < change_count && Refused(verdict)) return -1;
    events[change_count - 1].flags |= kError;
    events[change_count - 1].data = verdict;
    return count;
  }

 private:
  static int Wait(int queue, Event* events, int event_count, const timespec* timeout) {
    const int verdict = Verdict(k_kevent_wait);
    if (Refused(verdict)) return -1;
    if (verdict == kLong) return event_count + 1;
    return original(queue, nullptr, 0, events, verdict == kShort ? 1 : event_count, timeout);
  }
};
