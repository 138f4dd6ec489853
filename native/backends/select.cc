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
    ToKernel(&asked_, wakeup_.fd(), kReadable);
    end_ = wakeup_.fd() + 1;
    return status;
  }

  const Traits& traits() const override { return kSelectTraits; }

  Status Add(int fd, uint32_t interest, Mode, Token token) override {
    const Result<os::FileFacts> facts = os::CheckPollable(fd, Call::kSelect);
    if (!facts.ok()) return facts.status;
    if (fd >= FD_SETSIZE) return Status::Failed(Call::kSelect, ERANGE);
    if (Watched(fd)) return Status::Failed(Call::kSelect, EEXIST);
    tokens_[static_cast<size_t>(fd)] = token;
    ToKernel(&asked_, fd, interest);
    if (fd >= end_) end_ = fd + 1;
    return Status::Ok();
  }

  Status Modify(int fd, uint32_t interest, Mode, Token token) override {
    if (!Watched(fd)) return Status::Failed(Call::kSelect, ENOENT);
    tokens_[static_cast<size_t>(fd)] = token;
    ToKernel(&asked_, fd, interest);
    return Status::Ok();
  }

  void Remove(int fd) override {
    if (!Watched(fd)) return;
    ToKernel(&asked_, fd, 0);
    while (end_ > wakeup_.fd() + 1 && !Watched(end_ - 1)) end_--;
  }

  WaitOutcome Wait(RawEvent* out, size_t capacity, Nanoseconds timeout) override {
    WaitOutcome outcome;
    Sets ready = asked_;
    const timespec time = ToTimespec(timeout);
    const int count = InterruptIsAnswer([&] {
      return ::pselect(end_,
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
    for (int step = 0; step < end_ && outcome.count < capacity; step++) {
      if (next_ >= end_) next_ = 0;
      const int fd = next_++;
      const uint32_t flags = FromKernel(ready, fd);
      if (flags != 0) out[outcome.count++] = {tokens_[static_cast<size_t>(fd)], flags, -1};
    }
    return outcome;
  }

  void Wake() override { wakeup_.Signal(); }
  int pollable_fd() const override { return -1; }
  bool Holds(int fd, uint32_t, Token) override { return fd < FD_SETSIZE && Watched(fd); }
  Status Renew() override { return Status::Ok(); }

 private:
  bool Watched(int fd) const {
    return fd < FD_SETSIZE && fd != wakeup_.fd() && FromKernel(asked_, fd) != 0;
  }

  size_t FindClosed(RawEvent* out, size_t capacity) const {
    size_t count = 0;
    for (int fd = 0; fd < end_ && count < capacity; fd++) {
      if (Watched(fd) && !os::Describe(fd).ok()) {
        out[count++] = {tokens_[static_cast<size_t>(fd)], kGone, -1};
      }
    }
    return count;
  }

  Wakeup wakeup_;
  Sets asked_;
  std::vector<Token> tokens_ = std::vector<Token>(FD_SETSIZE);
  int end_ = 0;  // the greatest descriptor asked for, plus one
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
