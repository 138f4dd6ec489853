#include "core/waker_table.h"

#include <atomic>
#include <thread>
#include <vector>

#include "each_backend.h"

using namespace fdpoll;

namespace {

void AStormOfWakesLosesNone(const BackendEntry& backend) {
  constexpr int kThreads = 4;
  constexpr int kWakes = 5000;
  const auto poller = OpenPoller(backend);
  const int64_t handle = WakerTable::OfProcess().Insert(poller.get());
  std::atomic<int> posted{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; i++) {
    threads.emplace_back([&] {
      for (int wake = 0; wake < kWakes; wake++) {
        posted.fetch_add(1);
        CHECK(WakerTable::OfProcess().Wake(handle));
      }
    });
  }
  // Each wake follows its post, so whoever waits until all have been seen must never wait for ever.
  while (posted.load() < kThreads * kWakes) {
    const Poller::Outcome outcome = poller->Wait(20 * kSecond);
    CHECK(outcome.status.ok() && outcome.woken);
  }
  for (std::thread& thread : threads) thread.join();
  WakerTable::OfProcess().Remove(handle);
}

void AWakerOfAPollerThatIsGoneFindsNothing(const BackendEntry& backend) {
  auto poller = OpenPoller(backend);
  const int64_t handle = WakerTable::OfProcess().Insert(poller.get());
  WakerTable::OfProcess().Remove(handle);
  poller.reset();
  CHECK(!WakerTable::OfProcess().Wake(handle));
  CHECK(!WakerTable::OfProcess().Wake(-1));
}

void WakesBeforeAWaitBecomeOne(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend);
  for (int i = 0; i < 10; i++) poller->Wake();
  CHECK(poller->Wait(kSecond).woken);
  CHECK(!poller->Wait(0).woken);
  poller->Wake();
  CHECK(poller->Wait(kSecond).woken);
}

}  // namespace

int main() {
  RUN_ON_EACH(AStormOfWakesLosesNone);
  RUN_ON_EACH(AWakerOfAPollerThatIsGoneFindsNothing);
  RUN_ON_EACH(WakesBeforeAWaitBecomeOne);
}
