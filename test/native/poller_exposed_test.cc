// The sources of a poller that somebody else waits for: by its descriptor, or with a helper thread.
// Meant for ThreadSanitizer and AddressSanitizer alike.
#include <algorithm>

#include "owner.h"
#include "sources.h"
#include "watched_folder.h"

using namespace fdpoll;

namespace {

bool Exposable(const Poller& poller) {
  return poller.backend().pollable_fd() >= 0;
}

void TheDescriptorIsReadableWhenATimerIsDue(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend);
  if (!Exposable(*poller)) return;
  CHECK(poller->Expose().ok());
  CHECK(!Readable(*poller));
  for (int round = 0; round < 3; round++) {
    const Nanoseconds at = Now() + 2 * kMillisecond;
    const SourceId timer = AddTimer(poller.get(), at);
    CHECK(Readable(*poller, 20'000) && Now() >= at);
    Expect(poller.get(), {{timer, 1}}, 0);
    ExpectNothing(poller.get());
    CHECK(!Readable(*poller));
  }
  const SourceId timer = AddTimer(poller.get(), Now() + kHour);
  CHECK(!Readable(*poller));
  CHECK(poller->SetTimer(timer, Now(), 0).ok() && Readable(*poller, 20'000));
  CHECK(poller->RemoveSource(timer) == -1);
  ExpectNothing(poller.get());
  CHECK(!Readable(*poller));
}

void TimersThatAreThereAlreadyMakeItReadable(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend);
  if (!Exposable(*poller)) return;
  const SourceId timer = AddTimer(poller.get(), Now());
  CHECK(!Readable(*poller, 5));
  CHECK(poller->Expose().ok() && poller->Expose().ok());
  CHECK(Readable(*poller, 20'000));
  poller->Conceal();
  CHECK(Readable(*poller, 20'000));
  poller->Conceal();
  CHECK(!Readable(*poller, 5));
  Expect(poller.get(), {{timer, 1}}, 0);
  CHECK(poller->Expose().ok());
  CHECK(!Readable(*poller, 5));
}

void ItStaysReadableWhenMoreIsLeftThanTheBatchTook(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend, 2);
  if (!Exposable(*poller)) return;
  CHECK(poller->Expose().ok());
  for (int i = 0; i < 7; i++) AddTimer(poller.get(), 0);
  size_t told = 0;
  while (told < 7) {
    CHECK(Readable(*poller, 20'000));
    CHECK(poller->Wait(0).status.ok());
    told += poller->events().size();
  }
  ExpectNothing(poller.get());
  CHECK(!Readable(*poller, 5));
}

void ItIsReadableForWhatIsToldAgain(const BackendEntry& backend) {
  for (const bool exposed_later : {false, true}) {
    const auto poller = OpenPoller(backend);
    if (!Exposable(*poller)) return;
    if (!exposed_later) CHECK(poller->Expose().ok());
    const SourceId timer = AddTimer(poller.get(), 0);
    Expect(poller.get(), {{timer, 1}});
    poller->Rearm(size_t{0});
    if (exposed_later) CHECK(poller->Expose().ok());
    CHECK(Readable(*poller, 20'000));
    const Poller::Outcome outcome = poller->Wait(0);
    CHECK(outcome.status.ok() && !outcome.woken && poller->events().size() == 1);
    ExpectNothing(poller.get());
    CHECK(!Readable(*poller, 5));
  }
}

void AWatchTellsWhatHappenedAlsoWhenTheBatchHadNoRoom(const BackendEntry& backend) {
  if (!Watches::Open().ok()) return;
  const WatchedFolder folder;
  const auto poller = OpenPoller(backend, 1);
  MakeFile(folder / "file");
  std::vector<SourceId> watches;
  for (int i = 0; i < 3; i++) {
    const Result<SourceId> added = poller->AddWatch(folder / "file", kWatchModify, 0);
    CHECK(added.ok() && poller->ChangesOf(added.value) == nullptr);
    watches.push_back(added.value);
  }
  CHECK(poller->AddWatch(folder / "none", kWatchModify, 0).status.error == ENOENT);
  AppendTo(folder / "file");
  for (int round = 0; round < 3; round++) {
    CHECK(poller->Wait(kSecond).status.ok() && poller->events().size() == 1);
    int with_changes = 0;
    for (const SourceId watch : watches) {
      const std::vector<Change>* changes = poller->ChangesOf(watch);
      if (changes == nullptr) continue;
      with_changes++;
      CHECK(SlotOf(watch) == poller->events()[0].slot && changes->size() == 1);
      CHECK((*changes)[0].kinds == kWatchModify);
    }
    CHECK(with_changes == 1);
    // The rest is not in the kernel any more.
    if (round == 0 && Exposable(*poller)) {
      CHECK(poller->Expose().ok());
      CHECK(Readable(*poller, 20'000));
    }
  }
  ExpectNothing(poller.get());
  for (const SourceId watch : watches) CHECK(poller->RemoveSource(watch) == -1);
}

void TheEndOfAWatchIsToldWithItsChanges(const BackendEntry& backend) {
  if (!Watches::Open().ok()) return;
  const WatchedFolder folder;
  const auto poller = OpenPoller(backend);
  MakeFile(folder / "file");
  const SourceId watch = poller->AddWatch(folder / "file", kWatchModify, 0).value;
  AppendTo(folder / "file");
  Unlink(folder / "file");
  Expect(poller.get(), {{watch, 1}});
  const std::vector<Change>* changes = poller->ChangesOf(watch);
  CHECK(changes != nullptr && (changes->back().kinds & kWatchGone) != 0);
  const size_t count = changes->size();
  poller->Rearm(size_t{0});
  Expect(poller.get(), {{watch, 1}});
  CHECK(poller->ChangesOf(watch) != nullptr && poller->ChangesOf(watch)->size() == count);
  ExpectNothing(poller.get());
  CHECK(poller->ChangesOf(watch) == nullptr && poller->RemoveSource(watch) == -1);
}

std::unique_ptr<Poller> Exposed(const BackendEntry& backend, size_t capacity) {
  auto poller = OpenPoller(backend, capacity);
  CHECK(poller->Expose().ok());
  return poller;
}

// As a started poller is: exposed, and waiting.
class Started final : public Owner {
 public:
  explicit Started(const BackendEntry& backend, size_t capacity = 64)
      : Owner(Exposed(backend, capacity)) {
    get()->Acknowledge();
  }
};

void AHelperThreadTellsOfTimers(const BackendEntry& backend) {
  Started owner(backend);
  for (int round = 0; round < 5; round++) {
    const Nanoseconds at = Now() + kMillisecond;
    const SourceId timer = AddTimer(owner.get(), at);
    owner.Next();
    CHECK(Now() >= at && owner->events().size() == 1);
    CHECK(owner->events()[0].slot == SlotOf(timer) && owner->events()[0].available == 1);
    owner->Acknowledge();
  }
  const SourceId timer = AddTimer(owner.get(), Now() + kHour);
  CHECK(owner->SetTimer(timer, Now(), 0).ok());
  owner.Next();
  CHECK(owner->events()[0].slot == SlotOf(timer));
  CHECK(owner->SetTimer(timer, Now() + kMillisecond, 0).ok());
  owner->Acknowledge();
  owner.Next();
  CHECK(owner->events()[0].slot == SlotOf(timer));
}

void AHelperThreadTellsOfMoreThanABatchHolds(const BackendEntry& backend) {
  Started owner(backend, 2);
  const Fed feed(owner.get(), false);
  for (int i = 0; i < 9; i++) AddTimer(owner.get(), 0);
  feed.Say(1);
  size_t told = 0;
  while (told < 10) {
    owner.Next();
    told += owner->events().size();
    owner->Acknowledge();
  }
  CHECK(told == 10);
}

void AHelperThreadTellsAgainWhatNobodyHandled(const BackendEntry& backend) {
  Started owner(backend);
  const SourceId timer = AddTimer(owner.get(), 0);
  for (int round = 0; round < 5; round++) {
    owner.Next();
    CHECK(owner->events().size() == 1 && owner->events()[0].slot == SlotOf(timer));
    owner->Rearm(size_t{0});
    owner->Acknowledge();
  }
  owner.Next();
  owner->Rearm(size_t{0});
  owner->StopHarvest();
  if (Exposable(*owner.get())) CHECK(Readable(*owner.get(), 20'000));
  Expect(owner.get(), {{timer, 1}});
  ExpectNothing(owner.get());
}

void AStormOfTimersIsSafe(const BackendEntry& backend) {
  Started owner(backend, 8);
  std::vector<SourceId> timers(32, -1);
  uint32_t seed = 1;
  size_t told = 0;
  for (int round = 0; round < 3000; round++) {
    seed = seed * 1664525u + 1013904223u;
    SourceId& timer = timers[(seed >> 8) % timers.size()];
    const Nanoseconds at = Now() + (seed >> 12) % 100'000;
    if (timer < 0) {
      timer = AddTimer(owner.get(), at, (seed >> 20) % 3 == 0 ? 50'000 : 0);
    } else if ((seed >> 16) % 4 == 0) {
      owner->RemoveSource(timer);
      timer = -1;
    } else if (owner->SetTimer(timer, at, 0).error == ENOENT) {
      timer = -1;
    }
    while (owner.Notified(0)) {
      CHECK(owner->Take().status.ok());
      told += owner->events().size();
      owner->Acknowledge();
    }
  }
  for (const SourceId timer : timers) owner->RemoveSource(timer);
  const SourceId last = AddTimer(owner.get(), Now());
  bool found = false;
  while (!found) {
    owner.Next();
    for (const Ready& event : owner->events()) {
      found = found || (event.slot == SlotOf(last) && event.flags != 0);
    }
    owner->Acknowledge();
  }
  CHECK(told > 0);
}

}  // namespace

int main() {
  RUN_ON_EACH(TheDescriptorIsReadableWhenATimerIsDue);
  RUN_ON_EACH(TimersThatAreThereAlreadyMakeItReadable);
  RUN_ON_EACH(ItStaysReadableWhenMoreIsLeftThanTheBatchTook);
  RUN_ON_EACH(ItIsReadableForWhatIsToldAgain);
  RUN_ON_EACH(AWatchTellsWhatHappenedAlsoWhenTheBatchHadNoRoom);
  RUN_ON_EACH(TheEndOfAWatchIsToldWithItsChanges);
  RUN_ON_EACH(AHelperThreadTellsOfTimers);
  RUN_ON_EACH(AHelperThreadTellsOfMoreThanABatchHolds);
  RUN_ON_EACH(AHelperThreadTellsAgainWhatNobodyHandled);
  RUN_ON_EACH(AStormOfTimersIsSafe);
}
