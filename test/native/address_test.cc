#include "core/address.h"

#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <random>
#include <string>

#include "check.h"
#include "core/address_families.h"

using namespace fdpoll;

namespace {

void Ipv4GoesThereAndBack() {
  Address address;
  CHECK(EncodeInet("127.0.0.1", 8080, &address) == Encoded::kOk);
  const Decoded decoded = Decode(address);
  CHECK(decoded.family == AF_INET && std::string(decoded.host) == "127.0.0.1" &&
        decoded.port == 8080);
  CHECK(EncodeInet("127.1", 1, &address) == Encoded::kBadHost);
  CHECK(EncodeInet("localhost", 1, &address) == Encoded::kBadHost);
}

void Ipv6KeepsScopeAndFlow() {
  Address address;
  CHECK(EncodeInet6("fe80::1", 443, 7, 0x12345, &address) == Encoded::kOk);
  const Decoded decoded = Decode(address);
  CHECK(decoded.family == AF_INET6 && std::string(decoded.host) == "fe80::1" &&
        decoded.port == 443);
  CHECK(decoded.scope == 7 && decoded.flow == 0x12345);
}

void UnixPathsFillTheFieldAndNoMore() {
  Address address;
  const size_t room = sizeof(sockaddr_storage) > 110 ? 107 : 103;
  CHECK(EncodeUnix(std::string(103, 'x'), &address) == Encoded::kOk);
  CHECK(Decode(address).text == std::string(103, 'x'));
  CHECK(EncodeUnix(std::string(room + 1, 'x'), &address) == Encoded::kTooLong);
  CHECK(EncodeUnix("", &address) == Encoded::kOk && Decode(address).text.empty());
#ifdef __linux__
  const std::string abstract = std::string(1, '\0') + "name";
  CHECK(EncodeUnix(abstract, &address) == Encoded::kOk && Decode(address).text == abstract);
#endif
}

// A view of nothing, as a detached buffer gives it, has no address; UBSan objects to copying from it.
void NothingMayHaveNoMemory() {
  Address address;
  CHECK(EncodeUnix(std::string_view(), &address) == Encoded::kOk);
  CHECK(EncodeRaw(std::string_view(), &address) == Encoded::kOk && address.length == 0);
}

// Every length of every prefix of a full address: nothing may be read beyond it.
void ShortAddressesAreOnlyBytes() {
  for (const int family : {AF_UNSPEC, AF_INET, AF_INET6, AF_UNIX, 4711}) {
    Address whole;
    std::memset(&whole.storage, 0xab, sizeof(whole.storage));
    whole.storage.ss_family = static_cast<sa_family_t>(family);
    for (size_t length = 0; length <= sizeof(whole.storage); length++) {
      Address part;
      CHECK(EncodeRaw({reinterpret_cast<const char*>(&whole.storage), length}, &part) ==
            Encoded::kOk);
      const Decoded decoded = Decode(part);
      CHECK(decoded.text.size() <= length);
      if (family == AF_INET && length > 1 && length < sizeof(sockaddr_in))
        CHECK(decoded.host[0] == '\0' && decoded.kind == Decoded::Kind::kBytes &&
              decoded.family == family);
    }
  }
  Address address;
  CHECK(EncodeRaw(std::string(sizeof(sockaddr_storage) + 1, 'x'), &address) == Encoded::kTooLong);
}

bool Says(const Address& address, Decoded::Kind kind) {
  return Decode(address).kind == kind;
}

// What a system lacks is an error, and never half an address.
void RareFamiliesGoThereAndBackOrAreNone() {
  Address address;
  constexpr uint32_t kMost = UINT32_MAX;
  const Encoded vsock = EncodeVsock(kMost, 1024, &address);
#ifdef FDPOLL_SOCKADDR_VM
  CHECK(vsock == Encoded::kOk && Says(address, Decoded::Kind::kVsock));
  CHECK(Decode(address).cid == kMost && Decode(address).port == 1024);
#else
  CHECK(vsock == Encoded::kNoFamily);
#endif
  const Encoded netlink = EncodeNetlink(1, kMost, &address);
#ifdef FDPOLL_SOCKADDR_NL
  CHECK(netlink == Encoded::kOk && Says(address, Decoded::Kind::kNetlink));
  CHECK(Decode(address).pid == 1 && Decode(address).groups == kMost);
#else
  CHECK(netlink == Encoded::kNoFamily);
#endif
  const Encoded can = EncodeCan(3, &address);
#ifdef FDPOLL_SOCKADDR_CAN
  CHECK(can == Encoded::kOk && Says(address, Decoded::Kind::kCan));
  CHECK(Decode(address).interface == 3);
#else
  CHECK(can == Encoded::kNoFamily);
#endif
  for (size_t length = 0; length <= kHardwareMax; length++) {
    const std::string hardware(length, 'h');
    const Encoded packet = EncodePacket(2, 0x0800, hardware, &address);
#ifdef FDPOLL_SOCKADDR_LL
    CHECK(packet == Encoded::kOk && Says(address, Decoded::Kind::kPacket));
    CHECK(address.length >= sizeof(sockaddr_ll));
    CHECK(Decode(address).interface == 2 && Decode(address).port == 0x0800);
    CHECK(Decode(address).text == hardware);
#else
    CHECK(packet == Encoded::kNoFamily);
#endif
  }
  CHECK(EncodePacket(2, 1, std::string(kHardwareMax + 1, 'h'), &address) == Encoded::kTooLong);
}

// Random bytes of every length for every family, then the same family and zeros. The heap block is
// exactly as long as what is given, for AddressSanitizer.
void RandomBytesAreReadWithinTheirLength() {
  std::mt19937 random(1);
  const auto decode = [](const char* data, size_t length) {
    Address address;
    CHECK(EncodeRaw({data, length}, &address) == Encoded::kOk);
    std::memset(
        reinterpret_cast<char*>(&address.storage) + length, 0x5a, sizeof(address.storage) - length);
    const Decoded decoded = Decode(address);
    CHECK(strnlen(decoded.host, sizeof(decoded.host)) < sizeof(decoded.host));
    if (decoded.text.empty()) return;
    const char* begin = reinterpret_cast<const char*>(&address.storage);
    CHECK(decoded.text.data() >= begin &&
          decoded.text.data() + decoded.text.size() <= begin + length);
  };
  for (int family = 0; family < 50; family++) {
    for (size_t length = 0; length <= 128; length++) {
      const std::unique_ptr<char[]> block(new char[length]);
      std::generate_n(block.get(), length, [&] { return static_cast<char>(random()); });
      Address header;
      header.storage.ss_family = static_cast<sa_family_t>(family);
      std::memcpy(block.get(), &header.storage, std::min<size_t>(length, 2));
      decode(block.get(), length);
      std::fill_n(
          block.get() + std::min<size_t>(length, 2), length - std::min<size_t>(length, 2), '\0');
      decode(block.get(), length);
    }
  }
}

void InterfacesHaveNamesAndIndices() {
  const Result<InterfaceLabel> first = InterfaceName(1);
  CHECK(first.ok());
  CHECK(InterfaceIndex(first.value.text).value == 1);
  CHECK(InterfaceName(0).status.error == ENXIO);
  const std::string name = first.value.text;
  CHECK(!InterfaceIndex(name + std::string(64, 'x')).ok());
  CHECK(!InterfaceIndex(name + std::string(1, '\0')).ok());
  CHECK(!InterfaceIndex("").ok() && InterfaceIndex("").status.call == Call::kIfIndex);
}

}  // namespace

int main() {
  RUN(Ipv4GoesThereAndBack);
  RUN(Ipv6KeepsScopeAndFlow);
  RUN(UnixPathsFillTheFieldAndNoMore);
  RUN(NothingMayHaveNoMemory);
  RUN(ShortAddressesAreOnlyBytes);
  RUN(RareFamiliesGoThereAndBackOrAreNone);
  RUN(RandomBytesAreReadWithinTheirLength);
  RUN(InterfacesHaveNamesAndIndices);
}
