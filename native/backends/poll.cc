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
#include <vector>

#include "core/backends.h"
#include "core/os.h"
#include "core/poll_flags.h"
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
};

namespace {

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
    if (index_.size() <= static_cast<size_t>(fd)) index_.resize(static_cast<size_t>(fd) + 1, 0);
    index_[static_cast<size_t>(fd)] = entries_.size();
    Append(fd, ToPollEvents(interest), token);
    return Status::Ok();
  }

  Status Modify(int fd, uint32_t interest, Mode, Token token) override {
    const size_t index = Find(fd);
    if (index == 0) return Status::Failed(Call::kPoll, ENOENT);
    entries_[index].events = ToPollEvents(interest);
    tokens_[index] = token;
    return Status::Ok();
  }

  void Remove(int fd) override {
    const size_t hole = Find(fd);
    if (hole == 0) return;
    entries_[hole] = entries_.back();
    tokens_[hole] = tokens_.back();
    index_[static_cast<size_t>(entries_[hole].fd)] = hole;
    index_[static_cast<size_t>(fd)] = 0;
    entries_.pop_back();
    tokens_.pop_back();
  }

  WaitOutcome Wait(RawEvent* out, size_t capacity, Nanoseconds timeout) override {
    WaitOutcome outcome;
    const int ready = os::Poll(entries_.data(), entries_.size(), timeout);
    if (ready < 0) {
      if (ready != -EINTR) outcome.status = Status::Failed(Call::kPoll, -ready);
      return outcome;
    }
    size_t left = static_cast<size_t>(ready);
    if (left > 0 && entries_[0].revents != 0) {
      wakeup_.Acknowledge();
      outcome.woken = true;
      left--;
    }
    // On from after the last one reported, so that whoever did not fit comes first the next time.
    const size_t others = entries_.size() - 1;
    for (size_t step = 0; step < others && left > 0 && outcome.count < capacity; step++) {
      if (next_ >= entries_.size()) next_ = 1;
      const size_t index = next_++;
      if (entries_[index].revents == 0) continue;
      out[outcome.count++] = {tokens_[index], FromPollEvents(entries_[index].revents), -1};
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
    entries_.push_back(entry);
    tokens_.push_back(token);
  }

  Wakeup wakeup_;
  std::vector<pollfd> entries_;  // compact: the last one moves into a hole
  std::vector<Token> tokens_;    // beside it
  std::vector<size_t> index_;    // by descriptor
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
