// kqueue(2), native and over libkqueue. What the kernel does:
//   a. Reading and writing are two filters with an event each; the Poller merges them.
//   b. Each change of a list succeeds or fails by itself; EV_RECEIPT makes every change report,
//      so that half a registration can be taken back. A list with receipts never carries events
//      off.
//   c. EV_DISPATCH disables the filter that fired, not its sibling. The sibling may fire once
//      more at the most; the Poller drops that, because the registration is spent.
//   d. EV_ADD on what is there already does not fire again for a condition that holds with
//      EV_CLEAR, and over libkqueue keeps the old udata. So every change of mode or interest is
//      EV_DELETE, then EV_ADD.
//   e. EV_EOF comes with bytes left; fflags carries the socket's error.
//   f. Closing a descriptor drops its filters, also while a dup lives on. Over libkqueue it does
//      not (it is epoll below), and such a leftover makes kevent return at once with nothing.
#include "config.h"

#ifdef HAVE_KQUEUE

#include "core/kqueue_system.h"
//
#include <algorithm>
#include <vector>

#include "core/backends.h"
#include "core/invariant.h"
#include "core/os.h"
#include "core/room.h"

namespace fdpoll {

extern const Traits kKqueueTraits;
const Traits kKqueueTraits = {
    /*name=*/"kqueue",
    /*control=*/Call::kKevent,
    /*edge=*/true,
    /*kernel_one_shot=*/true,
    /*exclusive=*/false,
    /*priority=*/kq::kHasExcept,
    /*available=*/true,
    /*nanoseconds=*/true,
    /*pollable=*/!kq::kEmulated,
    /*keeps_closed=*/kq::kEmulated,
    /*needs_identity=*/kq::kEmulated,
    /*waits_on_copy=*/false,
};

namespace {

constexpr size_t kFiltersMax = 3;
// An early return of libkqueue that is no rounding of its clock.
constexpr Nanoseconds kTooEarly = 5 * kMillisecond;

struct Changes {
  kq::Event list[kFiltersMax];
  size_t count = 0;

  void Put(int fd, kq::Filter filter, unsigned flags, unsigned notes, Token token) {
    list[count++] = kq::Make(static_cast<uintptr_t>(fd), filter, flags | EV_RECEIPT, notes, token);
  }
};

Changes ToKernel(int fd, uint32_t interest, unsigned flags, Token token) {
  Changes changes;
  if (interest & kReadable) changes.Put(fd, EVFILT_READ, flags, 0, token);
  if (interest & kWritable) changes.Put(fd, EVFILT_WRITE, flags, 0, token);
  if ((interest & kPriority) && kq::kHasExcept) {
    changes.Put(fd, kq::kExcept, flags, kq::kExceptNote, token);
  }
  return changes;
}

unsigned ToKernel(Mode mode) {
  return EV_ADD | EV_ENABLE | (mode.edge ? EV_CLEAR : 0u) | (mode.one_shot ? EV_DISPATCH : 0u);
}

uint32_t FromKernel(const kq::Event& event) {
  const bool end = (event.flags & EV_EOF) != 0;
  const uint32_t error = end && event.fflags != 0 ? kError | kReadable | kWritable : 0;
  if (event.filter == EVFILT_WRITE) return error | kWritable | (end ? kWriteClosed : 0u);
  if (kq::kHasExcept && event.filter == kq::kExcept) return error | kPriority;
  return error | kReadable | (end ? kReadClosed : 0u);
}

int32_t AvailableIn(const kq::Event& event) {
  if (event.filter != EVFILT_READ) return -1;
  return static_cast<int32_t>(std::min<int64_t>(std::max<int64_t>(event.data, 0), INT32_MAX));
}

class Kqueue final : public Backend {
 public:
  Status Open() { return Renew(); }

  const Traits& traits() const override { return kKqueueTraits; }

  Status Add(int fd, uint32_t interest, Mode mode, Token token) override {
    const Result<os::FileFacts> facts = os::CheckPollable(fd, Call::kKevent);
    if (!facts.ok()) return facts.status;
    // Left over from a number that was closed behind our back: EV_ADD would find it there and never
    // fire.
    if (kq::kEmulated) Remove(fd);
    Changes changes = ToKernel(fd, interest, ToKernel(mode), token);
    const int error = Apply(&changes);
    if (error == 0) return Status::Ok();
    Remove(fd);
    return Status::Failed(Call::kKevent, error);
  }

  Status Modify(int fd, uint32_t interest, Mode mode, Token token) override {
    // Deleting tells whether this number's filters were there: a number that was used again has
    // none.
    const int error = Delete(fd);
    if (error != 0) return Status::Failed(Call::kKevent, error);
    Changes changes = ToKernel(fd, interest, ToKernel(mode), token);
    return Status::Failed(Call::kKevent, Apply(&changes));
  }

  void Remove(int fd) override { static_cast<void>(Delete(fd)); }

  WaitOutcome Wait(RawEvent* out, size_t capacity, Nanoseconds timeout) override {
    WaitOutcome outcome;
    if (kernel_events_.size() < capacity) {
      if (!MakeRoom(&kernel_events_, capacity)) outcome.status = OutOfMemory();
      if (!outcome.status.ok()) return outcome;
      kernel_events_.resize(capacity);
    }
    const Deadline deadline(timeout);
    const timespec time = ToTimespec(timeout);
    const int count = kq::Kevent(queue_.get(),
                                 nullptr,
                                 0,
                                 kernel_events_.data(),
                                 capacity,
                                 timeout == kForever ? nullptr : &time);
    if (count < 0) {
      if (count != -EINTR) outcome.status = Check(Call::kKevent, count);
      return outcome;
    }
    outcome.status = CheckCount(Invariant::kEvents, count, capacity);
    if (!outcome.status.ok()) return outcome;
    if (kq::kEmulated && count == 0 && timeout > 0) outcome.stuck = deadline.Left() > kTooEarly;
    for (int i = 0; i < count; i++) {
      const kq::Event& event = kernel_events_[static_cast<size_t>(i)];
      if (event.filter == EVFILT_USER) {
        outcome.woken = true;
      } else if ((event.flags & EV_ERROR) == 0) {
        out[outcome.count++] = {kq::TokenOf(event), FromKernel(event), AvailableIn(event)};
      }
    }
    return outcome;
  }

  void Wake() override {
    const kq::Event trigger = kq::Make(0, EVFILT_USER, 0, NOTE_TRIGGER, kWakeToken);
    static_cast<void>(kq::Kevent(queue_.get(), &trigger, 1, nullptr, 0, nullptr));
  }

  int pollable_fd() const override { return kq::kEmulated ? -1 : queue_.get(); }

  bool Holds(int fd, uint32_t interest, Token token) override {
    // A change without a verb touches the filter and fails with ENOENT where there is none.
    Changes changes = ToKernel(fd, interest, 0, token);
    return Apply(&changes) == 0;
  }

  Status Renew() override {
    Result<OwnedFd> fresh = kq::Open();
    if (!fresh.ok()) return fresh.status;
    kq::Event waker = kq::Make(0, EVFILT_USER, EV_ADD | EV_CLEAR, 0, kWakeToken);
    const int result = kq::Kevent(fresh.value.get(), &waker, 1, nullptr, 0, nullptr);
    // What libkqueue says when it lacks the one more descriptor that this filter takes.
    if (kq::kEmulated && result == -EBADF) return Status::Failed(Call::kKqueue, EMFILE);
    if (result < 0) return Check(Call::kKevent, result);
    queue_ = std::move(fresh.value);
    return Status::Ok();
  }

 private:
  // 0 when at least one filter was there: ENOENT is the answer for those that were not asked for.
  int Delete(int fd) const {
    int error = ENOENT;
    for (const uint32_t interest : {kReadable, kWritable, kPriority}) {
      Changes change = ToKernel(fd, interest, EV_DELETE, 0);
      if (change.count == 0) continue;
      const int answer = Apply(&change);
      if (answer == 0 || error == ENOENT) error = error == 0 ? 0 : answer;
    }
    return error;
  }

  // Applies a list with receipts; the first errno that it met, or 0. EPIPE is no failure: macOS
  // says so of a pipe whose reader is gone already, and the filter is there all the same, with
  // EV_EOF.
  int Apply(Changes* changes) const {
    kq::Event receipts[kFiltersMax];
    const int count =
        kq::Kevent(queue_.get(), changes->list, changes->count, receipts, changes->count, nullptr);
    if (count < 0) return -count;
    int error = 0;
    for (int i = 0; i < count; i++) {
      const int answer =
          (receipts[i].flags & EV_ERROR) != 0 ? static_cast<int>(receipts[i].data) : 0;
      if (error == 0 && answer != EPIPE) error = answer;
    }
    return error;
  }

  OwnedFd queue_;
  std::vector<kq::Event> kernel_events_;
};

}  // namespace

Result<std::unique_ptr<Backend>> OpenKqueue();
Result<std::unique_ptr<Backend>> OpenKqueue() {
  auto backend = std::make_unique<Kqueue>();
  const Status status = backend->Open();
  if (!status.ok()) return status;
  return std::unique_ptr<Backend>(std::move(backend));
}

}  // namespace fdpoll

#endif
