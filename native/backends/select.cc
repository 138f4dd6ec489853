// select(2). What the kernel does:
//   a. A descriptor is a bit in a set of FD_SETSIZE bits, so a greater one cannot be named at
//      all.
//   b. A hang-up makes a descriptor readable, an error both readable and writable; neither is
//      told apart from data.
//   c. One closed number fails the whole call with EBADF and does not say which: each has to be
//      looked at.
//   d. The three sets are overwritten by the answer.
#include "config.h"

#ifdef HAVE_SELECT

#include <sys/select.h>

#include <cerrno>
#include <mutex>
#include <vector>

#include "core/backends.h"
#include "core/os.h"
#include "core/syscall.h"
#include "core/wakeup.h"

namespace fdpoll {

extern const Traits kSelectTraits;
const Traits kSelectTraits = {
    /*name=*/"select",
    /*control=*/Call::kSelect,
    /*edge=*/false,
    /*kernel_one_shot=*/false,
    /*exclusive=*/false,
    /*priority=*/true,
    /*available=*/false,
    /*nanoseconds=*/true,
    /*pollable=*/false,
    /*keeps_closed=*/false,
    /*needs_identity=*/true,
    /*waits_on_copy=*/true,
};

namespace {

struct Sets {
  fd_set readable;
  fd_set writable;
  fd_set exceptional;

  Sets() {
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    FD_ZERO(&exceptional);
  }
};

// What the kernel is asked for.
struct AskedSets {
  Sets sets;
  std::vector<Token> tokens = std::vector<Token>(FD_SETSIZE);  // by descriptor
  int end = 0;  // the greatest descriptor asked for, plus one
};

void Put(fd_set* set, int fd, bool wanted) {
  if (wanted) {
    FD_SET(fd, set);
  } else {
    FD_CLR(fd, set);
  }
}

void ToKernel(Sets* sets, int fd, uint32_t interest) {
  Put(&sets->readable, fd, (interest & kReadable) != 0);
  Put(&sets->writable, fd, (interest & kWritable) != 0);
  Put(&sets->exceptional, fd, (interest & kPriority) != 0);
}

uint32_t FromKernel(const Sets& sets, int fd) {
  uint32_t flags = 0;
  if (FD_ISSET(fd, &sets.readable)) flags |= kReadable;
  if (FD_ISSET(fd, &sets.writable)) flags |= kWritable;
  if (FD_ISSET(fd, &sets.exceptional)) flags |= kPriority;
  return flags;
}

class Select final : public Backend {
 public:
  Status Open() {
    const Status status = wakeup_.Open();
    if (!status.ok()) return status;
    if (wakeup_.fd() >= FD_SETSIZE) return Status::Failed(Call::kSelect, ERANGE);
    ToKernel(&asked_.sets, wakeup_.fd(), kReadable);
    asked_.end = wakeup_.fd() + 1;
    return status;
  }

  const Traits& traits() const override { return kSelectTraits; }

  Status Add(int fd, uint32_t interest, Mode, Token token) override {
    const Result<os::FileFacts> facts = os::CheckPollable(fd, Call::kSelect);
    if (!facts.ok()) return facts.status;
    if (fd >= FD_SETSIZE) return Status::Failed(Call::kSelect, ERANGE);
    if (Watched(asked_, fd)) return Status::Failed(Call::kSelect, EEXIST);
    const std::lock_guard<std::mutex> lock(mutex_);
    asked_.tokens[static_cast<size_t>(fd)] = token;
    ToKernel(&asked_.sets, fd, interest);
    if (fd >= asked_.end) asked_.end = fd + 1;
    changed_ = true;
    return Status::Ok();
  }

  Status Modify(int fd, uint32_t interest, Mode, Token token) override {
    if (!Watched(asked_, fd)) return Status::Failed(Call::kSelect, ENOENT);
    const std::lock_guard<std::mutex> lock(mutex_);
    asked_.tokens[static_cast<size_t>(fd)] = token;
    ToKernel(&asked_.sets, fd, interest);
    changed_ = true;
    return Status::Ok();
  }

  void Remove(int fd) override {
    if (!Watched(asked_, fd)) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    ToKernel(&asked_.sets, fd, 0);
    while (asked_.end > wakeup_.fd() + 1 && !Watched(asked_, asked_.end - 1)) asked_.end--;
    changed_ = true;
  }

  WaitOutcome Wait(RawEvent* out, size_t capacity, Nanoseconds timeout) override {
    WaitOutcome outcome;
    TakeCopy();
    Sets ready = copy_.sets;
    const timespec time = ToTimespec(timeout);
    const int count = InterruptIsAnswer([&] {
      return ::pselect(copy_.end,
                       &ready.readable,
                       &ready.writable,
                       &ready.exceptional,
                       timeout == kForever ? nullptr : &time,
                       nullptr);
    });
    if (count == -EBADF) {
      outcome.count = FindClosed(out, capacity);
      return outcome;
    }
    if (count < 0) {
      if (count != -EINTR) outcome.status = Check(Call::kSelect, count);
      return outcome;
    }
    if (count == 0) return outcome;
    if (FD_ISSET(wakeup_.fd(), &ready.readable)) {
      FD_CLR(wakeup_.fd(), &ready.readable);
      wakeup_.Acknowledge();
      outcome.woken = true;
    }
    // On from after the last one reported, so that whoever did not fit comes first the next time.
    for (int step = 0; step < copy_.end && outcome.count < capacity; step++) {
      if (next_ >= copy_.end) next_ = 0;
      const int fd = next_++;
      const uint32_t flags = FromKernel(ready, fd);
      if (flags != 0) out[outcome.count++] = {copy_.tokens[static_cast<size_t>(fd)], flags, -1};
    }
    return outcome;
  }

  void Wake() override { wakeup_.Signal(); }
  int pollable_fd() const override { return -1; }
  bool Holds(int fd, uint32_t, Token) override { return fd < FD_SETSIZE && Watched(asked_, fd); }
  Status Renew() override { return Status::Ok(); }

 private:
  bool Watched(const AskedSets& asked, int fd) const {
    return fd < FD_SETSIZE && fd != wakeup_.fd() && FromKernel(asked.sets, fd) != 0;
  }

  // The only moment at which a thread that waits looks at what the owner changes.
  void TakeCopy() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!changed_) return;
    copy_ = asked_;
    changed_ = false;
  }

  size_t FindClosed(RawEvent* out, size_t capacity) const {
    size_t count = 0;
    for (int fd = 0; fd < copy_.end && count < capacity; fd++) {
      if (Watched(copy_, fd) && os::Describe(fd).status.error == EBADF) {
        out[count++] = {copy_.tokens[static_cast<size_t>(fd)], kGone, -1};
      }
    }
    return count;
  }

  Wakeup wakeup_;
  std::mutex mutex_;  // of asked_ and changed_: the owner alone writes asked_
  AskedSets asked_;
  bool changed_ = true;
  AskedSets copy_;  // the waiting thread's, like next_
  int next_ = 0;
};

}  // namespace

Result<std::unique_ptr<Backend>> OpenSelect();
Result<std::unique_ptr<Backend>> OpenSelect() {
  auto backend = std::make_unique<Select>();
  const Status status = backend->Open();
  if (!status.ok()) return status;
  return std::unique_ptr<Backend>(std::move(backend));
}

}  // namespace fdpoll

#endif
