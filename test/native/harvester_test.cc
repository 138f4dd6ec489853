// A helper thread harvests for a poller. Meant for ThreadSanitizer and AddressSanitizer alike.
#include "core/harvester.h"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "owner.h"

using namespace fdpoll;

namespace {

void Say(const Pipe& pipe) {
  CHECK(::write(pipe.writer(), "x", 1) == 1);
}

void Drain(const Pipe& pipe) {
  char byte = 0;
  while (::read(pipe.reader(), &byte, 1) == 1) continue;
}

// Long enough for the helper to be inside the system call most of the time; the result is the same
// when it is not.
void Settle() {
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

void NothingIsHarvestedBeforeTheFirstAcknowledge(const BackendEntry& backend) {
  Owner owner(OpenPoller(backend));
  const Pipe pipe;
  CHECK(owner->Add(pipe.reader(), kReadable, Mode{}).ok());
  Say(pipe);
  CHECK(!owner.Notified(20));
  owner->Acknowledge();
  owner.Next();
  CHECK(owner->events().size() == 1 && owner->events()[0].fd == pipe.reader());
}

void ALevelMakesNoSecondBatchBeforeItIsAcknowledged(const BackendEntry& backend) {
  Owner owner(OpenPoller(backend));
  const Pipe pipe;
  CHECK(owner->Add(pipe.reader(), kReadable, Mode{}).ok());
  Say(pipe);
  owner->Acknowledge();
  for (int round = 0; round < 5; round++) {
    owner.Next();
    CHECK(!owner.Notified(5));
    owner->Acknowledge();
  }
}

void AChangeTakesEffectInTheRunningWait(const BackendEntry& backend) {
  Owner owner(OpenPoller(backend));
  const Pipe first;
  const Pipe second;
  owner->Acknowledge();
  Settle();
  Say(first);
  CHECK(owner->Add(first.reader(), kReadable, Mode{}).ok());
  owner.Next();
  CHECK(owner->events()[0].fd == first.reader());
  owner->Acknowledge();
  Drain(first);
  CHECK(owner->Add(second.writer(), 0, Mode{}).ok());
  Settle();
  CHECK(owner->Modify(second.writer(), kWritable).ok());
  owner.Next();
  while (owner->events().empty() || owner->events()[0].fd != second.writer()) {
    owner->Acknowledge();
    owner.Next();
  }
  CHECK(owner->Remove(second.writer()).slot >= 0);
  owner->Acknowledge();
  CHECK(!owner.Notified(10) || owner->Take().status.ok());
}

void AStormOfChangesIsSafe(const BackendEntry& backend) {
  constexpr int kPipes = 16;
  constexpr int kRounds = 3000;
  Owner owner(OpenPoller(backend));
  std::vector<Pipe> pipes(kPipes);
  owner->Acknowledge();
  uint32_t seed = 1;
  for (int round = 0; round < kRounds; round++) {
    seed = seed * 1664525u + 1013904223u;
    const Pipe& pipe = pipes[(seed >> 8) % kPipes];
    if (!owner->Has(pipe.reader())) {
      CHECK(owner->Add(pipe.reader(), kReadable, Mode{}).ok());
    } else if ((seed >> 16) % 3 == 0) {
      CHECK(owner->Remove(pipe.reader()).slot >= 0);
    } else if ((seed >> 16) % 3 == 1) {
      CHECK(owner->Modify(pipe.reader(), (seed >> 20) % 2).ok());
    } else {
      Say(pipe);
    }
    while (owner.batches() > 0) {
      CHECK(owner.Notified(0));
      CHECK(owner->Take().status.ok());
      for (const Ready& event : owner->events()) CHECK(owner->Has(event.fd));
      for (const Pipe& each : pipes) Drain(each);
      owner->Acknowledge();
    }
  }
  for (const Pipe& pipe : pipes) {
    owner->Remove(pipe.reader());
    Drain(pipe);
    Say(pipe);
    CHECK(owner->Add(pipe.reader(), kReadable, Mode{}).ok());
  }
  for (int left = kPipes; left > 0;) {
    owner.Next();
    for (const Ready& event : owner->events()) {
      if (event.flags != 0 && owner->Remove(event.fd).slot >= 0) left--;
    }
    owner->Acknowledge();
  }
}

void AWakeUpIsToldAndAChangeIsNone(const BackendEntry& backend) {
  Owner owner(OpenPoller(backend));
  const Pipe pipe;
  owner->Acknowledge();
  std::atomic<bool> done{false};
  std::atomic<int> posted{0};
  std::thread waker([&] {
    for (int i = 0; i < 500; i++) {
      posted.fetch_add(1);
      owner->Wake();
      if (i % 50 == 0) std::this_thread::yield();
    }
    done.store(true);
  });
  int told = 0;
  while (posted.load() < 500 || told == 0) {
    CHECK(owner->Add(pipe.reader(), kReadable, Mode{}).ok());
    CHECK(owner->Remove(pipe.reader()).slot >= 0);
    CHECK(owner.Next().woken);
    told++;
    owner->Acknowledge();
  }
  waker.join();
  // What was posted after the last one that was told.
  while (owner.Notified(20)) {
    CHECK(owner->Take().status.ok());
    owner->Acknowledge();
  }
  CHECK(owner->Add(pipe.reader(), kReadable, Mode{}).ok());
  CHECK(owner->Remove(pipe.reader()).slot >= 0);
  CHECK(!owner.Notified(10));
}

void StoppingLosesNothingThatWasHandedOver(const BackendEntry& backend) {
  for (const bool edge : {false, true}) {
    if (edge && !backend.traits->edge) continue;
    for (const bool one_shot : {false, true}) {
      Owner owner(OpenPoller(backend));
      const Pipe pipe;
      Mode mode;
      mode.edge = edge;
      mode.one_shot = one_shot;
      CHECK(owner->Add(pipe.reader(), kReadable, mode).ok());
      Say(pipe);
      owner->Wake();
      owner->Acknowledge();
      CHECK(owner.Notified(20'000));
      owner->StopHarvest();
      bool told = false;
      bool woken = false;
      for (int round = 0; round < 10 && !(told && woken); round++) {
        const Poller::Outcome outcome = owner->Wait(100 * kMillisecond);
        CHECK(outcome.status.ok());
        told = told || !owner->events().empty();
        woken = woken || outcome.woken;
      }
      CHECK(told && woken);
    }
  }
}

void StoppingEndsTheThreadInEveryState(const BackendEntry& backend) {
  const Pipe pipe;
  Say(pipe);
  for (int round = 0; round < 200; round++) {
    Owner owner(OpenPoller(backend));
    CHECK(owner->Add(pipe.reader(), kReadable, Mode{}).ok());
    if (round % 4 > 0) owner->Acknowledge();
    if (round % 4 > 1) owner.Next();
    if (round % 4 > 2) owner->Acknowledge();
    owner->StopHarvest();
    owner->StopHarvest();
    CHECK(owner->Wait(kSecond).status.ok());
  }
}

void TheHelperTakesNoSignal(const BackendEntry& backend) {
  static pthread_t owner_thread;
  static volatile sig_atomic_t elsewhere;
  static volatile sig_atomic_t here;
  owner_thread = pthread_self();
  elsewhere = here = 0;
  struct sigaction action {};
  action.sa_handler = [](int) {
    if (pthread_equal(pthread_self(), owner_thread)) {
      here = 1;
    } else {
      elsewhere = 1;
    }
  };
  CHECK(sigaction(SIGUSR1, &action, nullptr) == 0);
  Owner owner(OpenPoller(backend));
  owner->Acknowledge();
  Settle();
  for (int i = 0; i < 20; i++) CHECK(kill(getpid(), SIGUSR1) == 0);
  Settle();
  CHECK(here == 1 && elsewhere == 0);
}

}  // namespace

int main() {
  RUN_ON_EACH(NothingIsHarvestedBeforeTheFirstAcknowledge);
  RUN_ON_EACH(ALevelMakesNoSecondBatchBeforeItIsAcknowledged);
  RUN_ON_EACH(AChangeTakesEffectInTheRunningWait);
  RUN_ON_EACH(AStormOfChangesIsSafe);
  RUN_ON_EACH(AWakeUpIsToldAndAChangeIsNone);
  RUN_ON_EACH(StoppingLosesNothingThatWasHandedOver);
  RUN_ON_EACH(StoppingEndsTheThreadInEveryState);
  RUN_ON_EACH(TheHelperTakesNoSignal);
  return 0;
}
