// A poller that registers everything anew, on a kernel that refuses some of it.
#include <cerrno>
#include <vector>

#include "each_backend.h"

using namespace fdpoll;

namespace {

const Traits kTraits = {
    /*name=*/"renewed",
    /*control=*/Call::kEpollCtl,
    /*edge=*/true,
    /*kernel_one_shot=*/true,
    /*exclusive=*/false,
    /*priority=*/true,
    /*available=*/false,
    /*nanoseconds=*/true,
    /*pollable=*/false,
    /*keeps_closed=*/true,
    /*needs_identity=*/false,
    /*waits_on_copy=*/false,
};

// What is registered is ready. The first wait finds that something dead keeps the kernel object awake, and
// the one that takes its place refuses the first Add by `error`.
template <int error>
class Refusing final : public Backend {
 public:
  const Traits& traits() const override { return kTraits; }

  Status Add(int, uint32_t, Mode, Token token) override {
    if (renewed_ && !refused_) {
      refused_ = true;
      return Status::Failed(Call::kEpollCtl, error);
    }
    tokens_.push_back(token);
    return Status::Ok();
  }

  Status Modify(int, uint32_t, Mode, Token) override { return Status::Ok(); }
  void Remove(int) override {}

  WaitOutcome Wait(RawEvent* out, size_t, Nanoseconds) override {
    WaitOutcome outcome;
    outcome.stuck = !renewed_;
    for (const Token token : tokens_) {
      if (renewed_) out[outcome.count++] = {token, kReadable, -1};
    }
    return outcome;
  }

  void Wake() override {}
  int pollable_fd() const override { return -1; }
  bool Holds(int, uint32_t, Token) override { return true; }

  Status Renew() override {
    renewed_ = true;
    tokens_.clear();
    return Status::Ok();
  }

 private:
  std::vector<Token> tokens_;
  bool renewed_ = false;
  bool refused_ = false;
};

template <int error>
std::unique_ptr<Poller> Watching(int fd) {
  const BackendEntry entry = {
      "renewed",
      &kTraits,
      []() -> Result<std::unique_ptr<Backend>> { return {std::make_unique<Refusing<error>>()}; },
      nullptr};
  auto poller = OpenPoller(entry);
  CHECK(poller->Add(fd, kReadable, Mode{}).ok());
  return poller;
}

template <int error>
void GoesOnAfter() {
  const Pipe pipe;
  const auto poller = Watching<error>(pipe.reader());
  const Poller::Outcome refused = poller->Wait(kSecond);
  CHECK(refused.status.error == error && poller->events().empty());
  CHECK(poller->Wait(kSecond).status.ok());
  CHECK(poller->events().size() == 1 && poller->events()[0].fd == pipe.reader());
}

template <int error>
void EndsWith() {
  const Pipe pipe;
  const auto poller = Watching<error>(pipe.reader());
  for (int round = 0; round < 3; round++) {
    CHECK(poller->Wait(0).status.ok() && poller->events().empty());
  }
  CHECK(poller->Has(pipe.reader()));
}

void WhatIsRefusedForTheMomentIsToldAndAddedByTheNextWait() {
  GoesOnAfter<ENOMEM>();
  GoesOnAfter<ENOSPC>();
  GoesOnAfter<EINVAL>();
  GoesOnAfter<EIO>();
  GoesOnAfter<EACCES>();
  GoesOnAfter<ELOOP>();
}

void ANumberThatIsClosedOrAnotherFilesIsDead() {
  EndsWith<EBADF>();
  EndsWith<EPERM>();
}

}  // namespace

int main() {
  RUN(WhatIsRefusedForTheMomentIsToldAndAddedByTheNextWait);
  RUN(ANumberThatIsClosedOrAnotherFilesIsDead);
}
