// epoll(7). What the kernel does:
//   a. A registration belongs to the open file *and* the number. It dies when the last descriptor
//      of the file is closed, so a dup keeps it alive after the number was closed, and then no
//      epoll_ctl can reach it: only a new epoll set ends its events.
//   b. EPOLLHUP and EPOLLERR are reported whether asked for or not; EPOLLRDHUP only when asked
//      for.
//   c. EPOLL_CTL_MOD looks at the condition again, so it fires in every mode if the condition
//      holds.
//   d. EPOLLEXCLUSIVE (4.5) goes with IN, OUT and ET only and refuses EPOLL_CTL_MOD for ever:
//      EINVAL both times.
//   e. epoll_pwait2 (5.11) takes nanoseconds. Old container filters answer EPERM to a number they
//      do not know.
#include "config.h"

#ifdef HAVE_EPOLL

#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vector>

#include "core/backends.h"
#include "core/invariant.h"
#include "core/os.h"
#include "core/room.h"
#include "core/syscall.h"
#include "core/wakeup.h"

namespace fdpoll {

extern const Traits kEpollTraits;
const Traits kEpollTraits = {
    /*name=*/"epoll",
    /*control=*/Call::kEpollCtl,
    /*edge=*/true,
    /*kernel_one_shot=*/true,
    /*exclusive=*/true,
    /*priority=*/true,
    /*available=*/false,
    /*nanoseconds=*/true,
    /*pollable=*/true,
    /*keeps_closed=*/true,
    /*needs_identity=*/false,
    /*waits_on_copy=*/false,
};

namespace {

// By number, since glibc has had the call only from 2.35 on; the number is the same on every
// architecture.
constexpr long kEpollPwait2 = 441;

// The kernel's own timespec, 64 bits wide everywhere: the libc's is short on 32-bit systems.
struct KernelTimespec {
  int64_t seconds;
  int64_t nanoseconds;
};

uint32_t ToKernel(uint32_t interest, Mode mode) {
  uint32_t events = 0;
  if (interest & kReadable) events |= EPOLLIN;
  // Not with WRITABLE alone: a half-closed peer would keep such a registration awake for ever.
  if ((interest & kReadable) && !mode.exclusive) events |= EPOLLRDHUP;
  if (interest & kWritable) events |= EPOLLOUT;
  if (interest & kPriority) events |= EPOLLPRI;
  if (mode.edge) events |= EPOLLET;
  if (mode.one_shot) events |= EPOLLONESHOT;
  if (mode.exclusive) events |= EPOLLEXCLUSIVE;
  return events;
}

uint32_t FromKernel(uint32_t events) {
  uint32_t flags = 0;
  if (events & EPOLLIN) flags |= kReadable;
  if (events & EPOLLOUT) flags |= kWritable;
  if (events & EPOLLPRI) flags |= kPriority;
  if (events & EPOLLRDHUP) flags |= kReadable | kReadClosed;
  if (events & EPOLLHUP) flags |= kReadable | kReadClosed | kWritable | kWriteClosed;
  if (events & EPOLLERR) flags |= kReadable | kWritable | kError | kBareError;
  return flags;
}

class Epoll final : public Backend {
 public:
  Status Open() {
    Result<OwnedFd> set = OpenSet();
    if (!set.ok()) return set.status;
    const Status status = wakeup_.Open();
    if (!status.ok()) return status;
    set_ = std::move(set.value);
    return WatchWakeup(set_.get());
  }

  const Traits& traits() const override { return kEpollTraits; }

  Status Add(int fd, uint32_t interest, Mode mode, Token token) override {
    return Control(set_.get(), EPOLL_CTL_ADD, fd, ToKernel(interest, mode), token);
  }

  Status Modify(int fd, uint32_t interest, Mode mode, Token token) override {
    return Control(set_.get(), EPOLL_CTL_MOD, fd, ToKernel(interest, mode), token);
  }

  void Remove(int fd) override {
    // EBADF and ENOENT mean (a): gone already, or out of reach.
    static_cast<void>(Control(set_.get(), EPOLL_CTL_DEL, fd, 0, 0));
  }

  WaitOutcome Wait(RawEvent* out, size_t capacity, Nanoseconds timeout) override {
    WaitOutcome outcome;
    if (kernel_events_.size() < capacity) {
      if (!MakeRoom(&kernel_events_, capacity)) outcome.status = OutOfMemory();
      if (!outcome.status.ok()) return outcome;
      kernel_events_.resize(capacity);
    }
    const int count = KernelWait(static_cast<int>(capacity), timeout);
    if (count < 0) {
      if (count != -EINTR) outcome.status = Check(Call::kEpollWait, count);
      return outcome;
    }
    outcome.status = CheckCount(Invariant::kEvents, count, capacity);
    if (!outcome.status.ok()) return outcome;
    for (int i = 0; i < count; i++) {
      const epoll_event& event = kernel_events_[static_cast<size_t>(i)];
      if (event.data.u64 == kWakeToken) {
        wakeup_.Acknowledge();
        outcome.woken = true;
        continue;
      }
      out[outcome.count++] = {event.data.u64, FromKernel(event.events), -1};
    }
    return outcome;
  }

  void Wake() override { wakeup_.Signal(); }

  int pollable_fd() const override { return set_.get(); }

  // Adding asks the kernel without changing anything: EEXIST is the answer "yes".
  bool Holds(int fd, uint32_t, Token) override {
    const Status status = Control(set_.get(), EPOLL_CTL_ADD, fd, 0, kWakeToken);
    if (status.ok()) Remove(fd);
    return status.error == EEXIST;
  }

  Status Renew() override {
    const Result<OwnedFd> fresh = OpenSet();
    if (!fresh.ok()) return fresh.status;
    const Status status = WatchWakeup(fresh.value.get());
    if (!status.ok()) return status;
    return os::Replace(fresh.value.get(), set_.get());
  }

 private:
  static Result<OwnedFd> OpenSet() {
    const int fd = RetryOnInterrupt([] { return ::epoll_create1(EPOLL_CLOEXEC); });
    if (fd < 0) return Check(Call::kEpollCreate, fd);
    return OwnedFd(fd);
  }

  static Status Control(int set, int operation, int fd, uint32_t events, Token token) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = token;
    return Check(Call::kEpollCtl,
                 RetryOnInterrupt([&] { return ::epoll_ctl(set, operation, fd, &event); }));
  }

  Status WatchWakeup(int set) const {
    return Control(set, EPOLL_CTL_ADD, wakeup_.fd(), EPOLLIN, kWakeToken);
  }

  int KernelWait(int capacity, Nanoseconds timeout) {
    if (has_pwait2_) {
      const Nanoseconds clamped = timeout < kLongestWait ? timeout : kLongestWait;
      const KernelTimespec time = {clamped / kSecond, clamped % kSecond};
      const int count = static_cast<int>(InterruptIsAnswer([&] {
        return ::syscall(kEpollPwait2,
                         set_.get(),
                         kernel_events_.data(),
                         capacity,
                         timeout == kForever ? nullptr : &time,
                         nullptr,
                         0);
      }));
      if (count != -ENOSYS && count != -EPERM) return count;
      has_pwait2_ = false;
    }
    return InterruptIsAnswer([&] {
      return ::epoll_wait(set_.get(),
                          kernel_events_.data(),
                          capacity,
                          timeout == kForever ? -1 : ToMillisecondsUp(timeout));
    });
  }

  OwnedFd set_;
  Wakeup wakeup_;
  std::vector<epoll_event> kernel_events_;
  bool has_pwait2_ = true;
};

}  // namespace

Result<std::unique_ptr<Backend>> OpenEpoll();
Result<std::unique_ptr<Backend>> OpenEpoll() {
  auto backend = std::make_unique<Epoll>();
  const Status status = backend->Open();
  if (!status.ok()) return status;
  return std::unique_ptr<Backend>(std::move(backend));
}

}  // namespace fdpoll

#endif
