// What tests of a poller's sources share: a feed over a pipe, and what a batch is expected to tell.
#pragma once

#include <poll.h>
#include <unistd.h>

#include <memory>
#include <utility>
#include <vector>

#include "each_backend.h"

namespace fdpoll {

constexpr Nanoseconds kHour = 3600 * kSecond;
constexpr Nanoseconds kPeriod = 10 * kSecond;

// Tells the sum of the bytes in its pipe.
class PipeFeed final : public Feed {
 public:
  PipeFeed(int fd, bool once, std::shared_ptr<int> living)
      : fd_(fd), once_(once), living_(std::move(living)) {
    ++*living_;
  }
  ~PipeFeed() override { --*living_; }
  int fd() const override { return fd_; }
  bool once() const override { return once_; }
  bool Take(int32_t* payload) override {
    uint8_t bytes[64];
    const ssize_t length = ::read(fd_, bytes, sizeof(bytes));
    *payload = 0;
    for (ssize_t i = 0; i < length; i++) *payload += bytes[i];
    return length > 0;
  }

 private:
  int fd_;
  bool once_;
  std::shared_ptr<int> living_;
};

struct Fed {
  Pipe pipe;
  // Shared, since the poller may outlive this one and ends the feed itself.
  std::shared_ptr<int> living = std::make_shared<int>(0);
  SourceId id = -1;

  Fed(Poller* poller, bool once) {
    Result<SourceId> added =
        poller->AddFeed(std::make_unique<PipeFeed>(pipe.reader(), once, living));
    CHECK(added.ok() && added.value >= 0 && *living == 1);
    id = added.value;
  }
  void Say(uint8_t what) const { CHECK(::write(pipe.writer(), &what, 1) == 1); }
};

inline SourceId AddTimer(Poller* poller, Nanoseconds at, Nanoseconds every = 0) {
  const Result<SourceId> added = poller->AddTimer(at, every);
  CHECK(added.ok() && added.value >= 0);
  return added.value;
}

inline int32_t SlotOf(SourceId id) {
  return static_cast<int32_t>(id & ((1 << 24) - 1));
}

// Waits for exactly these payloads of sources, in any order.
inline void Expect(Poller* poller,
                   std::vector<std::pair<SourceId, int32_t>> expected,
                   Nanoseconds timeout = 20 * kSecond) {
  CHECK(poller->Wait(timeout).status.ok());
  CHECK(poller->events().size() == expected.size());
  for (const auto& [id, payload] : expected) {
    bool found = false;
    for (const Ready& event : poller->events()) {
      found = found || (event.slot == SlotOf(id) && event.fd == -1 && event.flags == kReadable &&
                        event.available == payload);
    }
    CHECK(found);
  }
}

inline void ExpectNothing(Poller* poller, Nanoseconds timeout = 0) {
  Expect(poller, {}, timeout);
}

inline bool Readable(const Poller& poller, int milliseconds = 0) {
  pollfd entry{poller.backend().pollable_fd(), POLLIN, 0};
  return ::poll(&entry, 1, milliseconds) == 1;
}

}  // namespace fdpoll
