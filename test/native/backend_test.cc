// The seven verbs alone, without a Poller above them.
#include "core/backend.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "core/backends.h"
#include "each_backend.h"

using namespace fdpoll;

namespace {

std::unique_ptr<Backend> Open(const BackendEntry& entry) {
  Result<std::unique_ptr<Backend>> backend = entry.open();
  CHECK(backend.ok());
  return std::move(backend.value);
}

void ItReportsItsOwnName(const BackendEntry& entry) {
  CHECK(std::strcmp(Open(entry)->traits().name, entry.name) == 0);
}

void EventsCarryTheTokenThatWasGiven(const BackendEntry& entry) {
  const auto backend = Open(entry);
  const Pipe pipe;
  RawEvent events[4];
  CHECK(backend->Add(pipe.reader(), kReadable, {}, 0x1234567800000042).ok());
  CHECK(backend->Wait(events, 4, 0).count == 0);
  CHECK(write(pipe.writer(), "x", 1) == 1);
  const WaitOutcome outcome = backend->Wait(events, 4, kSecond);
  CHECK(outcome.status.ok() && outcome.count == 1);
  CHECK(events[0].token == 0x1234567800000042 && (events[0].flags & kReadable));
  backend->Remove(pipe.reader());
  CHECK(backend->Wait(events, 4, 0).count == 0);
}

void AFailedAddLeavesNothingBehind(const BackendEntry& entry) {
  const auto backend = Open(entry);
  CHECK(backend->Add(100000, kReadable | kWritable, {}, 1).error == EBADF);
  RawEvent events[4];
  CHECK(backend->Wait(events, 4, 0).count == 0);
  backend->Remove(100000);
}

void WakeReachesARunningWait(const BackendEntry& entry) {
  const auto backend = Open(entry);
  RawEvent events[4];
  std::thread waker([&] { backend->Wake(); });
  WaitOutcome outcome;
  while (!outcome.woken) {
    outcome = backend->Wait(events, 4, 10 * kSecond);
    CHECK(outcome.status.ok() && outcome.count == 0);
  }
  waker.join();
}

void RenewForgetsEverythingAndKeepsTheNumber(const BackendEntry& entry) {
  const auto backend = Open(entry);
  if (!backend->traits().keeps_closed) return;
  const Pipe pipe;
  CHECK(write(pipe.writer(), "x", 1) == 1);
  CHECK(backend->Add(pipe.reader(), kReadable, {}, 1).ok());
  const int number = backend->pollable_fd();
  CHECK(backend->Renew().ok());
  CHECK(backend->pollable_fd() == number);
  RawEvent events[4];
  CHECK(backend->Wait(events, 4, 0).count == 0);
  backend->Wake();
  CHECK(backend->Wait(events, 4, kSecond).woken);
  CHECK(backend->Add(pipe.reader(), kReadable, {}, 2).ok());
  CHECK(backend->Wait(events, 4, kSecond).count == 1 && events[0].token == 2);
}

}  // namespace

int main() {
  RUN_ON_EACH(ItReportsItsOwnName);
  RUN_ON_EACH(EventsCarryTheTokenThatWasGiven);
  RUN_ON_EACH(AFailedAddLeavesNothingBehind);
  RUN_ON_EACH(WakeReachesARunningWait);
  RUN_ON_EACH(RenewForgetsEverythingAndKeepsTheNumber);
}
