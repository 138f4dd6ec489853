// The sources of a poller that its owner waits for: timers, and feeds over a pipe.
#include "sources.h"

#include <cerrno>

using namespace fdpoll;

namespace {

void ATimerEndsAWaitAtItsTimeAndIsGone(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend);
  const Nanoseconds at = Now() + 3 * kMillisecond;
  const SourceId timer = AddTimer(poller.get(), at);
  CHECK(poller->size() == 0);
  Expect(poller.get(), {{timer, 1}});
  CHECK(Now() >= at);
  ExpectNothing(poller.get());
  CHECK(poller->SetTimer(timer, Now(), 0).error == ENOENT);
  CHECK(poller->RemoveSource(timer) == -1);
}

void APeriodicTimerGoesOnUntilItIsRemoved(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend);
  const SourceId timer = AddTimer(poller.get(), Now() - 3 * kPeriod, kPeriod);
  Expect(poller.get(), {{timer, 4}});
  CHECK(poller->SetTimer(timer, Now() - kPeriod - 1, kPeriod).ok());
  Expect(poller.get(), {{timer, 2}});
  CHECK(poller->RemoveSource(timer) == 0);
  CHECK(poller->events()[0].flags == 0);
  ExpectNothing(poller.get());
}

void ATimerIsSetAgainInTheBatchThatTellsOfIt(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend);
  const SourceId timer = AddTimer(poller.get(), 0);
  for (int round = 0; round < 5; round++) {
    Expect(poller.get(), {{timer, 1}});
    CHECK(poller->SetTimer(timer, Now(), 0).ok());
  }
  CHECK(poller->SetTimer(timer, kForever, 0).ok());
  ExpectNothing(poller.get());
  CHECK(poller->SetTimer(timer, 0, 0).ok());
  Expect(poller.get(), {{timer, 1}});
}

void ATimerThatWasRemovedIsNotSetAgain(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend);
  const SourceId once = AddTimer(poller.get(), 0);
  const SourceId periodic = AddTimer(poller.get(), 0, kHour);
  CHECK(poller->Wait(kSecond).status.ok() && poller->events().size() == 2);
  for (const SourceId timer : {once, periodic}) {
    CHECK(poller->RemoveSource(timer) >= 0);
    CHECK(poller->SetTimer(timer, 0, 0).error == ENOENT);
  }
  ExpectNothing(poller.get());
}

void TheIdOfARemovedSourceDoesNothing(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend);
  const SourceId old = AddTimer(poller.get(), Now() + kHour);
  CHECK(poller->RemoveSource(old) == -1);
  const SourceId timer = AddTimer(poller.get(), 0);
  CHECK(SlotOf(timer) == SlotOf(old) && timer != old);
  CHECK(poller->RemoveSource(old) == -1 && poller->SetTimer(old, kForever, 0).error == ENOENT);
  CHECK(poller->ChangesOf(old) == nullptr && poller->ChangesOf(timer) == nullptr);
  for (const SourceId none : {SourceId{-1}, SourceId{0}, SourceId{1} << 52, INT64_MAX, INT64_MIN}) {
    CHECK(poller->RemoveSource(none) == -1 && poller->SetTimer(none, 0, 0).error == ENOENT);
    CHECK(poller->ChangesOf(none) == nullptr);
  }
  Expect(poller.get(), {{timer, 1}});
  const Fed feed(poller.get(), false);
  CHECK(poller->SetTimer(feed.id, 0, 0).error == ENOENT);
}

void ASlotIsNotUsedAgainWithinItsBatch(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend);
  const SourceId ended = AddTimer(poller.get(), 0);
  const SourceId removed = AddTimer(poller.get(), 0, kHour);
  CHECK(poller->Wait(kSecond).status.ok() && poller->events().size() == 2);
  CHECK(poller->RemoveSource(removed) >= 0);
  const Pipe pipe;
  const SourceId added = AddTimer(poller.get(), kForever);
  const int32_t slot = poller->Add(pipe.reader(), kReadable, {}).value.slot;
  for (const SourceId old : {ended, removed}) {
    CHECK(SlotOf(added) != SlotOf(old) && slot != SlotOf(old));
  }
  ExpectNothing(poller.get());
  const SourceId later = AddTimer(poller.get(), kForever);
  CHECK(SlotOf(later) == SlotOf(ended) || SlotOf(later) == SlotOf(removed));
}

void AFeedIsToldWheneverItHasSomething(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend);
  const Fed feed(poller.get(), false);
  ExpectNothing(poller.get());
  for (const uint8_t what : {3, 4}) {
    feed.Say(what);
    feed.Say(what);
    Expect(poller.get(), {{feed.id, 2 * what}});
    ExpectNothing(poller.get());
  }
  CHECK(poller->size() == 0 && *feed.living == 1);
  CHECK(poller->RemoveSource(feed.id) == -1 && *feed.living == 0);
  feed.Say(1);
  ExpectNothing(poller.get());
}

void AFeedThatTellsOnceIsGoneWithIt(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend);
  const Fed feed(poller.get(), true);
  feed.Say(9);
  Expect(poller.get(), {{feed.id, 9}});
  CHECK(*feed.living == 0);
  feed.Say(9);
  ExpectNothing(poller.get());
  CHECK(poller->RemoveSource(feed.id) == -1);
}

void AFeedIsRemovedInsideTheBatch(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend);
  for (const bool once : {true, false}) {
    const Fed feed(poller.get(), once);
    feed.Say(1);
    Expect(poller.get(), {{feed.id, 1}});
    CHECK(poller->RemoveSource(feed.id) == 0 && poller->events()[0].flags == 0);
    CHECK(*feed.living == 0);
    poller->Rearm(size_t{0});
    ExpectNothing(poller.get());
  }
}

void AFeedOfADescriptorThatCannotBeWatchedIsRefused(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend);
  const auto living = std::make_shared<int>(0);
  CHECK(poller->AddFeed(std::make_unique<PipeFeed>(100000, true, living)).status.error != 0);
  CHECK(*living == 0);
  const SourceId timer = AddTimer(poller.get(), 0);
  Expect(poller.get(), {{timer, 1}});
}

void ACapacityOfOneServesSourcesAndDescriptorsInTurn(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend, 1);
  const Pipe pipe;
  CHECK(::write(pipe.writer(), "x", 1) == 1);
  CHECK(poller->Add(pipe.reader(), kReadable, {}).ok());
  const Fed feed(poller.get(), false);
  const SourceId periodic = AddTimer(poller.get(), 0, 1);
  std::vector<SourceId> timers;
  for (int i = 0; i < 8; i++) timers.push_back(AddTimer(poller.get(), 0));
  int descriptor = 0;
  int fed = 0;
  int fired = 0;
  int again = 0;
  for (int round = 0; round < 60; round++) {
    feed.Say(1);
    CHECK(poller->Wait(kSecond).status.ok() && poller->events().size() == 1);
    const Ready& event = poller->events()[0];
    descriptor += event.fd == pipe.reader();
    fed += event.slot == SlotOf(feed.id) && event.fd == -1;
    again += event.slot == SlotOf(periodic) && event.fd == -1;
    for (const SourceId timer : timers) fired += event.slot == SlotOf(timer) && event.fd == -1;
  }
  CHECK(fired == 8 && descriptor >= 10 && fed >= 10 && again >= 10);
}

void WhatNobodyHandledIsToldAgain(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend);
  const SourceId once = AddTimer(poller.get(), 0);
  const SourceId periodic = AddTimer(poller.get(), Now() - 2 * kPeriod, kPeriod);
  const Fed feed(poller.get(), false);
  const Fed last(poller.get(), true);
  feed.Say(5);
  last.Say(6);
  for (int round = 0; round < 3; round++) {
    Expect(poller.get(), {{once, 1}, {periodic, 3}, {feed.id, 5}, {last.id, 6}});
    poller->Rearm(size_t{0});
  }
  // What has come meanwhile is told with it or after it.
  feed.Say(2);
  int32_t fed = 0;
  int others = 0;
  while (fed < 7) {
    CHECK(poller->Wait(kSecond).status.ok());
    for (const Ready& event : poller->events()) {
      if (event.slot == SlotOf(feed.id)) {
        fed += event.available;
      } else {
        others++;
      }
    }
  }
  CHECK(fed == 7 && others == 3);
  ExpectNothing(poller.get());
  CHECK(poller->RemoveSource(once) == -1 && poller->RemoveSource(last.id) == -1);
  CHECK(poller->RemoveSource(periodic) == -1);
}

void OnlyWhatIsLeftOfTheBatchIsToldAgain(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend);
  for (int i = 0; i < 4; i++) AddTimer(poller.get(), 0);
  CHECK(poller->Wait(kSecond).status.ok() && poller->events().size() == 4);
  const int32_t expected[] = {poller->events()[2].slot, poller->events()[3].slot};
  poller->Rearm(size_t{2});
  CHECK(poller->Wait(kSecond).status.ok() && poller->events().size() == 2);
  CHECK(poller->events()[0].slot == expected[0] && poller->events()[1].slot == expected[1]);
  ExpectNothing(poller.get());
}

void WhatIsToldAgainIsForgottenWhenItIsRemoved(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend);
  const SourceId once = AddTimer(poller.get(), 0);
  const SourceId periodic = AddTimer(poller.get(), 0, kHour);
  CHECK(poller->Wait(kSecond).status.ok() && poller->events().size() == 2);
  poller->Rearm(size_t{0});
  CHECK(poller->RemoveSource(once) == -1 && poller->RemoveSource(periodic) == -1);
  // The slots are others' by now.
  const Fed feed(poller.get(), false);
  const SourceId timer = AddTimer(poller.get(), kForever);
  CHECK(SlotOf(timer) == SlotOf(once) || SlotOf(timer) == SlotOf(periodic));
  ExpectNothing(poller.get());
  ExpectNothing(poller.get(), kMillisecond);
}

void ATimerThatIsSetForgetsWhatWasToBeToldAgain(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend);
  const SourceId timer = AddTimer(poller.get(), 0);
  Expect(poller.get(), {{timer, 1}});
  poller->Rearm(size_t{0});
  const Nanoseconds at = Now() + 5 * kMillisecond;
  CHECK(poller->SetTimer(timer, at, 0).ok());
  ExpectNothing(poller.get());
  Expect(poller.get(), {{timer, 1}});
  CHECK(Now() >= at);
  ExpectNothing(poller.get());
}

void ManyTimersAreToldInOrderAndNoneIsLost(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend, 16);
  constexpr int kTimers = 100;
  std::vector<SourceId> timers;
  for (int i = 0; i < kTimers; i++) timers.push_back(AddTimer(poller.get(), i));
  size_t told = 0;
  while (told < kTimers) {
    CHECK(poller->Wait(kSecond).status.ok() && !poller->events().empty());
    for (const Ready& event : poller->events()) CHECK(event.slot == SlotOf(timers[told++]));
  }
  ExpectNothing(poller.get());
}

}  // namespace

int main() {
  RUN_ON_EACH(ATimerEndsAWaitAtItsTimeAndIsGone);
  RUN_ON_EACH(APeriodicTimerGoesOnUntilItIsRemoved);
  RUN_ON_EACH(ATimerIsSetAgainInTheBatchThatTellsOfIt);
  RUN_ON_EACH(ATimerThatWasRemovedIsNotSetAgain);
  RUN_ON_EACH(TheIdOfARemovedSourceDoesNothing);
  RUN_ON_EACH(ASlotIsNotUsedAgainWithinItsBatch);
  RUN_ON_EACH(AFeedIsToldWheneverItHasSomething);
  RUN_ON_EACH(AFeedThatTellsOnceIsGoneWithIt);
  RUN_ON_EACH(AFeedIsRemovedInsideTheBatch);
  RUN_ON_EACH(AFeedOfADescriptorThatCannotBeWatchedIsRefused);
  RUN_ON_EACH(ACapacityOfOneServesSourcesAndDescriptorsInTurn);
  RUN_ON_EACH(WhatNobodyHandledIsToldAgain);
  RUN_ON_EACH(OnlyWhatIsLeftOfTheBatchIsToldAgain);
  RUN_ON_EACH(WhatIsToldAgainIsForgottenWhenItIsRemoved);
  RUN_ON_EACH(ATimerThatIsSetForgetsWhatWasToBeToldAgain);
  RUN_ON_EACH(ManyTimersAreToldInOrderAndNoneIsLost);
}
