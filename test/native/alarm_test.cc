#include "core/alarm.h"

#include <poll.h>

#include "check.h"

using namespace fdpoll;

namespace {

bool Rings(const Alarm& alarm, int milliseconds = 0) {
  pollfd entry{alarm.fd(), POLLIN, 0};
  return ::poll(&entry, 1, milliseconds) == 1 && (entry.revents & POLLIN) != 0;
}

Alarm Opened() {
  Alarm alarm;
  CHECK(!alarm.is_open());
  CHECK(alarm.Open().ok() && alarm.is_open() && !Rings(alarm));
  return alarm;
}

void ItRingsAtItsTimeAndNotBefore() {
  const Nanoseconds waits[] = {50'000, 1'300'000, 2 * kMillisecond, 7'700'000};
  Alarm alarm = Opened();
  for (const Nanoseconds wait : waits) {
    const Nanoseconds at = Now() + wait;
    CHECK(alarm.Set(at).ok());
    CHECK(Rings(alarm, 20'000));
    CHECK(Now() >= at);
  }
}

void ItGoesOnRingingUntilItIsSetAgain() {
  Alarm alarm = Opened();
  CHECK(alarm.Set(Now()).ok());
  CHECK(Rings(alarm, 20'000));
  CHECK(Rings(alarm) && Rings(alarm));
  CHECK(alarm.Set(Now() + 3600 * kSecond).ok());
  CHECK(!Rings(alarm));
}

void SetAgainItForgetsWhatWasSet() {
  Alarm alarm = Opened();
  CHECK(alarm.Set(Now() + kMillisecond).ok());
  CHECK(alarm.Set(Now() + 3600 * kSecond).ok());
  CHECK(!Rings(alarm, 10));
  const Nanoseconds at = Now() + kMillisecond;
  CHECK(alarm.Set(at).ok());
  CHECK(Rings(alarm, 20'000) && Now() >= at);
}

void ForeverDisarmsIt() {
  Alarm alarm = Opened();
  CHECK(alarm.Set(kForever).ok());
  CHECK(alarm.Set(Now() + kMillisecond).ok());
  CHECK(alarm.Set(kForever).ok());
  CHECK(!Rings(alarm, 10));
  CHECK(alarm.Set(Now()).ok());
  CHECK(Rings(alarm, 20'000));
  CHECK(alarm.Set(kForever).ok());
  CHECK(!Rings(alarm));
}

void WhatIsPastRingsAtOnce() {
  Alarm alarm = Opened();
  for (const Nanoseconds at : {Now() - kSecond, Nanoseconds{1}, Nanoseconds{0}, Nanoseconds{-1}}) {
    CHECK(alarm.Set(kForever).ok() && !Rings(alarm));
    CHECK(alarm.Set(at).ok());
    CHECK(Rings(alarm, 20'000));
  }
}

void TheFarFutureIsNoError() {
  Alarm alarm = Opened();
  for (const Nanoseconds at : {kForever - 1, kForever / 2, (Nanoseconds{1} << 31) * kSecond}) {
    CHECK(alarm.Set(at).ok());
    CHECK(!Rings(alarm));
  }
}

void ClosedItCanBeOpenedAgain() {
  Alarm alarm = Opened();
  CHECK(alarm.Set(Now()).ok());
  CHECK(Rings(alarm, 20'000));
  alarm.Close();
  CHECK(!alarm.is_open());
  CHECK(alarm.Open().ok() && !Rings(alarm));
}

}  // namespace

int main() {
  RUN(ItRingsAtItsTimeAndNotBefore);
  RUN(ItGoesOnRingingUntilItIsSetAgain);
  RUN(SetAgainItForgetsWhatWasSet);
  RUN(ForeverDisarmsIt);
  RUN(WhatIsPastRingsAtOnce);
  RUN(TheFarFutureIsNoError);
  RUN(ClosedItCanBeOpenedAgain);
}
