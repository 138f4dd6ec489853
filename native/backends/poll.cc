// poll(2). What the kernel does:
//   a. POLLHUP, POLLERR and POLLNVAL are reported whether asked for or not; POLLRDHUP only when
//      asked for.
//   b. It takes any number: a closed one is POLLNVAL at every call, a file that epoll refuses is
//      always ready.
//   c. Everything that is ready is reported, from the front, so a fair share is this file's
//      business.
#include "config.h"

#ifdef HAVE_POLL

#include <poll.h>

#include <cerrno>
#include <mutex>
#include <vector>

#include "core/backends.h"
#include "core/os.h"
#include "core/poll_flags.h"
#include "core/room.h"
#include "core/wakeup.h"

namespace fdpoll {

extern const Traits kPollTraits;
const Traits kPollTraits = {
    /*name=*/"poll",
    /*control=*/Call::kPoll,
    /*edge=*/false,
    /*kernel_one_shot=*/false,
    /*exclusive=*/false,
    /*priority=*/true,
    /*available=*/false,
    /*nanoseconds=*/os::kPollNanoseconds,
    /*pollable=*/false,
    /*keeps_closed=*/false,
    /*needs_identity=*/true,
    /*waits_on_copy=*/true,
};

namespace {

// What the kernel is asked for: two arrays side by side, the wake-up's descriptor first.
struct Asked {
  std::vector<pollfd> entries;  // compact: the last one moves into a hole
  std::vector<Token> tokens;

  bool MakeRoomFor(size_t count) { return MakeRoom(&entries, count) && MakeRoom(&tokens, count); }
};

class Poll final : public Backend {
 public:
  Status Open() {
    const Status status = wakeup_.Open();
    if (!status.ok()) return status;
    Append(wakeup_.fd(), POLLIN, kWakeToken);
    return status;
  }

  const Traits& traits() const override { return kPollTraits; }

  Status Add(int fd, uint32_t interest, Mode, Token token) override {
    const Result<os::FileFacts> facts = os::CheckPollable(fd, Call::kPoll);
    if (!facts.ok()) return facts.status;
    if (Find(fd) != 0) return Status::Failed(Call::kPoll, EEXIST);
    const std::lock_guard<std::mutex> lock(mutex_);
    const size_t place = static_cast<size_t>(fd);
    if (!MakeRoom(&index_, place + 1) || !asked_.MakeRoomFor(asked_.entries.size() + 1)) {
      return OutOfMemory();
    }
    if (index_.size() <= place) index_.resize(place + 1, 0);
    index_[place] = asked_.entries.size();
    Append(fd, ToPollEvents(interest), token);
    return Status::Ok();
  }

  Status Modify(int fd, uint32_t interest, Mode, Token token) override {
    const size_t index = Find(fd);
    if (index == 0) return Status::Failed(Call::kPoll, ENOENT);
    const std::lock_guard<std::mutex> lock(mutex_);
    asked_.entries[index].events = ToPollEvents(interest);
    asked_.tokens[index] = token;
    changed_ = true;
    return Status::Ok();
  }

  void Remove(int fd) override {
    const size_t hole = Find(fd);
    if (hole == 0) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    asked_.entries[hole] = asked_.entries.back();
    asked_.tokens[hole] = asked_.tokens.back();
    index_[static_cast<size_t>(asked_.entries[hole].fd)] = hole;
    index_[static_cast<size_t>(fd)] = 0;
    asked_.entries.pop_back();
    asked_.tokens.pop_back();
    changed_ = true;
  }

  WaitOutcome Wait(RawEvent* out, size_t capacity, Nanoseconds timeout) override {
    WaitOutcome outcome;
    outcome.status = TakeCopy();
    if (!outcome.status.ok()) return outcome;
    std::vector<pollfd>& entries = copy_.entries;
    const int ready = os::Poll(entries.data(), entries.size(), timeout);
    if (ready < 0) {
      if (ready != -EINTR) outcome.status = Status::Failed(Call::kPoll, -ready);
      return outcome;
    }
    size_t left = static_cast<size_t>(ready);
    if (left > 0 && entries[0].revents != 0) {
      wakeup_.Acknowledge();
      outcome.woken = true;
      left--;
    }
    // On from after the last one reported, so that whoever did not fit comes first the next time.
    const size_t others = entries.size() - 1;
    for (size_t step = 0; step < others && left > 0 && outcome.count < capacity; step++) {
      if (next_ >= entries.size()) next_ = 1;
      const size_t index = next_++;
      if (entries[index].revents == 0) continue;
      out[outcome.count++] = {copy_.tokens[index], FromPollEvents(entries[index].revents), -1};
      left--;
    }
    return outcome;
  }

  void Wake() override { wakeup_.Signal(); }
  int pollable_fd() const override { return -1; }
  bool Holds(int fd, uint32_t, Token) override { return Find(fd) != 0; }
  Status Renew() override { return Status::Ok(); }

 private:
  // The place of a descriptor in the compact array; 0, the wake-up's, for one that is not there.
  size_t Find(int fd) const {
    return static_cast<size_t>(fd) < index_.size() ? index_[static_cast<size_t>(fd)] : 0;
  }

  void Append(int fd, short events, Token token) {
    pollfd entry{};
    entry.fd = fd;
    entry.events = events;
    asked_.entries.push_back(entry);
    asked_.tokens.push_back(token);
    changed_ = true;
  }

  // The only moment at which a thread that waits looks at what the owner changes.
  Status TakeCopy() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!changed_) return Status::Ok();
    if (!copy_.MakeRoomFor(asked_.entries.size())) return OutOfMemory();
    copy_ = asked_;
    changed_ = false;
    return Status::Ok();
  }

  Wakeup wakeup_;
  std::mutex mutex_;  // of asked_ and changed_: the owner alone writes asked_
  Asked asked_;
  bool changed_ = false;
  std::vector<size_t> index_;  // by descriptor, the owner's
  Asked copy_;                 // the waiting thread's, like next_
  size_t next_ = 1;
};

}  // namespace

Result<std::unique_ptr<Backend>> OpenPoll();
Result<std::unique_ptr<Backend>> OpenPoll() {
  auto backend = std::make_unique<Poll>();
  const Status status = backend->Open();
  if (!status.ok()) return status;
  return std::unique_ptr<Backend>(std::move(backend));
}

}  // namespace fdpoll

#endif
