#include "core/clock.h"

#include "check.h"

using namespace fdpoll;

namespace {

void MillisecondsAreRoundedUp() {
  CHECK(ToMillisecondsUp(0) == 0);
  CHECK(ToMillisecondsUp(1) == 1);
  CHECK(ToMillisecondsUp(kMillisecond) == 1);
  CHECK(ToMillisecondsUp(kMillisecond + 1) == 2);
}

void LongWaitsAreClamped() {
  CHECK(ToMillisecondsUp(kForever) == 24 * 3600 * 1000);
  CHECK(ToTimespec(kForever).tv_sec == 24 * 3600);
  CHECK(ToTimespec(1'500'000'000).tv_sec == 1 && ToTimespec(1'500'000'000).tv_nsec == 500'000'000);
}

void DeadlinesNeverOverflow() {
  CHECK(Deadline(kForever).Left() == kForever);
  CHECK(Deadline(kForever - 1).forever());
  CHECK(Deadline(0).Left() == 0);
  CHECK(Deadline(-5).Left() == 0);
  const Nanoseconds left = Deadline(3600 * kSecond).Left();
  CHECK(left > 3590 * kSecond && left <= 3600 * kSecond);
}

}  // namespace

int main() {
  RUN(MillisecondsAreRoundedUp);
  RUN(LongWaitsAreClamped);
  RUN(DeadlinesNeverOverflow);
}
