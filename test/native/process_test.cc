#include "core/process.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "each_backend.h"
#include "pidfd.h"

using namespace fdpoll;

namespace {

void AwaitClosed(const Pipe& pipe) {
  pollfd entry{pipe.reader(), 0, 0};
  while (::poll(&entry, 1, -1) != 1) continue;
}

// A child that lives until its pipe is closed, and then does what it is told to.
class Child {
 public:
  template <typename End>
  explicit Child(End&& end) : pid_(::fork()) {
    CHECK(pid_ >= 0);
    if (pid_ > 0) {
      pipe_.ends[0].Reset();
      return;
    }
    pipe_.ends[1].Reset();
    AwaitClosed(pipe_);
    end();
    ::_exit(99);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    End();
    if (!reaped_) Reap();
  }

  pid_t pid() const { return pid_; }
  void End() { pipe_.ends[1].Reset(); }
  // What waitpid(2) says of it.
  int Reap() {
    int status = -1;
    CHECK(::waitpid(pid_, &status, 0) == pid_);
    reaped_ = true;
    return status;
  }
  // It has ended and nobody has waited for it.
  void AwaitZombie() const {
    siginfo_t info{};
    CHECK(::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) == 0);
  }

 private:
  Pipe pipe_;
  pid_t pid_;
  bool reaped_ = false;
};

std::unique_ptr<Feed> Open(pid_t pid) {
  Result<std::unique_ptr<Feed>> feed = OpenProcess(pid);
  CHECK(feed.ok() && feed.value->fd() >= 0 && feed.value->once());
  return std::move(feed.value);
}

bool Ended(const Feed& feed, int milliseconds = 0) {
  pollfd entry{feed.fd(), POLLIN, 0};
  return ::poll(&entry, 1, milliseconds) == 1;
}

int32_t Taken(Feed* feed) {
  CHECK(Ended(*feed, 20'000));
  int32_t payload = -100;
  CHECK(feed->Take(&payload));
  return payload;
}

void TheExitCodeIsTold() {
  for (const int code : {0, 1, 42, 255}) {
    Child child([code] { ::_exit(code); });
    const auto feed = Open(child.pid());
    CHECK(!Ended(*feed));
    child.End();
    CHECK(Taken(feed.get()) == code);
  }
}

void TheSignalThatKilledItIsTold() {
  for (const int signal : {SIGKILL, SIGTERM, SIGSEGV}) {
    Child child([] {});
    const auto feed = Open(child.pid());
    CHECK(::kill(child.pid(), signal) == 0);
    if (signal == SIGSEGV) {
      // A sanitizer's handler turns it into an exit; what waitpid says is what counts.
      child.AwaitZombie();
      const int32_t told = Taken(feed.get());
      CHECK(told == ToPayload(child.Reap()));
      continue;
    }
    CHECK(Taken(feed.get()) == kKilledBy + signal);
  }
}

void WhoeverWaitsForItGoesOnDoingSo() {
  Child child([] { ::_exit(7); });
  const auto feed = Open(child.pid());
  child.End();
  CHECK(Taken(feed.get()) == 7);
  CHECK(Taken(feed.get()) == 7);
  const int status = child.Reap();
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7 && ToPayload(status) == 7);
}

void OneThatHasEndedAndWasNotWaitedForIsToldAtOnce() {
  Child child([] { ::_exit(3); });
  child.End();
  child.AwaitZombie();
  const auto feed = Open(child.pid());
  CHECK(Taken(feed.get()) == 3);
}

void OneThatSomebodyHasWaitedForIsToldAllTheSame() {
  Child child([] { ::_exit(5); });
  const auto feed = Open(child.pid());
  child.End();
  child.Reap();
  const int32_t payload = Taken(feed.get());
  CHECK(payload == 5 || payload == kExitUnknown);
}

void OneThatIsNoChildIsToldToo() {
  Pipe number;
  Pipe life;  // of the child's child, which outlives the child
  Child child([&] {
    const pid_t grandchild = ::fork();
    if (grandchild > 0) {
      CHECK(::write(number.writer(), &grandchild, sizeof(grandchild)) == sizeof(grandchild));
      ::_exit(0);
    }
    life.ends[1].Reset();
    AwaitClosed(life);
    ::_exit(8);
  });
  child.End();
  pid_t grandchild = 0;
  pollfd entry{number.reader(), POLLIN, 0};
  CHECK(::poll(&entry, 1, 20'000) == 1);
  CHECK(::read(number.reader(), &grandchild, sizeof(grandchild)) == sizeof(grandchild));
  child.Reap();
  const auto feed = Open(grandchild);
  CHECK(!Ended(*feed));
  life.ends[1].Reset();
  const int32_t payload = Taken(feed.get());
  CHECK(payload == 8 || payload == kExitUnknown);
}

void OneThatIsGoneIsNone() {
  pid_t pid = 0;
  {
    Child child([] { ::_exit(0); });
    pid = child.pid();
  }
  CHECK(OpenProcess(pid).status.error == ESRCH);
  CHECK(OpenProcess(INT32_MAX).status.error == ESRCH);
}

void WhatIsNoProcessIdIsRefused() {
  for (const int pid : {0, -1, INT32_MIN}) {
    const Status status = OpenProcess(pid).status;
    CHECK(status.error == EINVAL && status.call != Call::kNone);
  }
}

void SeveralHearOfOneProcess() {
  Child child([] { ::_exit(4); });
  const auto first = Open(child.pid());
  const auto second = Open(child.pid());
  child.End();
  CHECK(Taken(first.get()) == 4 && Taken(second.get()) == 4);
}

void AStatusBecomesOneNumber() {
  CHECK(ToPayload(0) == 0 && ToPayload(200 << 8) == 200);
  CHECK(ToPayload(SIGTERM) == kKilledBy + SIGTERM);
  CHECK(ToPayload(SIGABRT | 0x80) == kKilledBy + SIGABRT);
}

void WithoutTheSystemCallEachIsRefused() {
  const Status status = OpenProcess(::getpid()).status;
  CHECK(status.error == ENOSYS && status.call != Call::kNone);
}

}  // namespace

int main() {
  RUN(AStatusBecomesOneNumber);
  if (!ProcessesAreTold()) {
    RUN(WithoutTheSystemCallEachIsRefused);
    return 0;
  }
  RUN(TheExitCodeIsTold);
  RUN(TheSignalThatKilledItIsTold);
  RUN(WhoeverWaitsForItGoesOnDoingSo);
  RUN(OneThatHasEndedAndWasNotWaitedForIsToldAtOnce);
  RUN(OneThatSomebodyHasWaitedForIsToldAllTheSame);
  RUN(OneThatIsNoChildIsToldToo);
  RUN(OneThatIsGoneIsNone);
  RUN(WhatIsNoProcessIdIsRefused);
  RUN(SeveralHearOfOneProcess);
}
