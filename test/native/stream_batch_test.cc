#include "core/stream_batch.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "check.h"
#include "core/os.h"
#include "core/socket.h"

namespace {

using namespace fdpoll;

constexpr size_t kPairs = 4;

// Four connections and the columns of a batch in which all of them are ready.
struct Fixture {
  OwnedFd ours[kPairs];
  OwnedFd theirs[kPairs];
  uint32_t offsets[kPairs] = {};
  int32_t lengths[kPairs] = {};
  int32_t sent[kPairs] = {};
  StreamBatch batch;

  Fixture() {
    for (size_t i = 0; i < kPairs; i++) {
      OwnedFd ends[2];
      CHECK(os::OpenSocketPair(AF_UNIX, SOCK_STREAM, 0, ends).ok());
      ours[i] = std::move(ends[0]);
      theirs[i] = std::move(ends[1]);
    }
  }
  StreamBatch::Columns columns() { return {offsets, lengths, sent, kPairs}; }
  void Say(size_t i, const std::string& text) {
    CHECK(Send(theirs[i].get(), text.data(), text.size(), 0).value ==
          static_cast<int64_t>(text.size()));
  }
  std::string Hear(size_t i) {
    char text[64];
    const Result<int64_t> n = Receive(theirs[i].get(), text, sizeof(text), 0);
    CHECK(n.ok());
    return n.value > 0 ? std::string(text, static_cast<size_t>(n.value)) : std::string();
  }
  auto descriptors() {
    return [this](size_t i) { return ours[i].get(); };
  }
};

// A slab of exactly this size on the heap, so that a byte beyond it is found.
std::vector<uint8_t> Slab(size_t size) {
  return std::vector<uint8_t>(size);
}

void ReceivesAndSendsBack() {
  Fixture f;
  for (size_t i = 0; i < kPairs; i++) f.Say(i, std::string(i + 1, static_cast<char>('a' + i)));
  std::vector<uint8_t> slab = Slab(256);
  CHECK(f.batch.Receive(f.columns(), slab.data(), slab.size(), 64, f.descriptors()) == kPairs);
  size_t complete = 0;
  CHECK(f.batch.Send(f.columns(), slab.data(), slab.size(), f.descriptors(), &complete));
  CHECK(complete == kPairs);
  for (size_t i = 0; i < kPairs; i++) {
    CHECK(f.lengths[i] == static_cast<int32_t>(i + 1) && f.sent[i] == f.lengths[i]);
    CHECK(f.Hear(i) == std::string(i + 1, static_cast<char>('a' + i)));
  }
}

// Every size of slab and of `each`: never outside, and everything arrives in the end.
void NeverLeavesTheSlab() {
  for (size_t size = 1; size <= 40; size++) {
    for (size_t each = 1; each <= size; each++) {
      Fixture f;
      for (size_t i = 0; i < kPairs; i++) f.Say(i, std::string(7, static_cast<char>('a' + i)));
      std::string heard[kPairs];
      std::vector<uint8_t> slab = Slab(size);
      for (int round = 0; round < 8; round++) {
        f.batch.Forget();
        while (f.batch.Receive(f.columns(), slab.data(), slab.size(), each, f.descriptors()) > 0) {
          for (size_t i = 0; i < kPairs; i++) {
            if (f.lengths[i] <= 0) continue;
            CHECK(static_cast<size_t>(f.lengths[i]) <= each);
            CHECK(f.offsets[i] + static_cast<size_t>(f.lengths[i]) <= size);
            heard[i].append(reinterpret_cast<char*>(slab.data()) + f.offsets[i],
                            static_cast<size_t>(f.lengths[i]));
          }
        }
      }
      for (size_t i = 0; i < kPairs; i++)
        CHECK(heard[i] == std::string(7, static_cast<char>('a' + i)));
    }
  }
}

void SkipsWhatHasNoDescriptor() {
  Fixture f;
  for (size_t i = 0; i < kPairs; i++) f.Say(i, "text");
  std::vector<uint8_t> slab = Slab(256);
  const auto odd = [&](size_t i) { return i % 2 == 1 ? f.ours[i].get() : -1; };
  CHECK(f.batch.Receive(f.columns(), slab.data(), slab.size(), 16, odd) == 2);
  CHECK(f.lengths[0] == -1 && f.lengths[1] == 4 && f.lengths[2] == -1 && f.lengths[3] == 4);
  size_t complete = 0;
  const auto nobody = [](size_t) { return -1; };
  CHECK(f.batch.Send(f.columns(), slab.data(), slab.size(), nobody, &complete));
  CHECK(complete == 0 && f.sent[1] == -1);
}

void TellsEndsAndErrors() {
  Fixture f;
  f.theirs[0].Reset();
  f.Say(1, "text");
  std::vector<uint8_t> slab = Slab(256);
  CHECK(f.batch.Receive(f.columns(), slab.data(), slab.size(), 16, f.descriptors()) == 2);
  CHECK(f.lengths[0] == 0 && f.lengths[1] == 4 && f.lengths[2] == -1);
  f.theirs[1].Reset();
  size_t complete = 7;
  CHECK(f.batch.Send(f.columns(), slab.data(), slab.size(), f.descriptors(), &complete));
  CHECK(complete == 0 && f.sent[0] == -1 && f.sent[1] == -EPIPE);
  // A descriptor that is closed by now.
  const auto closed = [](size_t) { return 1 << 20; };
  f.batch.Forget();
  CHECK(f.batch.Receive(f.columns(), slab.data(), slab.size(), 16, closed) == kPairs);
  CHECK(f.lengths[3] == -EBADF);
}

// A kernel reports what is always ready in the same order each time; the first must not starve the
// others when the slab is small.
void BeginsTheNextBatchWhereThisOneStopped() {
  Fixture f;
  std::vector<uint8_t> slab = Slab(16);
  std::string order;
  for (int batch = 0; batch < 8; batch++) {
    for (size_t i = 0; i < kPairs; i++) f.Say(i, "text");
    f.batch.Forget();
    CHECK(f.batch.Receive(f.columns(), slab.data(), slab.size(), 16, f.descriptors()) == 1);
    for (size_t i = 0; i < kPairs; i++) {
      if (f.lengths[i] > 0) order += static_cast<char>('0' + i);
    }
  }
  CHECK(order == "01230123");
  // One that was read to its end is followed by one from the beginning.
  std::vector<uint8_t> large = Slab(256);
  f.batch.Forget();
  f.batch.Receive(f.columns(), large.data(), large.size(), 64, f.descriptors());
  f.batch.Forget();
  for (size_t i = 0; i < kPairs; i++) f.Say(i, "text");
  CHECK(f.batch.Receive(f.columns(), slab.data(), slab.size(), 16, f.descriptors()) == 1);
  CHECK(f.lengths[0] == 4);
}

void RefusesASlabThatShrank() {
  Fixture f;
  f.Say(0, "text");
  std::vector<uint8_t> slab = Slab(64);
  CHECK(f.batch.Receive(f.columns(), slab.data(), slab.size(), 16, f.descriptors()) == 1);
  size_t complete = 0;
  CHECK(!f.batch.Send(f.columns(), slab.data(), 3, f.descriptors(), &complete));
  CHECK(!f.batch.Send(f.columns(), nullptr, 0, f.descriptors(), &complete));
}

}  // namespace

int main() {
  RUN(ReceivesAndSendsBack);
  RUN(NeverLeavesTheSlab);
  RUN(SkipsWhatHasNoDescriptor);
  RUN(TellsEndsAndErrors);
  RUN(BeginsTheNextBatchWhereThisOneStopped);
  RUN(RefusesASlabThatShrank);
  return 0;
}
