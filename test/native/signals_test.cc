// Signals without a runtime. Meant for ThreadSanitizer and AddressSanitizer alike.
#include "core/signals.h"

#include <poll.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <thread>
#include <vector>

#include "check.h"

using namespace fdpoll;

namespace {

constexpr int kSignal = SIGUSR1;
constexpr int kStorm = SIGALRM;

std::atomic<int> handled{0};
std::atomic<int> chained{0};

void OnBase(int signal) {
  CHECK(signal == kSignal || signal == kStorm);
  handled.fetch_add(1);
}

void OnOther(int) {
}

void OnBaseWithInfo(int signal, siginfo_t* info, void* context) {
  CHECK(signal == kSignal && info->si_signo == kSignal && context != nullptr);
  handled.fetch_add(1);
}

struct sigaction Ask(int signal = kSignal) {
  struct sigaction now {};
  CHECK(::sigaction(signal, nullptr, &now) == 0);
  return now;
}

// What a program does with a signal; as it was at the end.
class Disposition {
 public:
  explicit Disposition(void (*handler)(int), int signal = kSignal) : signal_(signal) {
    struct sigaction action {};
    action.sa_handler = handler;
    Install(action);
  }
  explicit Disposition(const struct sigaction& action, int signal = kSignal) : signal_(signal) {
    Install(action);
  }
  Disposition(const Disposition&) = delete;
  Disposition& operator=(const Disposition&) = delete;
  ~Disposition() { CHECK(::sigaction(signal_, &before_, nullptr) == 0); }

 private:
  void Install(const struct sigaction& action) {
    handled = chained = 0;
    CHECK(::sigaction(signal_, &action, &before_) == 0);
  }
  int signal_;
  struct sigaction before_ {};
};

// Somebody who comes later and calls whom he found, as many libraries do.
struct sigaction found {};
void OnChained(int signal, siginfo_t* info, void* context) {
  chained.fetch_add(1);
  if ((found.sa_flags & SA_SIGINFO) != 0) {
    found.sa_sigaction(signal, info, context);
  } else if (found.sa_handler != SIG_DFL && found.sa_handler != SIG_IGN) {
    found.sa_handler(signal);
  }
}
void InstallChained() {
  found = Ask();
  struct sigaction action {};
  action.sa_sigaction = OnChained;
  action.sa_flags = SA_SIGINFO;
  CHECK(::sigaction(kSignal, &action, nullptr) == 0);
}
bool IsChained(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) != 0 && action.sa_sigaction == OnChained;
}

std::unique_ptr<Feed> Open(int signal = kSignal) {
  Result<std::unique_ptr<Feed>> feed = OpenSignal(signal);
  CHECK(feed.ok() && feed.value->fd() >= 0 && !feed.value->once());
  return std::move(feed.value);
}

void Raise(int times = 1, int signal = kSignal) {
  for (int i = 0; i < times; i++) CHECK(::raise(signal) == 0);
}

int32_t Taken(Feed* feed) {
  pollfd entry{feed->fd(), POLLIN, 0};
  int32_t payload = -100;
  if (::poll(&entry, 1, 0) == 0) {
    CHECK(!feed->Take(&payload));
    return 0;
  }
  CHECK(feed->Take(&payload) && payload > 0);
  CHECK(::poll(&entry, 1, 0) == 0);
  return payload;
}

// The same while others raise it.
int32_t Drained(Feed* feed) {
  int32_t payload = 0;
  return feed->Take(&payload) ? payload : 0;
}

void ItTellsHowOftenItCame() {
  const auto feed = Open();
  CHECK(Taken(feed.get()) == 0);
  Raise();
  CHECK(Taken(feed.get()) == 1 && Taken(feed.get()) == 0);
  Raise(5);
  CHECK(Taken(feed.get()) == 5 && Taken(feed.get()) == 0);
}

void EveryFeedOfASignalHearsOfIt() {
  std::vector<std::unique_ptr<Feed>> feeds;
  for (int i = 0; i < 10; i++) feeds.push_back(Open());
  const auto other = Open(SIGUSR2);
  Raise(2);
  feeds.erase(feeds.begin() + 4);
  for (const auto& feed : feeds) CHECK(Taken(feed.get()) == 2);
  feeds.push_back(Open());
  Raise();
  for (const auto& feed : feeds) CHECK(Taken(feed.get()) == 1);
  CHECK(Taken(other.get()) == 0);
  Raise(3, SIGUSR2);
  CHECK(Taken(other.get()) == 3 && Taken(feeds[0].get()) == 0);
}

void TheHandlerBeforeGoesOnAndComesBack() {
  struct sigaction with_info {};
  with_info.sa_sigaction = OnBaseWithInfo;
  with_info.sa_flags = SA_SIGINFO | SA_RESTART;
  sigaddset(&with_info.sa_mask, SIGHUP);
  struct sigaction plain {};
  plain.sa_handler = OnBase;
  for (const struct sigaction& base : {plain, with_info}) {
    const Disposition disposition(base);
    auto first = Open();
    auto second = Open();
    Raise(3);
    CHECK(handled == 3 && Taken(first.get()) == 3 && Taken(second.get()) == 3);
    first.reset();
    Raise();
    CHECK(handled == 4 && Taken(second.get()) == 1);
    second.reset();
    Raise();
    CHECK(handled == 5);
    const struct sigaction now = Ask();
    CHECK((now.sa_flags & SA_SIGINFO) == (base.sa_flags & SA_SIGINFO));
    CHECK(sigismember(&now.sa_mask, SIGHUP) == sigismember(&base.sa_mask, SIGHUP));
  }
}

void TheDefaultActionAndIgnoringComeBackAfterTheLast() {
  for (const auto handler : {SIG_DFL, SIG_IGN}) {
    const Disposition disposition(handler);
    for (int round = 0; round < 3; round++) {
      auto first = Open();
      auto second = Open();
      Raise();
      first.reset();
      CHECK((Ask().sa_flags & SA_SIGINFO) != 0);
      Raise();
      CHECK(Taken(second.get()) == 2);
      second.reset();
      CHECK((Ask().sa_flags & SA_SIGINFO) == 0 && Ask().sa_handler == handler);
    }
  }
}

void AHandlerThatTookItAwayIsLeftAlone() {
  const Disposition disposition(SIG_DFL);
  auto feed = Open();
  const Disposition later(OnBase);
  Raise();
  CHECK(handled == 1 && Taken(feed.get()) == 0);
  feed.reset();
  CHECK(Ask().sa_handler == OnBase);
  // The next one passes on to it, and gives it back.
  feed = Open();
  Raise();
  CHECK(handled == 2 && Taken(feed.get()) == 1);
  feed.reset();
  CHECK(Ask().sa_handler == OnBase);
}

void AHandlerThatCallsOursKeepsTheFeedsFed() {
  const Disposition disposition(OnBase);
  auto feed = Open();
  InstallChained();
  Raise(2);
  CHECK(chained == 2 && handled == 2 && Taken(feed.get()) == 2);
  feed.reset();
  CHECK(IsChained(Ask()));
  Raise();
  CHECK(chained == 3 && handled == 3);
}

void InACircleEveryoneIsCalledOnce() {
  const Disposition disposition(OnBase);
  for (int round = 0; round < 3; round++) {
    handled = chained = 0;
    auto first = Open();
    InstallChained();
    auto second = Open();
    Raise();
    CHECK(chained == 1 && handled == 1);
    CHECK(Taken(first.get()) == 1 && Taken(second.get()) == 1);
    first.reset();
    Raise();
    CHECK(chained == 2 && handled == 2 && Taken(second.get()) == 1);
    second.reset();
    CHECK(IsChained(Ask()));
    Raise();
    CHECK(chained == 3 && handled == 3);
    const auto third = Open();
    Raise();
    CHECK(chained == 4 && handled == 4 && Taken(third.get()) == 1);
    struct sigaction base {};
    base.sa_handler = OnBase;
    CHECK(::sigaction(kSignal, &base, nullptr) == 0);
  }
}

// Called from a handler that blocks nothing, ours may be interrupted by another signal of its own.
void TwoSignalsAtOnceAreNoCircle() {
  const Disposition other([](int) { Raise(); }, SIGUSR2);
  const Disposition disposition(OnBase);
  const auto feed = Open();
  InstallChained();
  const auto outer = Open(SIGUSR2);
  // SIGUSR2 → ours → the handler before, which raises: pending until ours, which blocks it, is over.
  Raise(1, SIGUSR2);
  CHECK(Taken(outer.get()) == 1 && Taken(feed.get()) == 1 && handled == 1);
  // Now ours is called by one who blocks nothing.
  static struct sigaction ours;
  ours = Ask(SIGUSR2);
  struct sigaction through {};
  through.sa_sigaction = [](int signal, siginfo_t* info, void* context) {
    ours.sa_sigaction(signal, info, context);
  };
  through.sa_flags = SA_SIGINFO;
  CHECK(::sigaction(SIGUSR2, &through, nullptr) == 0);
  Raise(1, SIGUSR2);
  CHECK(Taken(outer.get()) == 1 && Taken(feed.get()) == 1 && handled == 2);
}

void ErrnoSurvives() {
  const auto feed = Open();
  errno = ENOTTY;
  Raise();
  CHECK(errno == ENOTTY);
  CHECK(Taken(feed.get()) == 1);
}

// Each raise is over before it returns, so none may be lost and none be counted twice. A pipe, where
// there is no eventfd, holds 8192.
void AStormWhileFeedsComeAndGoIsSafe() {
  constexpr int kTimes = 8000;
  const Disposition disposition(OnBase, kStorm);
  const auto always = Open(kStorm);
  std::atomic<bool> done{false};
  std::thread storm([&] {
    Raise(kTimes, kStorm);
    done = true;
  });
  int64_t told = 0;
  while (!done) {
    const auto first = Open(kStorm);
    auto second = Open(kStorm);
    told += Drained(always.get());
    second.reset();
  }
  storm.join();
  told += Drained(always.get());
  CHECK(handled == kTimes && told == kTimes);
}

void AStormOverTheLastFeedIsSafe() {
  constexpr int kTimes = 20'000;
  const Disposition disposition(OnBase, kStorm);
  std::atomic<int> done{0};
  std::vector<std::thread> storms;
  for (int i = 0; i < 2; i++) {
    storms.emplace_back([&] {
      Raise(kTimes, kStorm);
      done++;
    });
  }
  while (done < 2) Open(kStorm);
  for (std::thread& storm : storms) storm.join();
  CHECK(handled == 2 * kTimes && Ask(kStorm).sa_handler == OnBase);
}

void FeedsOfSeveralThreadsAreSafe() {
  const Disposition disposition(OnBase, kStorm);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; i++) {
    threads.emplace_back([] {
      for (int round = 0; round < 500; round++) {
        const auto feed = Open(kStorm);
        Raise(1, kStorm);
        CHECK(Drained(feed.get()) >= 1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(handled == 2000 && Ask(kStorm).sa_handler == OnBase);
}

void WhatCannotBeCaughtIsRefused() {
  for (const int signal : {0, -1, 65, 1000, INT32_MAX, INT32_MIN, SIGKILL, SIGSTOP}) {
    const Status status = OpenSignal(signal).status;
    CHECK(status.error == EINVAL && status.call == Call::kSigaction);
  }
}

void WhatWasThereBeforeOthersComesBack() {
  for (void (*const before)(int) : {SIG_IGN, OnBase}) {
    const Disposition disposition(before);
    {
      const KeptDisposition first(kSignal);
      CHECK(::signal(kSignal, OnOther) == before);
      first.Installed();
      {
        const KeptDisposition second(kSignal);
        second.Installed();
        CHECK(::signal(kSignal, SIG_DFL) == OnOther);
      }
      CHECK(Ask().sa_handler == SIG_DFL);
    }
    CHECK(Ask().sa_handler == before);
  }
}

void OthersWhoStayAreLeftAlone() {
  const Disposition disposition(SIG_IGN);
  {
    const KeptDisposition kept(kSignal);
    CHECK(::signal(kSignal, OnOther) == SIG_IGN);
    kept.Installed();
  }
  CHECK(Ask().sa_handler == OnOther);
}

void OthersWhoWereThereBeforeDoNotComeBack() {
  const Disposition disposition(OnOther);
  {
    const KeptDisposition kept(kSignal);
    kept.Installed();
    CHECK(::signal(kSignal, SIG_DFL) == OnOther);
  }
  CHECK(Ask().sa_handler == SIG_DFL);
  for (const int signal : {0, -1, 65, SIGKILL}) KeptDisposition(signal).Installed();
}

}  // namespace

int main() {
  RUN(ItTellsHowOftenItCame);
  RUN(EveryFeedOfASignalHearsOfIt);
  RUN(TheHandlerBeforeGoesOnAndComesBack);
  RUN(TheDefaultActionAndIgnoringComeBackAfterTheLast);
  RUN(AHandlerThatTookItAwayIsLeftAlone);
  RUN(AHandlerThatCallsOursKeepsTheFeedsFed);
  RUN(InACircleEveryoneIsCalledOnce);
  RUN(TwoSignalsAtOnceAreNoCircle);
  RUN(ErrnoSurvives);
  RUN(AStormWhileFeedsComeAndGoIsSafe);
  RUN(AStormOverTheLastFeedIsSafe);
  RUN(FeedsOfSeveralThreadsAreSafe);
  RUN(WhatCannotBeCaughtIsRefused);
  RUN(WhatWasThereBeforeOthersComesBack);
  RUN(OthersWhoStayAreLeftAlone);
  RUN(OthersWhoWereThereBeforeDoNotComeBack);
}
