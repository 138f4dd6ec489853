#include "core/room.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <new>
#include <vector>

#include "check.h"
#include "core/datagram_batch.h"
#include "core/poller.h"
#include "core/slot_table.h"
#include "core/stream_batch.h"
#include "core/timers.h"
#include "each_backend.h"

namespace {

// How many more times memory is there; a negative number for ever.
int left = -1;

class Without {
 public:
  explicit Without(int more = 0) { left = more; }
  Without(const Without&) = delete;
  Without& operator=(const Without&) = delete;
  ~Without() { left = -1; }
};

}  // namespace

void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  if (left == 0) return nullptr;
  if (left > 0) left--;
  return ::operator new(size);
}

using namespace fdpoll;

namespace {

void RoomIsMadeOrNothingHasChanged() {
  std::vector<int> numbers = {1, 2, 3};
  const size_t before = numbers.capacity();
  {
    const Without memory;
    CHECK(!MakeRoom(&numbers, 1000));
    CHECK(MakeRoom(&numbers, before));
  }
  CHECK(numbers.size() == 3 && numbers.capacity() == before);
  CHECK(!MakeRoom(&numbers, SIZE_MAX));
  CHECK(MakeRoom(&numbers, 1000) && numbers.capacity() >= 1000 && numbers.size() == 3);
}

void AValueThatATableHasNoRoomForIsStillTheCallers() {
  SlotTable<std::unique_ptr<int>> table;
  for (const int more : {0, 1}) {
    auto value = std::make_unique<int>(more);
    const Without memory(more);
    CHECK(table.Insert(std::move(value)) == table.kNoMemory);
    CHECK(value != nullptr && *value == more);
  }
  const int32_t handle = table.Insert(std::make_unique<int>(7));
  CHECK(handle >= 0);
  const Without memory;
  CHECK(*table.Take(handle) == 7);
}

void ATimerThatCannotBeSetIsAsItWas() {
  Timers timers;
  {
    const Without memory;
    CHECK(!timers.Set(0, 5, 0));
    CHECK(timers.size() == 0 && timers.Set(0, kForever, 0));
  }
  CHECK(timers.Set(0, 5, 0));
  const Without memory;
  CHECK(!timers.Set(1000, 3, 0));
  CHECK(timers.size() == 1 && timers.Next() == 5);
}

void ABatchOfDatagramsIsAnErrorWithoutMemory() {
  int ends[2];
  CHECK(::socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0);
  constexpr size_t kCapacity = 4;
  std::vector<uint8_t> memory(DatagramColumns::kBytesEach * kCapacity);
  std::vector<uint8_t> bytes(1024 * kCapacity);
  const DatagramColumns columns = DatagramColumns::Of(memory.data(), kCapacity);
  const Arena arena = {bytes.data(), bytes.size()};
  int deferred = 0;
  for (const int more : {0, 1, 2}) {
    DatagramScratch scratch;
    const Without without(more);
    const Result<int64_t> received = scratch.Receive(ends[0], columns, arena, 1024, &deferred);
    CHECK(received.status.error == ENOMEM && received.status.call == Call::kMalloc);
  }
  DatagramScratch scratch;
  CHECK(::send(ends[1], "x", 1, 0) == 1);
  CHECK(scratch.Receive(ends[0], columns, arena, 1024, &deferred).value == 1);
  CHECK(::close(ends[0]) == 0 && ::close(ends[1]) == 0);
}

void ABatchOfStreamsIsPreparedOrNot() {
  StreamBatch batch;
  {
    const Without memory;
    CHECK(!batch.Prepare(64));
  }
  CHECK(batch.Prepare(64));
  const Without memory;
  CHECK(batch.Prepare(64));
}

// Whatever of it fails: registered afterwards or not at all, and it can be tried again.
void APollerIsAsItWasWhenItCannotAdd(const BackendEntry& backend) {
  int ends[2];
  CHECK(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  CHECK(::send(ends[1], "x", 1, 0) == 1);
  int refused = 0;
  for (int more = 0;; more++) {
    std::unique_ptr<Poller> poller;
    {
      Result<std::unique_ptr<Poller>> opened = Poller::Open(backend, 64);
      CHECK(opened.ok());
      poller = std::move(opened.value);
    }
    bool added = false;
    bool waited = false;
    {
      const Without memory(more);
      const auto result = poller->Add(ends[0], kReadable, {}, -1);
      added = result.ok();
      if (!added) CHECK(result.status.error == ENOMEM && poller->size() == 0);
      const auto outcome = poller->Wait(0);
      waited = outcome.status.ok();
      if (!waited) CHECK(outcome.status.error == ENOMEM && outcome.status.call == Call::kMalloc);
    }
    if (!added) CHECK(poller->Add(ends[0], kReadable, {}, -1).ok());
    if (!added || !waited) CHECK(poller->Wait(0).status.ok());
    CHECK(poller->events().size() == 1);
    static_cast<void>(poller->Remove(ends[0]));
    if (added && waited) break;
    refused++;
  }
  CHECK(refused >= 4);
  CHECK(::close(ends[0]) == 0 && ::close(ends[1]) == 0);
}

void APollerWithoutRoomForItsBatchIsNotOpened(const BackendEntry& backend) {
  for (const int more : {0, 1}) {
    const Without memory(more);
    const Result<std::unique_ptr<Poller>> opened = Poller::Open(backend, 1000);
    CHECK(opened.status.error == ENOMEM && opened.status.call == Call::kMalloc);
  }
}

}  // namespace

int main() {
  RUN(RoomIsMadeOrNothingHasChanged);
  RUN(AValueThatATableHasNoRoomForIsStillTheCallers);
  RUN(ATimerThatCannotBeSetIsAsItWas);
  RUN(ABatchOfDatagramsIsAnErrorWithoutMemory);
  RUN(ABatchOfStreamsIsPreparedOrNot);
  RUN_ON_EACH(APollerIsAsItWasWhenItCannotAdd);
  RUN_ON_EACH(APollerWithoutRoomForItsBatchIsNotOpened);
}
