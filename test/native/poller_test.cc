#include "core/poller.h"

#include <unistd.h>

#include <cerrno>
#include <vector>

#include "each_backend.h"

using namespace fdpoll;

namespace {

void ARemovedSlotIsNotUsedAgainWithinItsBatch(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend);
  const Pipe first;
  const Pipe second;
  CHECK(write(first.writer(), "x", 1) == 1);
  const int32_t slot = poller->Add(first.reader(), kReadable, {}).value.slot;
  CHECK(poller->Wait(kSecond).status.ok() && poller->events().size() == 1);
  const Poller::Removed removed = poller->Remove(first.reader());
  CHECK(removed.slot == slot && removed.event == 0 && poller->events()[0].flags == 0);
  CHECK(poller->Add(second.reader(), kReadable, {}).value.slot != slot);
  CHECK(poller->Wait(0).status.ok() && poller->events().empty());
  CHECK(poller->Add(first.reader(), kReadable, {}).value.slot == slot);
}

void ACapacityOfOneServesEveryoneInTurn(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend, 1);
  const std::vector<Pipe> pipes(16);
  for (const Pipe& pipe : pipes) {
    CHECK(write(pipe.writer(), "x", 1) == 1);
    CHECK(poller->Add(pipe.reader(), kReadable, {}).ok());
  }
  std::vector<int> served(pipes.size());
  for (size_t round = 0; round < 2 * pipes.size(); round++) {
    CHECK(poller->Wait(kSecond).status.ok() && poller->events().size() == 1);
    for (size_t i = 0; i < pipes.size(); i++)
      served[i] += poller->events()[0].fd == pipes[i].reader();
  }
  for (const int times : served) CHECK(times == 2);
}

void ADupThatOutlivesItsDescriptorDoesNotSpin(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend);
  Pipe pipe;
  const Result<OwnedFd> survivor = os::Duplicate(pipe.reader());
  CHECK(survivor.ok() && write(pipe.writer(), "x", 1) == 1);
  CHECK(poller->Add(pipe.reader(), kReadable, {}).ok());
  const int number = pipe.reader();
  pipe.ends[0].Reset();
  size_t reported = 0;
  for (int i = 0; i < 1000; i++) {
    CHECK(poller->Wait(0).status.ok());
    reported += poller->events().size();
  }
  CHECK(reported <= 256);
  CHECK(poller->Has(number) && poller->size() == 1);
  CHECK(poller->Remove(number).slot >= 0 && poller->size() == 0);
}

void ADescriptorClosedAndDeletedWithALivingDupFallsSilent(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend);
  Pipe pipe;
  const Pipe other;
  const Result<OwnedFd> survivor = os::Duplicate(pipe.reader());
  CHECK(survivor.ok() && write(pipe.writer(), "x", 1) == 1);
  CHECK(poller->Add(pipe.reader(), kReadable, {}).ok());
  CHECK(poller->Add(other.reader(), kReadable, {}).ok());
  const int number = pipe.reader();
  pipe.ends[0].Reset();
  CHECK(poller->Remove(number).slot >= 0);
  CHECK(poller->Wait(20 * kMillisecond).status.ok() && poller->events().empty());
  CHECK(write(other.writer(), "x", 1) == 1);
  CHECK(poller->Wait(kSecond).status.ok() && poller->events().size() == 1);
  CHECK(poller->events()[0].fd == other.reader());
}

void AHangUpThatNobodyAskedAboutIsMutedAndDoesNotSpin(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend);
  if (!poller->backend().traits().priority) return;
  OwnedFd pair[2];
  CHECK(os::OpenSocketPair(AF_UNIX, SOCK_STREAM, 0, pair).ok());
  CHECK(poller->Add(pair[0].get(), kPriority, {}).ok());
  pair[1].Reset();
  const Nanoseconds begin = Now();
  CHECK(poller->Wait(30 * kMillisecond).status.ok() && poller->events().empty());
  CHECK(Now() - begin >= 30 * kMillisecond);
  CHECK(poller->Modify(pair[0].get(), kReadable).ok());
  CHECK(poller->Wait(kSecond).status.ok() && poller->events().size() == 1);
}

void AFailedCallChangesNothing(const BackendEntry& backend) {
  const auto poller = OpenPoller(backend);
  const Pipe pipe;
  CHECK(poller->Modify(pipe.reader(), kReadable).status.error == ENOENT);
  CHECK(poller->Remove(pipe.reader()).slot == -1);
  CHECK(poller->Add(pipe.reader(), kReadable, {}).ok());
  CHECK(poller->Add(pipe.reader(), kWritable, {}).status.error == EEXIST);
  CHECK(poller->Add(100000, kReadable, {}).status.error == EBADF);
  CHECK(poller->size() == 1);
  CHECK(write(pipe.writer(), "x", 1) == 1);
  CHECK(poller->Wait(kSecond).status.ok() && poller->events().size() == 1);
  CHECK(poller->events()[0].flags == kReadable);
}

}  // namespace

int main() {
  RUN_ON_EACH(ARemovedSlotIsNotUsedAgainWithinItsBatch);
  RUN_ON_EACH(ACapacityOfOneServesEveryoneInTurn);
  RUN_ON_EACH(ADupThatOutlivesItsDescriptorDoesNotSpin);
  RUN_ON_EACH(ADescriptorClosedAndDeletedWithALivingDupFallsSilent);
  RUN_ON_EACH(AHangUpThatNobodyAskedAboutIsMutedAndDoesNotSpin);
  RUN_ON_EACH(AFailedCallChangesNothing);
}
