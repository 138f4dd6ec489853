// Pollers that a helper thread waits for, Workers, and the ends of environments.
#include <sys/socket.h>

#include <cerrno>
#include <thread>

#include "checks.h"

namespace host {

namespace {

constexpr bool kOnLoop = false;
constexpr bool kOnThread = true;

// A poller that is hosted, and what it has called back with.
class Hosted {
 public:
  Hosted(Addon* addon, const std::string& backend) : poller(addon, backend), addon_(addon) {
    const Callable deliver = [this](const std::vector<ValuePtr>& arguments) {
      return Deliver(*arguments.at(0)->As<double>());
    };
    const int64_t handle = poller.handle();
    const size_t others = addon->env().KeepingAlive();
    CHECK(addon->Number("hostPoller", handle, kOnThread, Make(deliver), poller.columns()) == 0);
    CHECK(addon->env().KeepingAlive() == others);
    CHECK(addon->Number("keepAlivePoller", handle, true) == 0);
    CHECK(addon->env().KeepingAlive() == others + 1);
    CHECK(addon->Number("holdPoller", handle, false) == 0);
  }
  bool WaitFor(int batches) {
    return addon_->env().RunUntil([&] { return batches_ >= batches; });
  }
  int batches() const { return batches_; }

  TestPoller poller;
  std::function<ValuePtr()> then;

 private:
  ValuePtr Deliver(double answer) {
    CHECK(poller.Begin(static_cast<int64_t>(answer)) >= 0);
    batches_++;
    return then == nullptr ? Make(Undefined{}) : then();
  }

  Addon* addon_;
  int batches_ = 0;
};

void AHostedPollerCallsBackWithEachBatch(Addon* addon, const std::string& backend) {
  const size_t finalized = addon->env().finalized();
  TestPair pair(addon);
  {
    Hosted hosted(addon, backend);
    const int64_t handle = hosted.poller.handle();
    // Inside of the callback: after it the helper looks again.
    hosted.then = [&] {
      if (hosted.poller.count() > 0 && hosted.poller.fd(0) == pair.fd_of_a)
        CHECK(ReceiveText(addon, pair.a) == "hosted");
      return Make(Undefined{});
    };
    CHECK(addon->Number("pollerAdd", handle, pair.fd_of_a, kReadable, kLevel, pair.a) >= 0);
    for (int round = 1; round <= 3; round++) {
      CHECK(SendText(addon, pair.b, "hosted") == 6);
      CHECK(hosted.WaitFor(round));
      CHECK(hosted.poller.count() == 1 && hosted.poller.fd(0) == pair.fd_of_a);
    }
    CHECK(addon->Number("addTimer", handle, 2, 0) >= 0);
    CHECK(hosted.WaitFor(4) && hosted.poller.fd(0) == -1);
    CHECK(addon->Number("wake", addon->Number("pollerWaker", handle)) == 1);
    CHECK(hosted.WaitFor(5) && hosted.poller.woken() && hosted.poller.count() == 0);
    CHECK(hosted.poller.Wait(0) == kBadArgument);
    CHECK(addon->Number("unhostPoller", handle) == 0);
    CHECK(hosted.poller.Wait(0) == 0);
  }
  CHECK(addon->env().RunUntil([&] { return addon->env().finalized() == finalized + 1; }));
  CHECK(addon->env().functions.empty() && addon->env().hooks.empty());
}

void ACallbackMayCloseItsPoller(Addon* addon, const std::string& backend) {
  const size_t finalized = addon->env().finalized();
  TestPair pair(addon);
  Hosted hosted(addon, backend);
  hosted.then = [&] {
    hosted.poller.Close();
    return Make(Undefined{});
  };
  CHECK(addon->Number("pollerAdd", hosted.poller.handle(), pair.fd_of_a, kWritable, kLevel) >= 0);
  CHECK(addon->env().RunUntil([&] { return addon->env().finalized() == finalized + 1; }));
  CHECK(hosted.batches() == 1);
}

void WhatACallbackThrowsIsUncaughtAndItGoesOn(Addon* addon, const std::string& backend) {
  TestPair pair(addon);
  Hosted hosted(addon, backend);
  hosted.then = [&]() -> ValuePtr {
    addon->env().exception = Make(std::string("on purpose"));
    return nullptr;
  };
  CHECK(addon->Number("pollerAdd", hosted.poller.handle(), pair.fd_of_a, kWritable, kLevel) >= 0);
  CHECK(hosted.WaitFor(3));
  CHECK(addon->env().uncaught.size() >= 3);
  CHECK(*addon->env().uncaught[0]->As<std::string>() == "on purpose");
  addon->env().uncaught.clear();
}

void TheLoopIsRefusedWhereThereIsNone(Addon* addon) {
  const TestPoller poller(addon, "epoll");
  const ValuePtr deliver = Make(Callable());
  const int64_t answer =
      addon->Number("hostPoller", poller.handle(), kOnLoop, deliver, poller.columns());
  CHECK(-answer % 4096 == ENOTSUP);
}

void AnEnvironmentThatEndsClosesWhatIsOpen(Initializer initialize) {
  const int before = CountDescriptors();
  // Never destroyed, since that closes them.
  static auto* const open = new std::vector<Hosted*>;
  {
    Addon addon(initialize);
    for (const char* backend : kBackends) {
      // Never closed.
      const std::vector<int64_t> handles = addon.Numbers("openSocketPair", SOCK_STREAM);
      const int64_t fd = addon.Number("socketFd", handles[0]);
      Hosted* const hosted = open->emplace_back(new Hosted(&addon, backend));
      CHECK(addon.Number("pollerAdd", hosted->poller.handle(), fd, kWritable, kLevel) >= 0);
      CHECK(hosted->WaitFor(2));
    }
    CHECK(CountDescriptors() > before);
    addon.env().End();
    CHECK(addon.env().references.empty() && addon.env().functions.empty());
    CHECK(addon.env().finalized() == std::size(kBackends));
  }
  CHECK(CountDescriptors() == before);
}

// A thread with an environment that waits, for ever as far as it knows.
void ABlockedWorkerComesBack(Initializer initialize,
                             const std::string& backend,
                             const std::function<void(Addon*, int64_t waker)>& end,
                             const std::function<void(Addon*, const ValuePtr&)>& check) {
  std::atomic<Addon*> addon{nullptr};
  std::atomic<int64_t> waker{-1};
  std::thread worker([&] {
    Addon own(initialize);
    const TestPoller poller(&own, backend);
    waker = own.Number("pollerWaker", poller.handle());
    addon = &own;
    check(&own, own.Call("pollerWait", poller.handle(), kForever, poller.columns()));
  });
  while (addon == nullptr) std::this_thread::yield();
  end(addon, waker);
  worker.join();
}

void AWorkerIsWokenByAnotherThread(Initializer initialize, Addon* addon) {
  for (const char* backend : kBackends) {
    ABlockedWorkerComesBack(
        initialize,
        backend,
        [&](Addon*, int64_t waker) { CHECK(addon->Number("wake", waker) == 1); },
        [](Addon*, const ValuePtr& answer) { CHECK(*answer->As<double>() == 1 << 24); });
  }
}

void AWorkerThatIsTerminatedComesBackFromItsWait(Initializer initialize) {
  for (const char* backend : kBackends) {
    ABlockedWorkerComesBack(
        initialize,
        backend,
        [](Addon* blocked, int64_t) { blocked->env().terminating = true; },
        [](Addon*, const ValuePtr& answer) { CHECK(answer->As<Undefined>() != nullptr); });
  }
}

}  // namespace

void CheckThreads(Initializer initialize, Addon* addon) {
  RUN_ON_EACH(AHostedPollerCallsBackWithEachBatch, addon);
  RUN_ON_EACH(ACallbackMayCloseItsPoller, addon);
  RUN_ON_EACH(WhatACallbackThrowsIsUncaughtAndItGoesOn, addon);
  RUN_WITH(TheLoopIsRefusedWhereThereIsNone, addon);
  RUN_WITH(AnEnvironmentThatEndsClosesWhatIsOpen, initialize);
  RUN_WITH(AWorkerIsWokenByAnotherThread, initialize, addon);
  RUN_WITH(AWorkerThatIsTerminatedComesBackFromItsWait, initialize);
}

}  // namespace host
