#include "core/timers.h"

#include <map>
#include <random>
#include <utility>
#include <vector>

#include "check.h"

using namespace fdpoll;

namespace {

std::vector<int32_t> PopAll(Timers* timers, Nanoseconds now) {
  std::vector<int32_t> slots;
  Timers::Due due;
  while (timers->Pop(now, &due)) slots.push_back(due.slot);
  return slots;
}

void NothingIsDueWhenThereIsNone() {
  Timers timers;
  Timers::Due due;
  CHECK(timers.size() == 0 && timers.Next() == kForever);
  CHECK(!timers.Pop(0, &due) && !timers.Pop(kForever, &due));
  timers.Remove(0);
  timers.Remove(1000);
  CHECK(timers.size() == 0);
}

void TheyComeInTheOrderOfTheirTimes() {
  Timers timers;
  const Nanoseconds times[] = {50, 10, 40, 20, 30, 60};
  for (int32_t slot = 0; slot < 6; slot++) timers.Set(slot, times[slot], 0);
  CHECK(timers.Next() == 10 && timers.size() == 6);
  CHECK(PopAll(&timers, 9).empty());
  CHECK((PopAll(&timers, 45) == std::vector<int32_t>{1, 3, 4, 2}));
  CHECK(timers.Next() == 50);
  CHECK((PopAll(&timers, 60) == std::vector<int32_t>{0, 5}));
  CHECK(timers.size() == 0);
}

void ThoseOfOneTimeComeInTheOrderOfArming() {
  Timers timers;
  for (int32_t slot = 0; slot < 100; slot++) timers.Set((slot * 37) % 100, 5, 0);
  timers.Set(0, 5, 0);  // anew: the last
  std::vector<int32_t> expected;
  for (int32_t slot = 1; slot < 100; slot++) expected.push_back((slot * 37) % 100);
  expected.push_back(0);
  CHECK(PopAll(&timers, 5) == expected);
}

void OneInTheMiddleIsRemoved() {
  Timers timers;
  for (int32_t slot = 0; slot < 31; slot++) timers.Set(slot, 100 - slot, 0);
  for (const int32_t slot : {30, 15, 0, 7, 7}) timers.Remove(slot);
  CHECK(timers.size() == 27 && timers.Next() == 71);
  std::vector<int32_t> expected;
  for (int32_t slot = 29; slot > 0; slot--) {
    if (slot != 15 && slot != 7) expected.push_back(slot);
  }
  CHECK(PopAll(&timers, 100) == expected);
}

void ForeverIsNever() {
  Timers timers;
  timers.Set(3, 10, 0);
  timers.Set(4, kForever, 10);
  CHECK(timers.size() == 1);
  timers.Set(3, kForever, 0);
  CHECK(timers.size() == 0 && timers.Next() == kForever);
  CHECK(PopAll(&timers, kForever).empty());
}

void APeriodCountsWhatWasMissedAndDoesNotDrift() {
  Timers timers;
  Timers::Due due;
  timers.Set(2, 100, 10);
  CHECK(!timers.Pop(99, &due));
  CHECK(timers.Pop(100, &due) && due.slot == 2 && due.count == 1 && due.again);
  CHECK(!timers.Pop(109, &due) && timers.Next() == 110);
  CHECK(timers.Pop(139, &due) && due.count == 3 && timers.Next() == 140);
  CHECK(timers.Pop(140, &due) && due.count == 1 && timers.Next() == 150);
  timers.Set(2, 200, 0);
  CHECK(timers.Pop(1000, &due) && due.count == 1 && !due.again && timers.size() == 0);
}

void AShortPeriodIsToldOnceAtATimeAndLetsOthersThrough() {
  Timers timers;
  timers.Set(0, 1, 1);
  timers.Set(1, 1, 0);
  CHECK((PopAll(&timers, 10) == std::vector<int32_t>{0, 1}));
  CHECK(timers.Next() == 11);
}

void ACountThatIsTooLargeIsTheLargest() {
  Timers timers;
  Timers::Due due;
  timers.Set(0, 1, 1);
  CHECK(timers.Pop(kForever - 1, &due) && due.count == INT32_MAX && timers.Next() == kForever);
}

void TimesNearTheEndOfTimeDoNotOverflow() {
  Timers timers;
  Timers::Due due;
  timers.Set(0, kForever - 1, kForever - 1);
  CHECK(timers.Next() == kForever - 1 && !timers.Pop(kForever - 2, &due));
  CHECK(timers.Pop(kForever - 1, &due) && due.count == 1 && due.again);
  CHECK(timers.size() == 0);
  timers.Set(0, 10, kForever);
  CHECK(timers.Pop(10, &due) && due.again && timers.size() == 0);
  timers.Set(0, kForever - 10, 4);
  CHECK(timers.Pop(kForever - 1, &due) && due.count == 3 && timers.size() == 0);
}

void ATimeBeforeTheBeginningOfTimeIsDue() {
  for (const Nanoseconds every : {Nanoseconds{0}, Nanoseconds{1}, kForever}) {
    Timers timers;
    Timers::Due due;
    timers.Set(0, INT64_MIN, every);
    CHECK(timers.Pop(0, &due) && due.count == 1);
    timers.Set(0, -1, every);
    CHECK(timers.Pop(kForever - 1, &due) && due.count > 0);
  }
}

// Every operation also on the plainest of models; the seed is fixed.
void ItAgreesWithAModel() {
  using Model = std::multimap<Nanoseconds, std::pair<int32_t, Nanoseconds>>;
  constexpr int32_t kSlots = 40;
  std::mt19937 random(4711);  // NOLINT(cert-msc51-cpp)
  Timers timers;
  Model model;  // equal keys keep the order of insertion
  const auto erase = [&model](int32_t slot) {
    for (auto each = model.begin(); each != model.end(); ++each) {
      if (each->second.first != slot) continue;
      model.erase(each);
      return;
    }
  };
  Nanoseconds now = 0;
  size_t popped = 0;
  for (int step = 0; step < 50'000; step++) {
    const auto slot = static_cast<int32_t>(random() % kSlots);
    const unsigned what = random() % 8;
    if (what < 4) {
      const Nanoseconds at = now - 10 + random() % 60;
      const Nanoseconds every = random() % 3 == 0 ? 1 + random() % 20 : 0;
      timers.Set(slot, at, every);
      erase(slot);
      model.insert({std::max<Nanoseconds>(0, at), {slot, every}});
    } else if (what < 6) {
      timers.Remove(slot);
      erase(slot);
    } else {
      now += random() % 30;
      Timers::Due due;
      while (!model.empty() && model.begin()->first <= now) {
        const auto [at, entry] = *model.begin();
        const auto [expected, every] = entry;
        model.erase(model.begin());
        CHECK(timers.Pop(now, &due) && due.slot == expected && due.again == (every > 0));
        Nanoseconds next = at;
        int32_t count = 1;
        for (next += every; every > 0 && next <= now; next += every) count++;
        CHECK(due.count == count);
        if (every > 0) model.insert({next, {expected, every}});
        popped++;
      }
      CHECK(!timers.Pop(now, &due));
    }
    CHECK(timers.size() == model.size());
    CHECK(timers.Next() == (model.empty() ? kForever : model.begin()->first));
  }
  CHECK(popped > 1000);
}

}  // namespace

int main() {
  RUN(NothingIsDueWhenThereIsNone);
  RUN(TheyComeInTheOrderOfTheirTimes);
  RUN(ThoseOfOneTimeComeInTheOrderOfArming);
  RUN(OneInTheMiddleIsRemoved);
  RUN(ForeverIsNever);
  RUN(APeriodCountsWhatWasMissedAndDoesNotDrift);
  RUN(AShortPeriodIsToldOnceAtATimeAndLetsOthersThrough);
  RUN(ACountThatIsTooLargeIsTheLargest);
  RUN(TimesNearTheEndOfTimeDoNotOverflow);
  RUN(ATimeBeforeTheBeginningOfTimeIsDue);
  RUN(ItAgreesWithAModel);
}
