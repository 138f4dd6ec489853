#include "core/datagram_control.h"

#include <sys/socket.h>

#include <cstring>

#include "config.h"
#include "core/ancillary_system.h"
#include "core/owned_fd.h"
#ifdef FDPOLL_SYSTEM_BSD
#include <net/if.h>
#include <net/if_dl.h>
#endif

namespace fdpoll {

namespace {

#ifdef FDPOLL_SYSTEM_LINUX
constexpr int kUdpSegment = 103;  // UDP_SEGMENT, Linux 4.18
constexpr int kUdpGro = 104;      // UDP_GRO, Linux 5.0
#endif

constexpr uint8_t kMappedPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool IsMapped(const in6_addr& address) {
  return std::memcmp(&address, kMappedPrefix, sizeof(kMappedPrefix)) == 0;
}

in6_addr Mapped(const in_addr& address) {
  in6_addr mapped{};
  std::memcpy(&mapped, kMappedPrefix, sizeof(kMappedPrefix));
  std::memcpy(
      reinterpret_cast<uint8_t*>(&mapped) + sizeof(kMappedPrefix), &address, sizeof(address));
  return mapped;
}

in_addr Unmapped(const in6_addr& mapped) {
  in_addr address{};
  std::memcpy(
      &address, reinterpret_cast<const uint8_t*>(&mapped) + sizeof(kMappedPrefix), sizeof(address));
  return address;
}

// What came to a group or to everyone cannot be answered from that address, only from its
// interface.
bool IsSource(const in_addr& address) {
  const uint32_t number = ntohl(address.s_addr);
  return (number >> 28) != 0xe && number != UINT32_MAX;
}
bool IsSource(const in6_addr& address) {
  return address.s6_addr[0] != 0xff;
}

template <typename Value>
bool Load(const uint8_t* data, size_t length, Value* out) {
  if (length < sizeof(Value)) return false;
  std::memcpy(out, data, sizeof(Value));
  return true;
}

sa_family_t FamilyOf(const void* address) {
  sockaddr head{};
  std::memcpy(&head, address, offsetof(sockaddr, sa_data));
  return head.sa_family;
}

void WritePacketInfo4(const DatagramFacts& facts, ControlWriter* writer) {
  const in_addr local = facts.has_local ? Unmapped(facts.local) : in_addr{};
#if defined(IP_PKTINFO)
  in_pktinfo info{};
  info.ipi_ifindex = static_cast<decltype(info.ipi_ifindex)>(facts.interface);
  if (IsSource(local)) info.ipi_spec_dst = local;
  writer->Add(IPPROTO_IP, IP_PKTINFO, info);
#elif defined(IP_SENDSRCADDR)
  // There is no word for the interface there.
  if (local.s_addr != 0 && IsSource(local)) writer->Add(IPPROTO_IP, IP_SENDSRCADDR, local);
#endif
}

void WritePacketInfo6(const DatagramFacts& facts, ControlWriter* writer) {
  in6_pktinfo info{};
  info.ipi6_ifindex = static_cast<decltype(info.ipi6_ifindex)>(facts.interface);
  if (facts.has_local && IsSource(facts.local)) info.ipi6_addr = facts.local;
  writer->Add(IPPROTO_IPV6, IPV6_PKTINFO, info);
}

void TakeTos(const uint8_t* data, size_t length, DatagramFacts* out) {
  // A byte on Linux and the BSDs for IPv4, an int for IPv6.
  int wide = 0;
  uint8_t narrow = 0;
  if (Load(data, length, &wide)) {
    out->tos = static_cast<uint8_t>(wide);
  } else if (Load(data, length, &narrow)) {
    out->tos = narrow;
  }
}

void TakeLocal(const in6_addr& local, DatagramFacts* out) {
  out->local = local;
  out->has_local = true;
}

void TakeInet(int type, const uint8_t* data, size_t length, DatagramFacts* out) {
#ifdef IP_PKTINFO
  in_pktinfo info{};
  if (type == IP_PKTINFO && Load(data, length, &info)) {
    out->interface = static_cast<uint32_t>(info.ipi_ifindex);
    TakeLocal(Mapped(info.ipi_spec_dst), out);
  }
#endif
#if defined(IP_RECVDSTADDR) && defined(FDPOLL_SYSTEM_BSD)
  in_addr destination{};
  if (type == IP_RECVDSTADDR && Load(data, length, &destination))
    TakeLocal(Mapped(destination), out);
#endif
#if defined(IP_RECVIF) && defined(FDPOLL_SYSTEM_BSD)
  sockaddr_dl link{};
  if (type == IP_RECVIF && length >= offsetof(sockaddr_dl, sdl_data)) {
    std::memcpy(&link, data, offsetof(sockaddr_dl, sdl_data));
    out->interface = link.sdl_index;
  }
#endif
#if defined(IP_RECVTOS) && defined(FDPOLL_SYSTEM_BSD)
  if (type == IP_RECVTOS) TakeTos(data, length, out);
#endif
  if (type == IP_TOS) TakeTos(data, length, out);
}

void TakeInet6(int type, const uint8_t* data, size_t length, DatagramFacts* out) {
  in6_pktinfo info{};
  if (type == IPV6_PKTINFO && Load(data, length, &info)) {
    out->interface = static_cast<uint32_t>(info.ipi6_ifindex);
    TakeLocal(info.ipi6_addr, out);
  }
  if (type == IPV6_TCLASS) TakeTos(data, length, out);
}

void CloseAll(const uint8_t* data, size_t length) {
  for (size_t at = 0; at + sizeof(int) <= length; at += sizeof(int)) {
    int fd = -1;
    std::memcpy(&fd, data + at, sizeof(fd));
    const OwnedFd closed(fd);
  }
}

void Take(const ControlItem& item, DatagramFacts* out) {
  if (item.level == IPPROTO_IP) {
    TakeInet(item.type, item.data, item.size, out);
  } else if (item.level == IPPROTO_IPV6) {
    TakeInet6(item.type, item.data, item.size, out);
  } else if (system::HoldsDescriptors(item)) {
    CloseAll(item.data, item.size);
  }
#ifdef FDPOLL_SYSTEM_LINUX
  int segment = 0;
  if (item.level == IPPROTO_UDP && item.type == kUdpGro && Load(item.data, item.size, &segment)) {
    out->segment = static_cast<uint16_t>(segment);
  }
#endif
}

}  // namespace

#ifdef FDPOLL_SYSTEM_LINUX
const bool kSegmentsDatagrams = true;
#else
const bool kSegmentsDatagrams = false;
#endif

IpVersion IpVersionOf(const void* address, size_t length) {
  if (length < offsetof(sockaddr, sa_data)) return IpVersion::kNone;
  const sa_family_t family = FamilyOf(address);
  if (family == AF_INET) return IpVersion::kIpv4;
  sockaddr_in6 inet6{};
  if (family != AF_INET6 || !Load(static_cast<const uint8_t*>(address), length, &inet6)) {
    return IpVersion::kNone;
  }
  return IsMapped(inet6.sin6_addr) ? IpVersion::kIpv4 : IpVersion::kIpv6;
}

bool HasLocal(const uint8_t slot[kSockaddrBytes]) {
  return FamilyOf(slot) != AF_UNSPEC;
}

void LoadLocal(const uint8_t slot[kSockaddrBytes], DatagramFacts* out) {
  sockaddr_in inet{};
  sockaddr_in6 inet6{};
  const sa_family_t family = FamilyOf(slot);
  if (family == AF_INET && Load(slot, kSockaddrBytes, &inet)) {
    TakeLocal(Mapped(inet.sin_addr), out);
  } else if (family == AF_INET6 && Load(slot, kSockaddrBytes, &inet6)) {
    TakeLocal(inet6.sin6_addr, out);
  }
}

void StoreLocal(const DatagramFacts& facts, bool mapped, uint8_t slot[kSockaddrBytes]) {
  std::memset(slot, 0, kSockaddrBytes);
  if (!facts.has_local) return;
  if (IsMapped(facts.local) && !mapped) {
    sockaddr_in inet{};
    inet.sin_family = AF_INET;
    inet.sin_addr = Unmapped(facts.local);
#ifdef FDPOLL_SYSTEM_BSD
    inet.sin_len = sizeof(inet);
#endif
    std::memcpy(slot, &inet, sizeof(inet));
    return;
  }
  sockaddr_in6 inet6{};
  inet6.sin6_family = AF_INET6;
  inet6.sin6_addr = facts.local;
  if (IN6_IS_ADDR_LINKLOCAL(&facts.local)) inet6.sin6_scope_id = facts.interface;
#ifdef FDPOLL_SYSTEM_BSD
  inet6.sin6_len = sizeof(inet6);
#endif
  std::memcpy(slot, &inet6, sizeof(inet6));
}

size_t WriteControl(const DatagramFacts& facts, IpVersion version, uint8_t* buffer) {
  ControlWriter writer(buffer, kDatagramControlBytes);
  const bool ipv4 = version == IpVersion::kIpv4;
  if (facts.interface != 0 || facts.has_local) {
    // A local address of the other version is for the kernel to refuse.
    if (ipv4 && (!facts.has_local || IsMapped(facts.local))) {
      WritePacketInfo4(facts, &writer);
    } else {
      WritePacketInfo6(facts, &writer);
    }
  }
  if (facts.tos != 0) {
    const int tos = facts.tos;
    writer.Add(ipv4 ? IPPROTO_IP : IPPROTO_IPV6, ipv4 ? IP_TOS : IPV6_TCLASS, tos);
  }
#ifdef FDPOLL_SYSTEM_LINUX
  if (facts.segment != 0) writer.Add(IPPROTO_UDP, kUdpSegment, facts.segment);
#endif
  return writer.length();
}

DatagramFacts ReadControl(const uint8_t* buffer, size_t length) {
  DatagramFacts facts;
  ControlItem item;
  for (ControlReader items(buffer, length); items.Next(&item);) Take(item, &facts);
  return facts;
}

}  // namespace fdpoll
