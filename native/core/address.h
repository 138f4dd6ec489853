// Socket addresses as the kernel has them (sockaddr bytes), and their translation from and to plain
// values.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace fdpoll {

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  int family() const { return length >= sizeof(sa_family_t) ? storage.ss_family : AF_UNSPEC; }
};

enum class Encoded : uint8_t { kOk, kBadHost, kTooLong };

// Dotted IPv4, exactly four numbers.
Encoded EncodeInet(const char* host, uint16_t port, Address* out);
// IPv6 text without a zone; scope and flow information beside it.
Encoded EncodeInet6(const char* host, uint16_t port, uint32_t scope, uint32_t flow, Address* out);
// A path, an abstract name (starts with NUL) or nothing (unnamed). A path has room for 107 bytes on
// Linux.
Encoded EncodeUnix(std::string_view path, Address* out);
// The bytes of a sockaddr, at most 128.
Encoded EncodeRaw(std::string_view bytes, Address* out);

// What an address says; `host` or `path` by family.
struct Decoded {
  int family =
      AF_UNSPEC;  // AF_INET, AF_INET6 and AF_UNIX are taken apart; all others are only bytes
  std::string host;
  uint16_t port = 0;
  uint32_t scope = 0;
  uint32_t flow = 0;
  std::string path;
};
// Never reads beyond `address.length`: a short address of a known family counts as only bytes.
Decoded Decode(const Address& address);

// The index of a network interface, 0 when there is none of that name.
uint32_t InterfaceIndex(const char* name);

}  // namespace fdpoll
