// What the kernel says beside a datagram (control data, cmsg(3)) and what it is told beside one, as
// plain values. The names and layouts of the systems stay in datagram_control.cc.
#pragma once

#include <netinet/in.h>

#include <cstddef>
#include <cstdint>

namespace fdpoll {

// Room for all of ours with whatever else the caller has switched on (timestamps, hop limits,
// original destinations), since what has no room is lost for good.
constexpr size_t kDatagramControlBytes = 512;

struct DatagramFacts {
  uint32_t interface = 0;  // index, 0 for any
  uint16_t segment = 0;    // of UDP_SEGMENT and UDP_GRO, 0 for none
  uint8_t tos = 0;         // or traffic class, 0 for the socket's own
  bool has_local = false;
  in6_addr local{};  // ours; IPv4 addresses are mapped (::ffff:1.2.3.4)

  bool any() const { return interface != 0 || segment != 0 || tos != 0 || has_local; }
};

// Which control data a datagram to this address takes: IPv4's also for mapped addresses.
enum class IpVersion : uint8_t { kNone, kIpv4, kIpv6 };
IpVersion IpVersionOf(const void* address, size_t length);

// Whether this system splits one send into many datagrams.
extern const bool kSegmentsDatagrams;

// Both directions of a column of local addresses: a sockaddr with port 0, all zero for none.
// `mapped` keeps an IPv4 address in the form that an IPv6 socket shows.
constexpr size_t kSockaddrBytes = 128;
bool HasLocal(const uint8_t slot[kSockaddrBytes]);
void LoadLocal(const uint8_t slot[kSockaddrBytes], DatagramFacts* out);
void StoreLocal(const DatagramFacts& facts, bool mapped, uint8_t slot[kSockaddrBytes]);

// Writes at most kDatagramControlBytes and returns how many.
size_t WriteControl(const DatagramFacts& facts, IpVersion version, uint8_t* buffer);
// Descriptors among it (unix sockets) are closed: a batch has no place for them.
DatagramFacts ReadControl(const uint8_t* buffer, size_t length);

}  // namespace fdpoll
