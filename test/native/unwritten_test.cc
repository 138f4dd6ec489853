// That only what the kernel wrote, or zeros, comes out: everything that receives is given memory full
// of a pattern, on the stack as well, and nothing of the pattern may be told.
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "check.h"
#include "core/address.h"
#include "core/datagram_batch.h"
#include "core/message.h"
#include "core/os.h"
#include "core/socket.h"
#include "core/socket_options.h"

using namespace fdpoll;

namespace {

constexpr uint8_t kPattern = 0xa5;

// What the next function finds where its own variables will be.
__attribute__((noinline)) void FillTheStack() {
  volatile uint8_t bytes[65536];
  for (volatile uint8_t& byte : bytes) byte = kPattern;
}

struct Pair {
  OwnedFd ends[2];
  explicit Pair(int type) { CHECK(os::OpenSocketPair(AF_UNIX, type, 0, ends).ok()); }
  int a() const { return ends[0].get(); }
  int b() const { return ends[1].get(); }
};

bool IsAll(const uint8_t* bytes, size_t length, uint8_t value) {
  return std::all_of(bytes, bytes + length, [&](uint8_t byte) { return byte == value; });
}

void Say(int fd, const std::string& text) {
  const Result<int64_t> sent = Send(fd, text.data(), text.size(), 0);
  CHECK(sent.ok() && sent.value == static_cast<int64_t>(text.size()));
}

// A message with as many descriptors, and what lay behind the Ancillary before it came.
struct Received {
  Ancillary fixed;
  std::vector<uint8_t> rest;
  uint8_t buffer[64];
  int64_t bytes;
};
Received ReceiveOne(int fd, size_t control_size, int flags = 0) {
  Received received{};
  received.rest.assign(control_size + kRestMargin, kPattern);
  std::memset(received.buffer, kPattern, sizeof(received.buffer));
  iovec part{received.buffer, sizeof(received.buffer)};
  FillTheStack();
  const Result<int64_t> moved =
      ReceiveMessage(fd, &part, 1, flags, &received.fixed, received.rest.data(), control_size);
  CHECK(moved.ok());
  received.bytes = moved.value;
  return received;
}

void SendWith(int fd, size_t count) {
  std::vector<int32_t> fds(count, fd);
  Ancillary with;
  with.family = AF_UNIX;
  with.fd_count = static_cast<uint32_t>(count);
  const SourceAddress source;
  char byte = 'x';
  iovec part{&byte, 1};
  Outgoing message;
  message.parts = &part;
  message.count = 1;
  message.with = &with;
  message.rest = reinterpret_cast<const uint8_t*>(fds.data());
  message.source = &source;
  const Result<int64_t> sent = SendMessage(fd, message, 0);
  CHECK(sent.ok() && sent.value == 1);
}

void what_is_behind_a_message_is_what_came_with_it_and_zeros() {
  const uint8_t data[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  for (size_t size = 0; size <= sizeof(data); size++) {
    uint8_t control[64];
    std::memset(control, kPattern, sizeof(control));
    ControlWriter writer(control, sizeof(control));
    writer.Add(4711, 1, data, size);
    uint8_t rest[128];
    std::memset(rest, kPattern, sizeof(rest));
    Ancillary out;
    UnpackControl(control, writer.length(), true, &out, rest, sizeof(rest));
    const size_t padded = (size + 3) & ~size_t{3};
    CHECK(out.control_length == 12 + padded);
    CHECK(std::memcmp(rest + 12, data, size) == 0);
    CHECK(IsAll(rest + 12 + size, padded - size, 0));
    CHECK(IsAll(rest + out.control_length, sizeof(rest) - out.control_length, kPattern));
  }
}

// The padding of control data, which the kernel need not write, is nobody's.
void padding_between_items_is_not_told() {
  uint8_t control[128];
  ControlWriter counted;
  counted.Add(4711, 1, "abcde", 5);
  const size_t one = counted.length();
  std::memset(control, kPattern, sizeof(control));
  ControlWriter writer(control, sizeof(control));
  for (int i = 0; i < 2; i++) writer.Add(4711, 1, "abcde", 5);
  // As a kernel does that leaves the padding alone.
  const size_t header = one - 8;
  for (const size_t at : {header + 5, one + header + 5}) std::memset(control + at, kPattern, 3);
  uint8_t rest[128];
  std::memset(rest, kPattern, sizeof(rest));
  Ancillary out;
  UnpackControl(control, writer.length(), true, &out, rest, sizeof(rest));
  CHECK(out.control_length == 2 * (12 + 8));
  CHECK(IsAll(rest + 17, 3, 0) && IsAll(rest + 37, 3, 0));
}

void a_message_tells_nothing_of_the_one_before_or_of_the_stack() {
  for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
    const Pair pair(type);
    for (const size_t count : {100, 1, 0}) {
      if (count > 0) {
        SendWith(pair.a(), count);
      } else {
        Say(pair.a(), "x");
      }
      const Received received = ReceiveOne(pair.b(), 3000);
      CHECK(received.bytes == 1 &&
            IsAll(received.buffer + 1, sizeof(received.buffer) - 1, kPattern));
      CHECK(received.fixed.fd_count == count && received.fixed.control_length == 0);
      const size_t told = count * sizeof(int32_t);
      CHECK(IsAll(received.rest.data() + told, received.rest.size() - told, kPattern));
      for (size_t i = 0; i < count; i++) {
        int32_t fd = -1;
        std::memcpy(&fd, received.rest.data() + i * sizeof(fd), sizeof(fd));
        CHECK(OwnedFd(fd).valid());
      }
      // A pair has no names: all of the address is zero, or says its family.
      const Ancillary& fixed = received.fixed;
      CHECK(fixed.address_length <= sizeof(sockaddr_un));
      CHECK(IsAll(
          fixed.address + fixed.address_length, sizeof(fixed.address) - fixed.address_length, 0));
      CHECK(IsAll(fixed.offender, sizeof(fixed.offender), 0));
      CHECK(fixed.local_length == 0 && fixed.local[0] == '\0' && fixed.destination[0] == '\0');
      CHECK(fixed.present == 0 && fixed.timestamp == 0 && fixed.pid == 0);
    }
  }
}

void control_data_that_is_cut_off_is_not_made_up() {
  const Pair pair(SOCK_DGRAM);
  for (size_t room = 0; room < 40; room++) {
    SendWith(pair.a(), 3);
    const Received received = ReceiveOne(pair.b(), room);
    const bool cut = (received.fixed.flags & MSG_CTRUNC) != 0;
    CHECK(cut || received.fixed.fd_count == 3);
    if (cut) CHECK(received.fixed.fd_count == 0);
    const size_t told = received.fixed.fd_count * sizeof(int32_t) + received.fixed.control_length;
    CHECK(IsAll(received.rest.data() + told, received.rest.size() - told, kPattern));
    for (size_t i = 0; i < received.fixed.fd_count; i++) {
      int32_t fd = -1;
      std::memcpy(&fd, received.rest.data() + i * sizeof(fd), sizeof(fd));
      OwnedFd(fd).Reset();
    }
  }
}

void an_address_ends_with_what_the_kernel_wrote() {
  const Pair pair(SOCK_DGRAM);
  const OwnedFd inet = std::move(os::OpenSocket(AF_INET, SOCK_DGRAM, 0).value);
  for (const int fd : {pair.a(), inet.get()}) {
    FillTheStack();
    const Result<Address> local = LocalAddress(fd);
    CHECK(local.ok() && local.value.length <= sizeof(sockaddr_un));
    const auto* bytes = reinterpret_cast<const uint8_t*>(&local.value.storage);
    CHECK(IsAll(bytes + local.value.length, sizeof(local.value.storage) - local.value.length, 0));
    CHECK(std::count(bytes, bytes + local.value.length, kPattern) == 0);
  }
  Say(pair.a(), "x");
  FillTheStack();
  uint8_t buffer[8];
  std::memset(buffer, kPattern, sizeof(buffer));
  Address from;
  const Result<int64_t> moved = ReceiveFrom(pair.b(), buffer, sizeof(buffer), 0, &from);
  CHECK(moved.ok() && moved.value == 1 && IsAll(buffer + 1, sizeof(buffer) - 1, kPattern));
  const auto* bytes = reinterpret_cast<const uint8_t*>(&from.storage);
  CHECK(IsAll(bytes + from.length, sizeof(from.storage) - from.length, 0));
  // Too short for its family: nothing behind its end is read.
  for (socklen_t length = 0; length <= sizeof(sockaddr_in6); length++) {
    for (const sa_family_t family : {AF_INET, AF_INET6, AF_UNIX}) {
      Address address;
      std::memset(&address.storage, kPattern, sizeof(address.storage));
      address.storage.ss_family = family;
      address.length = length;
      const Decoded decoded = Decode(address);
      CHECK(decoded.text.size() <= length);
      const bool whole = length >= (family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
      if (family != AF_UNIX && !whole) CHECK(decoded.kind == Decoded::Kind::kBytes);
    }
  }
}

void an_option_fills_as_many_bytes_as_it_says() {
  const OwnedFd socket = std::move(os::OpenSocket(AF_INET, SOCK_STREAM, 0).value);
  const struct {
    int level, name;
  } options[] = {{SOL_SOCKET, SO_TYPE},
                 {SOL_SOCKET, SO_LINGER},
                 {SOL_SOCKET, SO_RCVTIMEO},
                 {IPPROTO_IP, IP_TTL},
                 {IPPROTO_IP, IP_OPTIONS}};
  for (const auto& option : options) {
    for (size_t size = 0; size <= 300; size++) {
      uint8_t buffer[301];
      std::memset(buffer, kPattern, sizeof(buffer));
      const Result<size_t> filled =
          GetOption(socket.get(), option.level, option.name, buffer, size);
      if (!filled.ok()) continue;
      CHECK(filled.value <= size);
      CHECK(IsAll(buffer + filled.value, sizeof(buffer) - filled.value, kPattern));
      CHECK(std::count(buffer, buffer + filled.value, kPattern) == 0);
    }
  }
}

void a_slot_of_a_batch_tells_of_its_own_datagram() {
  constexpr size_t kCapacity = 4;
  constexpr size_t kSize = 32;
  const Pair pair(SOCK_DGRAM);
  DatagramScratch scratch;
  std::vector<uint8_t> memory(kCapacity * DatagramColumns::kBytesEach, kPattern);
  std::vector<uint8_t> bytes(kCapacity * kSize, kPattern);
  const DatagramColumns columns = DatagramColumns::Of(memory.data(), kCapacity);
  for (const size_t length : {30, 5, 0}) {
    std::fill(bytes.begin(), bytes.end(), kPattern);
    std::fill(memory.begin(), memory.end(), kPattern);
    for (int i = 0; i < 2; i++) Say(pair.a(), std::string(length, 'x'));
    int deferred = 0;
    const Result<int64_t> received =
        scratch.Receive(pair.b(), columns, {bytes.data(), bytes.size()}, kSize, &deferred);
    CHECK(received.ok() && received.value == 2);
    for (size_t i = 0; i < 2; i++) {
      CHECK(columns.lengths[i] == length && columns.offsets[i] == i * kSize);
      CHECK(IsAll(bytes.data() + i * kSize + length, kSize - length, kPattern));
      CHECK(columns.segments[i] == 0 && columns.interfaces[i] == 0 && columns.tos[i] == 0);
      CHECK(columns.flags[i] == 0 || columns.flags[i] == MSG_EOR);
      CHECK(IsAll(columns.locals + i * kSockaddrBytes, kSockaddrBytes, 0));
      CHECK(columns.address_lengths[i] <= sizeof(sockaddr_un));
    }
    CHECK(IsAll(bytes.data() + 2 * kSize, 2 * kSize, kPattern));
  }
}

}  // namespace

int main() {
  RUN(what_is_behind_a_message_is_what_came_with_it_and_zeros);
  RUN(padding_between_items_is_not_told);
  RUN(a_message_tells_nothing_of_the_one_before_or_of_the_stack);
  RUN(control_data_that_is_cut_off_is_not_made_up);
  RUN(an_address_ends_with_what_the_kernel_wrote);
  RUN(an_option_fills_as_many_bytes_as_it_says);
  RUN(a_slot_of_a_batch_tells_of_its_own_datagram);
}
