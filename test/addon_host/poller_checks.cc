// Pollers that are waited for, and what they report.
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "../native/pidfd.h"
#include "checks.h"

namespace host {

namespace {

void TheBackendsOfLinuxOpen(Addon* addon) {
  std::vector<std::string> opened;
  const ValuePtr backends = addon->Call("backends");
  for (const ValuePtr& entry : backends->As<Array>()->elements) {
    auto& properties = entry->As<Object>()->properties;
    const std::string& name = *properties["name"]->As<std::string>();
    if (!*properties["compiled"]->As<bool>()) {
      CHECK(name == "kqueue" && !properties["absent"]->As<std::string>()->empty());
      continue;
    }
    CHECK(*properties["opened"]->As<double>() == 0);
    CHECK(*properties["capabilities"]->As<Object>()->properties["oneshot"]->As<bool>());
    opened.push_back(name);
  }
  CHECK((opened == std::vector<std::string>{std::begin(kBackends), std::end(kBackends)}));
}

void APollerTellsOfTheBytesOfAPair(Addon* addon, const std::string& backend) {
  TestPoller poller(addon, backend);
  TestPair pair(addon);
  CHECK(addon->Number("pollerAdd", poller.handle(), pair.fd_of_a, kReadable, kLevel, pair.a) >= 0);
  CHECK(addon->Number("pollerSize", poller.handle()) == 1);
  CHECK(poller.Wait(0) == 0 && poller.Wait(2.5) == 0);
  CHECK(SendText(addon, pair.b, "hello") == 5);
  CHECK(poller.Wait(kLong) == 1 && poller.fd(0) == pair.fd_of_a && poller.flags(0) == kReadable);
  CHECK(ReceiveText(addon, pair.a) == "hello" && ReceiveText(addon, pair.a).empty());
  CHECK(poller.Wait(0) == 0);
  CHECK(addon->Number("pollerModify", poller.handle(), pair.fd_of_a, kWritable, kLevel) >= 0);
  CHECK(poller.Wait(kLong) == 1 && poller.flags(0) == kWritable);
  CHECK(addon->Number("pollerDelete", poller.handle(), pair.fd_of_a) >= 0);
  CHECK(poller.Wait(0) == 0);
}

void ATimerEndsAWaitAtItsTime(Addon* addon, const std::string& backend) {
  const auto now = [&] { return addon->Call("monotonicTime")->As<BigInt>()->value; };
  TestPoller poller(addon, backend);
  const int64_t before = now();
  CHECK(addon->Number("addTimer", poller.handle(), 3.5, 0) >= 0);
  CHECK(poller.Wait(kLong) == 1 && poller.fd(0) == -1 && poller.payload(0) == 1);
  CHECK(now() - before >= 3500000);
  // At a point of the monotonic clock, which lies in the past.
  CHECK(addon->Number("addTimer", poller.handle(), Make(BigInt{before}), 0) >= 0);
  CHECK(poller.Wait(kForever) == 1 && poller.fd(0) == -1);
  CHECK(poller.Wait(0) == 0);
}

void ASignalIsASource(Addon* addon, const std::string& backend) {
  TestPoller poller(addon, backend);
  const int64_t source = addon->Number("addSignal", poller.handle(), SIGUSR2, true);
  CHECK(source >= 0 && poller.Wait(0) == 0);
  CHECK(kill(getpid(), SIGUSR2) == 0);
  CHECK(poller.Wait(kLong) == 1 && poller.fd(0) == -1 && poller.payload(0) == 1);
  CHECK(addon->Number("closeSource", poller.handle(), source) == 0);
}

void TheEndOfAProcessIsASource(Addon* addon, const std::string& backend) {
  TestPoller poller(addon, backend);
  const pid_t child = fork();
  if (child == 0) _exit(7);
  CHECK(child > 0);
  const int64_t source = addon->Number("addProcess", poller.handle(), child);
  if (fdpoll::ProcessesAreTold()) {
    CHECK(source >= 0);
    CHECK(poller.Wait(kLong) == 1 && poller.fd(0) == -1 && poller.payload(0) == 7);
  } else {
    CHECK(-source % 4096 == ENOSYS);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 7);
}

void AClosedDescriptorIsToldByItsErrno(Addon* addon, const std::string& backend) {
  TestPoller poller(addon, backend);
  TestPair pair(addon);
  CHECK(addon->Number("closeSocket", pair.a) == 0);
  const int64_t answer =
      addon->Number("pollerAdd", poller.handle(), pair.fd_of_a, kReadable, kLevel);
  CHECK(-answer % 4096 == EBADF);
  CHECK(addon->Tell(answer).rfind("EBADF ", 0) == 0);
  CHECK(addon->Number("recv", pair.a, MakeView(Make(Memory(8)), 0, 8)) == kClosedHandle);
}

void WrongArgumentsAreRefused(Addon* addon) {
  TestPoller poller(addon, "epoll");
  CHECK(addon->Number("openPoller", "epoll") == kBadArgument);
  CHECK(addon->Number("openPoller", "io_uring", 16) == kBadArgument);
  CHECK(addon->Number("pollerAdd", poller.handle(), "0", kReadable, kLevel) == kBadArgument);
  CHECK(addon->Number("pollerAdd", poller.handle(), -1, kReadable, kLevel) == kBadArgument);
  CHECK(addon->Number("pollerWait", poller.handle(), 0, Make(Memory(8))) == kBadArgument);
  CHECK(addon->Number("pollerWait", "a poller", 0, poller.columns()) == kClosedHandle);
  poller.Close();
  CHECK(poller.Wait(0) == kClosedHandle);
}

}  // namespace

void CheckPollers(Addon* addon) {
  RUN_WITH(TheBackendsOfLinuxOpen, addon);
  RUN_ON_EACH(APollerTellsOfTheBytesOfAPair, addon);
  RUN_ON_EACH(ATimerEndsAWaitAtItsTime, addon);
  RUN_ON_EACH(ASignalIsASource, addon);
  RUN_ON_EACH(TheEndOfAProcessIsASource, addon);
  RUN_ON_EACH(AClosedDescriptorIsToldByItsErrno, addon);
  RUN_WITH(WrongArgumentsAreRefused, addon);
}

}  // namespace host
