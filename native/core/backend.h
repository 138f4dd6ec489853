// The contract of a backend: a kernel mechanism that waits. One file each in backends/, chosen by
// name at run time.
//
// A backend knows the kernel and nothing else. The Poller (poller.h) owns registrations: it
// decides who is registered, parks descriptors with an empty interest, counts one-shots, throws
// stale events away and merges two events of one descriptor into one. So a backend is a pair of
// translators and these seven verbs:
//
//   traits       its name and what it can do
//   Add          start to watch a descriptor. EBADF for a closed number or O_PATH, EPERM for what
//                epoll refuses. The Poller never adds what it knows to be watched, so EEXIST only
//                says that the Poller's idea of who is registered and the kernel's differ. A
//                failed Add leaves nothing behind.
//   Modify       change interest or mode of what is watched; a condition that already holds fires
//                again. ENOENT when the number names another file now, EBADF when it names none;
//                where the kernel cannot tell (needs_identity) the Poller has looked. A failed
//                Modify changes nothing.
//   Remove       stop. Never fails: a descriptor that was closed behind our back has left
//                already, or cannot be removed, and then its events come with a stale token (see
//                Renew).
//   Wait         sleep until something happens, at most `timeout`; the only verb that may run on
//                another thread while the owner calls the others. It touches the kernel object
//                and `out`, nothing of the Poller. Where Traits say waits_on_copy it takes a copy
//                of what is asked for at its beginning, and changes take effect at the next Wait.
//   Wake         make the running or the next Wait return. The only verb that any thread may
//                call, at any time.
//   pollable_fd  a descriptor that becomes readable when Wait would return something, or -1.
//
// and two for descriptors that were closed behind our back, since no kernel can be asked to
// forget those:
//
//   Holds        whether the kernel object still watches the file that this number names now.
//                Given what it was registered with, since on some kernels the question itself
//                writes that again. Not asked where Traits say needs_identity.
//   Renew        replace the kernel object by an empty one behind the same pollable_fd. The
//                Poller adds again whatever is still alive. Where nothing can get stuck this is
//                never called.
//
// Promises, held on every backend by test/conformance:
//
//    1. Level-triggered by default; the other modes as in Traits; a mode that is lacking is
//       refused by the Poller with ENOTSUP, never faked. Edge events may be spurious and may
//       carry every flag that holds.
//    2. At most one event per descriptor and wait, none with an empty mask; nobody starves when
//       more is ready than one wait can carry.
//    3. HUP and ERR also set READABLE and WRITABLE as far as the interest asks for them, so that
//       a loop that looks at these two alone never spins. READ_CLOSED comes only with READABLE
//       interest and means that the peer sends no more, while unread bytes may remain;
//       WRITE_CLOSED only with WRITABLE.
//    4. Adding twice is EEXIST; modifying or removing what is unknown is ENOENT; a failed call
//       changes nothing.
//    5. Nanoseconds inside; never early; never rounded down to a spin; an interrupted wait goes
//       on.
//    6. Kernel events carry slot and generation, never the bare descriptor.
//    7. Removing a descriptor silences what is left of it in the current batch.
//    8. Wait harvests on any one thread; everything else happens on the owner's. Add, Modify and
//       Remove may be called meanwhile; Renew may not. Where Wait works on a copy the owner wakes
//       it after a change and waits until it has left the system call (core/harvester.h), since
//       a call that goes on would also keep a closed file open. Wake-ups coalesce, none is lost.
//    9. Every descriptor made here is close-on-exec.
//   10. An empty interest parks a descriptor: known to the Poller, absent from the kernel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/clock.h"
#include "core/status.h"

namespace fdpoll {

// Interest and event flags; the numbers are part of the public API.
enum Flags : uint32_t {
  kReadable = 1,
  kWritable = 2,
  kPriority = 4,
  kReadClosed = 8,
  kWriteClosed = 16,
  kError = 32,
  // Between backend and Poller only: the number names no file any more; and an ERR that may mean
  // more on a fifo.
  kGone = 1u << 30,
  kBareError = 1u << 31,
};
constexpr uint32_t kInterestMask = kReadable | kWritable | kPriority;

// What may be reported to an interest: the two closed flags belong to their directions, an error to
// everyone.
constexpr uint32_t AllowedFlags(uint32_t interest) {
  return kError | (interest & kInterestMask) | (interest & kReadable ? kReadClosed : 0u) |
         (interest & kWritable ? kWriteClosed : 0u);
}

struct Mode {
  bool edge = false;
  bool one_shot = false;
  bool exclusive = false;

  bool plain_level() const { return !edge && !one_shot && !exclusive; }
  bool operator==(const Mode& other) const {
    return edge == other.edge && one_shot == other.one_shot && exclusive == other.exclusive;
  }
};

using Token = uint64_t;
// Tokens of the Poller's own descriptors; the Poller never makes them (poller.cc).
constexpr Token kWakeToken = ~Token{0};
constexpr Token kInterruptToken = ~Token{0} - 1;
constexpr Token kAlarmToken = ~Token{0} - 2;
constexpr Token kWatchesToken = ~Token{0} - 3;

// What happened, in the kernel's order. Flags say what the kernel said; the Poller masks them by
// the interest.
struct RawEvent {
  Token token = 0;
  uint32_t flags = 0;
  // Bytes to read or connections to accept, -1 where the kernel does not tell.
  int32_t available = -1;
};

// Kernel facts in a form that code can ask; also what `backends()` shows.
struct Traits {
  const char* name;
  Call control;  // the call that a refusal of the Poller's own is blamed on
  bool edge;
  bool kernel_one_shot;  // the kernel disarms by itself; else the Poller does it, just as exactly
  bool exclusive;
  bool priority;
  bool available;
  bool nanoseconds;
  bool pollable;
  bool keeps_closed;    // a dup keeps a closed registration alive, so stale tokens mean Renew
  bool needs_identity;  // Holds cannot ask the kernel: the Poller compares (device, inode)
  bool waits_on_copy;   // a change reaches a running Wait only by interrupting it
};

struct WaitOutcome {
  Status status;  // EINTR is no failure: count 0, and the Poller goes on with the time that is left
  size_t count = 0;
  bool woken = false;  // Wake was called; it takes no room in `out`
  bool stuck = false;  // returned early with nothing to show for it: something dead keeps it awake
};

class Backend {
 public:
  virtual ~Backend() = default;
  virtual const Traits& traits() const = 0;
  virtual Status Add(int fd, uint32_t interest, Mode mode, Token token) = 0;
  virtual Status Modify(int fd, uint32_t interest, Mode mode, Token token) = 0;
  virtual void Remove(int fd) = 0;
  virtual WaitOutcome Wait(RawEvent* out, size_t capacity, Nanoseconds timeout) = 0;
  virtual void Wake() = 0;
  virtual int pollable_fd() const = 0;
  virtual bool Holds(int fd, uint32_t interest, Token token) = 0;
  virtual Status Renew() = 0;
};

}  // namespace fdpoll
