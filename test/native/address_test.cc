#include "core/address.h"

#include <netinet/in.h>

#include <cstring>

#include "check.h"

using namespace fdpoll;

namespace {

void Ipv4GoesThereAndBack() {
  Address address;
  CHECK(EncodeInet("127.0.0.1", 8080, &address) == Encoded::kOk);
  const Decoded decoded = Decode(address);
  CHECK(decoded.family == AF_INET && decoded.host == "127.0.0.1" && decoded.port == 8080);
  CHECK(EncodeInet("127.1", 1, &address) == Encoded::kBadHost);
  CHECK(EncodeInet("localhost", 1, &address) == Encoded::kBadHost);
}

void Ipv6KeepsScopeAndFlow() {
  Address address;
  CHECK(EncodeInet6("fe80::1", 443, 7, 0x12345, &address) == Encoded::kOk);
  const Decoded decoded = Decode(address);
  CHECK(decoded.family == AF_INET6 && decoded.host == "fe80::1" && decoded.port == 443);
  CHECK(decoded.scope == 7 && decoded.flow == 0x12345);
}

void UnixPathsFillTheFieldAndNoMore() {
  Address address;
  const size_t room = sizeof(sockaddr_storage) > 110 ? 107 : 103;
  CHECK(EncodeUnix(std::string(103, 'x'), &address) == Encoded::kOk);
  CHECK(Decode(address).path == std::string(103, 'x'));
  CHECK(EncodeUnix(std::string(room + 1, 'x'), &address) == Encoded::kTooLong);
  CHECK(EncodeUnix("", &address) == Encoded::kOk && Decode(address).path.empty());
#ifdef __linux__
  const std::string abstract = std::string(1, '\0') + "name";
  CHECK(EncodeUnix(abstract, &address) == Encoded::kOk && Decode(address).path == abstract);
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
      CHECK(decoded.path.size() <= length);
      if (family == AF_INET && length < sizeof(sockaddr_in)) CHECK(decoded.host.empty());
    }
  }
  Address address;
  CHECK(EncodeRaw(std::string(sizeof(sockaddr_storage) + 1, 'x'), &address) == Encoded::kTooLong);
}

}  // namespace

int main() {
  RUN(Ipv4GoesThereAndBack);
  RUN(Ipv6KeepsScopeAndFlow);
  RUN(UnixPathsFillTheFieldAndNoMore);
  RUN(NothingMayHaveNoMemory);
  RUN(ShortAddressesAreOnlyBytes);
}
