// How macOS, FreeBSD, NetBSD, OpenBSD and libkqueue differ, so that backends/kqueue.cc need not
// know. The values were read off each system's own headers; test/native/kqueue_system_test.cc and
// the cross-compile checks hold them.
#pragma once

#include <fcntl.h>
#include <sys/types.h>
// After sys/types.h: NetBSD's and OpenBSD's need it.
#include <sys/event.h>
#include <sys/time.h>

#include <cstdint>

#include "core/backend.h"
#include "core/os_common.h"
#include "core/owned_fd.h"
#include "core/syscall.h"

namespace fdpoll::kq {

using Event = struct kevent;
using Filter = decltype(Event::filter);  // unsigned on NetBSD, where EVFILT_READ is 0

#ifdef __linux__
constexpr bool kEmulated = true;  // libkqueue
#else
constexpr bool kEmulated = false;
#endif

// Priority data by EVFILT_EXCEPT: macOS and OpenBSD. NetBSD and FreeBSD lack it; libkqueue has the
// number only.
#if defined(EVFILT_EXCEPT) && defined(NOTE_OOB) && !defined(__linux__)
constexpr bool kHasExcept = true;
constexpr Filter kExcept = EVFILT_EXCEPT;
constexpr unsigned kExceptNote = NOTE_OOB;
#else
constexpr bool kHasExcept = false;
constexpr Filter kExcept = EVFILT_READ;
constexpr unsigned kExceptNote = 0;
#endif

// kqueue1 is missing on macOS, and its header on NetBSD is another one: the portable pair of calls
// serves all.
inline Result<OwnedFd> Open() {
  OwnedFd queue(RetryOnInterrupt([] { return ::kqueue(); }));
  if (!queue.valid()) return Check(Call::kKqueue, queue.get());
  const int result = os::SetDescriptorFlag(queue.get(), FD_CLOEXEC);
  if (result < 0) return Check(Call::kFcntl, result);
  return queue;
}

// The token travels in udata, a pointer on all five.
static_assert(sizeof(void*) >= sizeof(Token), "the kqueue backend needs 64-bit pointers");

inline Token TokenOf(const Event& event) {
  return static_cast<Token>(reinterpret_cast<uintptr_t>(event.udata));
}

inline Event Make(uintptr_t ident, Filter filter, unsigned flags, unsigned notes, Token token) {
  Event event{};
  event.ident = ident;
  event.filter = filter;
  event.flags = static_cast<decltype(Event::flags)>(flags);
  event.fflags = static_cast<decltype(Event::fflags)>(notes);
  event.udata = reinterpret_cast<void*>(static_cast<uintptr_t>(token));
  return event;
}

// The counts are int, and size_t on NetBSD.
#ifdef __NetBSD__
using Count = size_t;
#else
using Count = int;
#endif

inline int Kevent(int queue,
                  const Event* changes,
                  size_t change_count,
                  Event* events,
                  size_t event_count,
                  const timespec* timeout) {
  return InterruptIsAnswer([&] {
    return ::kevent(queue,
                    changes,
                    static_cast<Count>(change_count),
                    events,
                    static_cast<Count>(event_count),
                    timeout);
  });
}

}  // namespace fdpoll::kq
