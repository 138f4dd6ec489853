// Socket addresses as the kernel has them (sockaddr bytes), and their translation from and to plain
// values.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/status.h"

namespace fdpoll {

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  std::string_view bytes() const { return {reinterpret_cast<const char*>(&storage), length}; }
  // AF_UNSPEC when the bytes are too few to hold one.
  int family() const {
    constexpr size_t kEnd = offsetof(sockaddr, sa_family) + sizeof(sa_family_t);
    return length >= kEnd ? storage.ss_family : AF_UNSPEC;
  }
};

enum class Encoded : uint8_t {
  kOk,
  kBadHost,
  kTooLong,
  kNoFamily,  // this system has no such family
};

// Dotted IPv4, exactly four numbers.
Encoded EncodeInet(const char* host, uint16_t port, Address* out);
// IPv6 text without a zone; scope and flow information beside it.
Encoded EncodeInet6(const char* host, uint16_t port, uint32_t scope, uint32_t flow, Address* out);
// A path, an abstract name (starts with NUL) or nothing (unnamed). A path has room for 107 bytes on
// Linux.
Encoded EncodeUnix(std::string_view path, Address* out);
// A virtual machine or its host, by context id (vsock(7)). Linux and macOS.
Encoded EncodeVsock(uint32_t cid, uint32_t port, Address* out);
// A port of netlink(7), 0 for the kernel's, and a mask of multicast groups. Linux.
Encoded EncodeNetlink(uint32_t pid, uint32_t groups, Address* out);
// A link layer (packet(7)): interface, 0 for all; Ethernet protocol in host order; hardware
// address, at most kHardwareMax bytes. Linux.
constexpr size_t kHardwareMax = 32;
Encoded EncodePacket(uint32_t interface,
                     uint16_t protocol,
                     std::string_view hardware,
                     Address* out);
// A CAN interface, 0 for all. Linux.
Encoded EncodeCan(uint32_t interface, Address* out);
// The bytes of a sockaddr, at most 128.
Encoded EncodeRaw(std::string_view bytes, Address* out);

// What an address says. `kind` tells which members mean something.
struct Decoded {
  enum class Kind : uint8_t {
    kBytes,    // nothing but the family: unknown, too short for it, or more than the members hold
    kInet,     // host, port
    kInet6,    // host, port, scope, flow
    kUnix,     // text: the path
    kVsock,    // cid, port
    kNetlink,  // pid, groups
    kPacket,   // interface, protocol in `port`, text: the hardware address
    kCan,      // interface
  };
  Kind kind = Kind::kBytes;
  int family = AF_UNSPEC;
  char host[INET6_ADDRSTRLEN] = "";
  uint32_t port = 0;
  uint32_t scope = 0;
  uint32_t flow = 0;
  uint32_t cid = 0;
  uint32_t pid = 0;
  uint32_t groups = 0;
  uint32_t interface = 0;
  std::string_view text;  // lies in the address
};
// Allocates nothing, never reads beyond `address.length`, and is valid as long as the address.
Decoded Decode(const Address& address);

// The index of a network interface. ENODEV or ENXIO when there is none of that name.
Result<uint32_t> InterfaceIndex(std::string_view name);
// Its name, into `name`, by index. ENXIO when there is none.
struct InterfaceLabel {
  char text[64] = "";
};
Result<InterfaceLabel> InterfaceName(uint32_t index);

}  // namespace fdpoll
