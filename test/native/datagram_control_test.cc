#include "core/datagram_control.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>

#include <cstring>
#include <vector>

#include "check.h"
#include "core/os.h"

using namespace fdpoll;

namespace {

DatagramFacts FactsOf(const char* local, bool ipv6) {
  DatagramFacts facts;
  facts.interface = 7;
  facts.tos = 0xb8;
  facts.has_local = true;
  const char* mapped = "::ffff:";
  std::vector<char> text;
  if (!ipv6) text.insert(text.end(), mapped, mapped + std::strlen(mapped));
  text.insert(text.end(), local, local + std::strlen(local) + 1);
  CHECK(inet_pton(AF_INET6, text.data(), &facts.local) == 1);
  return facts;
}

bool SameLocal(const DatagramFacts& a, const DatagramFacts& b) {
  return a.has_local == b.has_local && std::memcmp(&a.local, &b.local, sizeof(a.local)) == 0;
}

void WhatIsWrittenIsReadBack() {
  uint8_t buffer[kDatagramControlBytes];
  const DatagramFacts four = FactsOf("127.0.0.5", false);
  const DatagramFacts six = FactsOf("fd00::1", true);
  const struct {
    const DatagramFacts* facts;
    IpVersion version;
  } ways[] = {{&four, IpVersion::kIpv4}, {&six, IpVersion::kIpv6}, {&four, IpVersion::kIpv6}};
  for (const auto& way : ways) {
    const size_t length = WriteControl(*way.facts, way.version, buffer);
    CHECK(length > 0 && length <= sizeof(buffer));
    const DatagramFacts read = ReadControl(buffer, length);
    CHECK(read.tos == 0xb8);
#ifdef FDPOLL_SYSTEM_LINUX
    CHECK(read.interface == 7);
    CHECK(SameLocal(read, *way.facts));
#endif
  }
}

void NothingIsWrittenForNothing() {
  uint8_t buffer[kDatagramControlBytes];
  CHECK(WriteControl(DatagramFacts{}, IpVersion::kIpv4, buffer) == 0);
  CHECK(!ReadControl(buffer, 0).any());
}

// Of memory that ends where the control data does, so that a sanitizer sees what reads on.
void DamagedControlDataIsReadToItsEnd() {
  uint8_t buffer[kDatagramControlBytes];
  const size_t length = WriteControl(FactsOf("127.0.0.5", false), IpVersion::kIpv4, buffer);
  for (size_t cut = 0; cut <= length; cut++) {
    const std::vector<uint8_t> short_of(buffer, buffer + cut);
    static_cast<void>(ReadControl(short_of.data(), short_of.size()));
  }
  for (size_t at = 0; at < length; at++) {
    for (const uint8_t value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
      std::vector<uint8_t> damaged(buffer, buffer + length);
      damaged[at] = value;
      static_cast<void>(ReadControl(damaged.data(), damaged.size()));
    }
  }
}

// Reads an item with one descriptor, and a header that says `length`.
void ClosesADescriptorOf(size_t length) {
  OwnedFd ends[2];
  CHECK(os::OpenPipe(ends).ok());
  const int fd = ends[0].Release();
  alignas(cmsghdr) uint8_t buffer[CMSG_SPACE(sizeof(int))] = {};
  cmsghdr header{};
  header.cmsg_len = static_cast<decltype(header.cmsg_len)>(length);
  header.cmsg_level = SOL_SOCKET;
  header.cmsg_type = SCM_RIGHTS;
  std::memcpy(buffer, &header, sizeof(header));
  std::memcpy(buffer + CMSG_LEN(0), &fd, sizeof(fd));
  CHECK(!ReadControl(buffer, CMSG_LEN(sizeof(int))).any());
  CHECK(fcntl(fd, F_GETFD) < 0);
}

void ADescriptorAmongItIsClosed() {
  ClosesADescriptorOf(CMSG_LEN(sizeof(int)));
}

// BSDs leave the whole length in the header of an item that had too little room.
void ADescriptorOfAnItemThatIsCutShortIsClosed() {
  ClosesADescriptorOf(CMSG_LEN(2 * sizeof(int)));
}

void ALocalAddressGoesThroughItsColumn() {
  uint8_t slot[kSockaddrBytes];
  const DatagramFacts four = FactsOf("10.1.2.3", false);
  const DatagramFacts six = FactsOf("fe80::1", true);
  for (const DatagramFacts* facts : {&four, &six}) {
    for (const bool mapped : {false, true}) {
      StoreLocal(*facts, mapped, slot);
      CHECK(HasLocal(slot));
      DatagramFacts loaded;
      LoadLocal(slot, &loaded);
      CHECK(SameLocal(loaded, *facts));
    }
  }
  StoreLocal(DatagramFacts{}, false, slot);
  CHECK(!HasLocal(slot));
  for (const uint8_t byte : slot) CHECK(byte == 0);
}

void AnAddressTakesControlDataOfItsVersion() {
  sockaddr_in inet{};
  inet.sin_family = AF_INET;
  sockaddr_in6 inet6{};
  inet6.sin6_family = AF_INET6;
  CHECK(IpVersionOf(&inet, sizeof(inet)) == IpVersion::kIpv4);
  CHECK(IpVersionOf(&inet6, sizeof(inet6)) == IpVersion::kIpv6);
  CHECK(IpVersionOf(&inet6, sizeof(inet6) - 1) == IpVersion::kNone);
  inet6.sin6_addr = FactsOf("1.2.3.4", false).local;
  CHECK(IpVersionOf(&inet6, sizeof(inet6)) == IpVersion::kIpv4);
  CHECK(IpVersionOf(&inet6, 0) == IpVersion::kNone);
}

}  // namespace

int main() {
  RUN(WhatIsWrittenIsReadBack);
  RUN(NothingIsWrittenForNothing);
  RUN(DamagedControlDataIsReadToItsEnd);
  RUN(ADescriptorAmongItIsClosed);
  RUN(ADescriptorOfAnItemThatIsCutShortIsClosed);
  RUN(ALocalAddressGoesThroughItsColumn);
  RUN(AnAddressTakesControlDataOfItsVersion);
}
