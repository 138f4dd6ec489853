// macOS hides the advanced API of RFC 3542 otherwise.
#define __APPLE_USE_RFC_3542 1
#include "core/message.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "check.h"
#include "core/os.h"
#ifdef __linux__
#include "core/receive_flags_linux.h"
#endif

using namespace fdpoll;

namespace {

// Always the same numbers (xorshift).
class Numbers {
 public:
  uint32_t Next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_;
  }
  uint32_t Below(uint32_t limit) { return Next() % limit; }

 private:
  uint32_t state_ = 2463534242;
};

// Memory of exactly this size, so that the sanitizer sees each byte beyond it.
std::unique_ptr<uint8_t[]> Exactly(const uint8_t* bytes, size_t size) {
  std::unique_ptr<uint8_t[]> memory(new uint8_t[size]);
  if (size > 0) std::memcpy(memory.get(), bytes, size);
  return memory;
}

// One of everything that has a name on some system, and descriptors among it.
std::vector<uint8_t> Everything() {
  struct {
    int level, type;
    size_t size;
  } const items[] = {
      {SOL_SOCKET, SCM_RIGHTS, 12},
      {SOL_SOCKET, 2, 12},
      {SOL_SOCKET, 29, 16},
      {SOL_SOCKET, 64, 16},
      {SOL_SOCKET, 35, 8},
      {IPPROTO_IP, 8, 12},
      {IPPROTO_IP, IP_TTL, 4},
      {IPPROTO_IP, IP_TOS, 1},
      {IPPROTO_IP, 11, 32},
      {IPPROTO_IP, 7, 4},
      {IPPROTO_IP, 20, 20},
      {IPPROTO_IPV6, IPV6_PKTINFO, 20},
      {IPPROTO_IPV6, 25, 44},
      {IPPROTO_UDP, 104, 4},
      {IPPROTO_IPV6, IPV6_HOPLIMIT, 4},
      {SOL_SOCKET, 77, 5},
      {4711, -1, 0},
  };
  uint8_t data[64];
  std::memset(data, 0xa5, sizeof(data));
  ControlWriter counted;
  for (const auto& item : items) counted.Add(item.level, item.type, data, item.size);
  std::vector<uint8_t> bytes(counted.length());
  ControlWriter written(bytes.data(), bytes.size());
  for (const auto& item : items) written.Add(item.level, item.type, data, item.size);
  CHECK(written.length() == bytes.size());
  return bytes;
}

// Each item lies inside, they come in order, and there is an end.
size_t WalkAndDecode(const uint8_t* bytes, size_t length) {
  ControlReader reader(bytes, length);
  ControlItem item;
  Ancillary out;
  size_t count = 0;
  const uint8_t* before = bytes;
  while (reader.Next(&item)) {
    count++;
    CHECK(count <= length / 12);
    CHECK(item.data >= before && item.data <= bytes + length);
    CHECK(item.size <= static_cast<size_t>(bytes + length - item.data));
    before = item.data + item.size;
    static_cast<void>(DecodeItem(item, &out));
    CHECK(out.local_length < sizeof(out.local) && out.destination_length < sizeof(out.local));
    CHECK(out.offender_length <= sizeof(out.offender));
  }
  return count;
}

// Everything fits behind an Ancillary, and is laid out as what is sent has to be.
void UnpackAndCheck(const uint8_t* bytes, size_t length) {
  const std::unique_ptr<uint8_t[]> rest(new uint8_t[length + kRestMargin]);
  Ancillary out;
  UnpackControl(bytes, length, true, &out, rest.get(), length + kRestMargin);
  CHECK(RestIsSound(out, rest.get(), length + kRestMargin));
  size_t expected = 0;
  ControlItem item;
  for (ControlReader reader(bytes, length); reader.Next(&item);) {
    Ancillary unused;
    const bool rights = item.level == SOL_SOCKET && item.type == SCM_RIGHTS;
    if (!rights && !DecodeItem(item, &unused)) expected += 12 + ((item.size + 3) & ~size_t{3});
  }
  CHECK(out.control_length == expected);
}

void WhatIsWrittenIsRead() {
  const std::vector<uint8_t> bytes = Everything();
  CHECK(WalkAndDecode(bytes.data(), bytes.size()) == 17);
  ControlReader reader(bytes.data(), bytes.size());
  ControlItem item;
  CHECK(reader.Next(&item) && item.level == SOL_SOCKET && item.type == SCM_RIGHTS);
  CHECK(item.size == 12 && item.data[0] == 0xa5);
}

void NothingIsWrittenBeyondTheRoom() {
  uint8_t bytes[64] = {};
  for (size_t room = 0; room < 40; room++) {
    const std::unique_ptr<uint8_t[]> memory = Exactly(bytes, room);
    ControlWriter writer(memory.get(), room);
    for (int i = 0; i < 3; i++) writer.Add(1, 2, bytes, 20);
    CHECK(writer.length() >= 96);
  }
}

void EveryLengthOfAValidBufferIsRead() {
  const std::vector<uint8_t> bytes = Everything();
  for (size_t length = 0; length <= bytes.size(); length++) {
    const std::unique_ptr<uint8_t[]> memory = Exactly(bytes.data(), length);
    CHECK(WalkAndDecode(memory.get(), length) <= 17);
    UnpackAndCheck(memory.get(), length);
  }
}

void NoBytesAreTooWrongToRead() {
  const std::vector<uint8_t> valid = Everything();
  const uint64_t lengths[] = {
      0, 1, 11, 12, 15, 16, 17, 0x7fffffff, 0x80000000, 0xffffffff, ~uint64_t{0}, ~uint64_t{7}};
  Numbers numbers;
  for (int round = 0; round < 200'000; round++) {
    std::vector<uint8_t> bytes = valid;
    const uint32_t changes = 1 + numbers.Below(8);
    for (uint32_t i = 0; i < changes; i++) {
      const size_t at = numbers.Below(static_cast<uint32_t>(bytes.size()));
      bytes[at] = static_cast<uint8_t>(numbers.Next());
      const size_t header = at & ~size_t{7};
      const uint64_t length = lengths[numbers.Below(sizeof(lengths) / sizeof(lengths[0]))];
      if (numbers.Below(4) == 0 && header + 8 <= bytes.size())
        std::memcpy(&bytes[header], &length, numbers.Below(2) == 0 ? 4 : 8);
    }
    const size_t length = numbers.Below(static_cast<uint32_t>(bytes.size()) + 1);
    const std::unique_ptr<uint8_t[]> memory = Exactly(bytes.data(), length);
    WalkAndDecode(memory.get(), length);
    UnpackAndCheck(memory.get(), length);
  }
}

// What JavaScript hands over is checked before it is believed.
void WhatIsSentIsCheckedBefore() {
  Numbers numbers;
  SourceAddress source;
  size_t sound = 0;
  for (int round = 0; round < 100'000; round++) {
    uint8_t bytes[96];
    for (uint8_t& byte : bytes)
      byte = static_cast<uint8_t>(numbers.Below(32) == 0 ? numbers.Below(16) : 0);
    Ancillary from;
    from.family = AF_UNIX;
    from.fd_count = numbers.Below(6);
    from.control_length = 12 * numbers.Below(5) + 4 * (numbers.Below(4) / 3);
    if (numbers.Below(8) == 0) from.fd_count = numbers.Next();
    if (numbers.Below(8) == 0) from.control_length = numbers.Next();
    const size_t length = numbers.Below(sizeof(bytes) + 1);
    const std::unique_ptr<uint8_t[]> rest = Exactly(bytes, length);
    if (!RestIsSound(from, rest.get(), length)) continue;
    sound++;
    ControlWriter counted;
    CHECK(Encode(from, source, rest.get(), false, &counted) == 0);
    std::vector<uint8_t> control(counted.length());
    ControlWriter written(control.data(), control.size());
    CHECK(Encode(from, source, rest.get(), false, &written) == 0);
    CHECK(written.length() == control.size());
    WalkAndDecode(control.data(), control.size());
  }
  CHECK(sound > 1000);
}

void ASourceIsOfTheSocketsFamily() {
  const auto parse = [](int family, const char* text, size_t length) {
    Ancillary from;
    from.present = kHasPktinfo;
    from.family = family;
    std::memcpy(from.local, text, std::strlen(text));
    from.local_length = static_cast<uint32_t>(length);
    SourceAddress source;
    return ParseSource(from, &source);
  };
  CHECK(parse(AF_INET, "127.0.0.1", 9) && parse(AF_INET6, "127.0.0.1", 9));
  CHECK(parse(AF_INET, "::ffff:127.0.0.1", 16) && parse(AF_INET6, "::ffff:127.0.0.1", 16));
  CHECK(parse(AF_INET6, "::1", 3) && !parse(AF_INET, "::1", 3));
  CHECK(!parse(AF_INET, "127.0.0.256", 11) && !parse(AF_INET6, "x", 1));
  // The address is the first length bytes, and a length of more than there are is none.
  CHECK(parse(AF_INET, "127.0.0.12", 9) && parse(AF_INET, "", 0));
  CHECK(!parse(AF_INET, "127.0.0.1", 48) && !parse(AF_INET, "127.0.0.1", 0xffffffff));
}

Ancillary Decoded(int level, int type, const void* data, size_t size) {
  ControlItem item;
  item.level = level;
  item.type = type;
  item.data = static_cast<const uint8_t*>(data);
  item.size = size;
  Ancillary out;
  CHECK(DecodeItem(item, &out));
  return out;
}

// Of a multicast there is no address to answer from.
void AnAddressToAnswerFromIsSomebodys() {
  struct {
    const char* destination;
    bool answers;
  } const cases[] = {{"::1", true},
                     {"fe80::1", true},
                     {"ff02::1", false},
                     {"::ffff:127.0.0.1", true},
                     {"::ffff:224.0.0.1", false},
                     {"::ffff:255.255.255.255", false}};
  for (const auto& one : cases) {
    uint8_t info[20] = {};
    CHECK(inet_pton(AF_INET6, one.destination, info) == 1);
    const uint32_t index = 7;
    std::memcpy(info + 16, &index, sizeof(index));
    const Ancillary out = Decoded(IPPROTO_IPV6, IPV6_PKTINFO, info, sizeof(info));
    CHECK(out.present == kHasPktinfo && out.interface == 7);
    CHECK(std::string(out.destination) == one.destination);
    CHECK(std::string(out.local) == (one.answers ? one.destination : ""));
  }
}

#ifdef __linux__
// SCM_PIDFD (linux/socket.h) has no field: it is an item, if there is room for one.
void APidfdWithoutRoomIsClosed() {
  OwnedFd ends[2];
  CHECK(os::OpenPipe(ends).ok());
  const int fd = ends[0].Release();
  uint8_t control[24];
  ControlWriter(control, sizeof(control)).Add(SOL_SOCKET, 4, fd);
  const std::unique_ptr<uint8_t[]> rest = Exactly(control, 15);
  Ancillary out;
  UnpackControl(control, sizeof(control), true, &out, rest.get(), 15);
  CHECK(out.control_length == 0 && fcntl(fd, F_GETFD) < 0);
}

// 32-bit systems have both kinds of each, under different numbers.
void TimesAreOfEitherWidth() {
  const int64_t wide[] = {1'700'000'000, 5};
  const int32_t narrow[] = {1'700'000'000, 5};
  for (const int type : {35, 64}) {  // SO_TIMESTAMPNS_OLD, SO_TIMESTAMPNS_NEW
    CHECK(Decoded(SOL_SOCKET, type, wide, 16).timestamp == 1'700'000'000'000'000'005);
    CHECK(Decoded(SOL_SOCKET, type, narrow, 8).timestamp == 1'700'000'000'000'000'005);
  }
  for (const int type : {29, 63}) {  // SO_TIMESTAMP_OLD, SO_TIMESTAMP_NEW
    CHECK(Decoded(SOL_SOCKET, type, wide, 16).timestamp == 1'700'000'000'000'005'000);
    CHECK(Decoded(SOL_SOCKET, type, narrow, 8).timestamp == 1'700'000'000'000'005'000);
  }
}
#endif

int OpenDescriptors() {
  int count = 0;
  for (int fd = 0; fd < 256; fd++) count += fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
  return count;
}

struct Received {
  int64_t bytes = -1;
  Ancillary ancillary;
  std::vector<uint8_t> rest;
};

Received ReceiveOne(int fd, size_t control_size, int flags) {
  char buffer[16];
  iovec part = {buffer, sizeof(buffer)};
  Received received;
  received.rest.resize(control_size + kRestMargin);
  received.bytes =
      ReceiveMessage(fd, &part, 1, flags, &received.ancillary, received.rest.data(), control_size)
          .value;
  return received;
}

void SendDescriptors(int socket, const int* fds, uint32_t count) {
  char byte = 'x';
  iovec part = {&byte, 1};
  Ancillary with;
  with.family = AF_UNIX;
  with.fd_count = count;
  SourceAddress source;
  Outgoing message;
  message.parts = &part;
  message.count = 1;
  message.with = &with;
  message.source = &source;
  message.rest = reinterpret_cast<const uint8_t*>(fds);
  const Result<int64_t> sent = SendMessage(socket, message, 0);
  CHECK(sent.ok() && sent.value == 1);
}

void DescriptorsComeOrAreClosed() {
  OwnedFd ends[2];
  CHECK(os::OpenSocketPair(AF_UNIX, SOCK_DGRAM, 0, ends).ok());
  const int fds[] = {ends[0].get(), ends[1].get(), ends[0].get()};
  const int before = OpenDescriptors();

  SendDescriptors(ends[0].get(), fds, 3);
  CHECK(ReceiveOne(ends[1].get(), 512, MSG_PEEK).ancillary.fd_count == 0);
  CHECK(OpenDescriptors() == before);

  const Received all = ReceiveOne(ends[1].get(), 512, 0);
  CHECK(all.bytes == 1 && all.ancillary.fd_count == 3 && OpenDescriptors() == before + 3);
  for (size_t i = 0; i < 3; i++) {
    int fd = -1;
    std::memcpy(&fd, all.rest.data() + 4 * i, sizeof(fd));
    CHECK((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    OwnedFd(fd).Reset();
  }

  // Whatever part of them fits into the control space.
  bool whole = false;
  for (size_t size = 0; size <= 64; size++) {
    SendDescriptors(ends[0].get(), fds, 3);
    const Received part = ReceiveOne(ends[1].get(), size, 0);
    const bool cut = (part.ancillary.flags & MSG_CTRUNC) != 0;
    CHECK(part.bytes == 1 && part.ancillary.fd_count == (cut ? 0U : 3U));
    whole = whole || !cut;
    for (size_t i = 0; i < part.ancillary.fd_count; i++) {
      int fd = -1;
      std::memcpy(&fd, part.rest.data() + 4 * i, sizeof(fd));
      OwnedFd(fd).Reset();
    }
    CHECK(OpenDescriptors() == before);
  }
  CHECK(whole);
}

#ifdef __linux__

// As a packet socket does; -EINVAL for whoever asks with another flag.
int64_t Particular(int flags) {
  return flags == 0 ? 5 : -EINVAL;
}

void AFlagThatASocketRefusesIsLeftOutUnlessDescriptorsMayCome() {
  const OwnedFd inet(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const OwnedFd unix_domain(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  CHECK(os::ReceiveCloseOnExec(inet.get(), Particular) == 5);
  CHECK(os::ReceiveCloseOnExec(unix_domain.get(), Particular) == -EINVAL);
  CHECK(os::ReceiveCloseOnExec(-1, Particular) == -EINVAL);
  int calls = 0;
  const auto once = [&](int flags) {
    CHECK(flags == MSG_CMSG_CLOEXEC);
    calls++;
    return int64_t{-EAGAIN};
  };
  CHECK(os::ReceiveCloseOnExec(inet.get(), once) == -EAGAIN && calls == 1);
}

#endif

}  // namespace

int main() {
  RUN(WhatIsWrittenIsRead);
  RUN(NothingIsWrittenBeyondTheRoom);
  RUN(EveryLengthOfAValidBufferIsRead);
  RUN(NoBytesAreTooWrongToRead);
  RUN(WhatIsSentIsCheckedBefore);
  RUN(ASourceIsOfTheSocketsFamily);
  RUN(AnAddressToAnswerFromIsSomebodys);
#ifdef __linux__
  RUN(TimesAreOfEitherWidth);
  RUN(APidfdWithoutRoomIsClosed);
  RUN(AFlagThatASocketRefusesIsLeftOutUnlessDescriptorsMayCome);
#endif
  RUN(DescriptorsComeOrAreClosed);
}
