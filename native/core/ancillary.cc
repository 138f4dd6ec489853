#include "core/ancillary.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "config.h"
#include "core/ancillary_system.h"

namespace fdpoll {

namespace {

constexpr uint8_t kMappedPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr size_t kPktinfo6Size = 20;  // RFC 3542: the address, then the index

template <typename T>
bool Read(const ControlItem& item, T* out, size_t offset = 0) {
  if (item.size < sizeof(T) + offset) return false;
  std::memcpy(out, item.data + offset, sizeof(T));
  return true;
}

// Some systems send an int, others a byte.
bool ReadSmall(const ControlItem& item, int32_t* out) {
  if (Read(item, out)) return true;
  uint8_t byte = 0;
  if (!Read(item, &byte)) return false;
  *out = byte;
  return true;
}

uint32_t SetText(int family, const void* address, char (&text)[48]) {
  if (inet_ntop(family, address, text, sizeof(text)) == nullptr) return 0;
  return static_cast<uint32_t>(strnlen(text, sizeof(text)));
}

void SetInet(const in_addr& address, char (&text)[48], uint32_t* length) {
  *length = SetText(AF_INET, &address, text);
}

bool IsMapped(const uint8_t* address) {
  return std::memcmp(address, kMappedPrefix, sizeof(kMappedPrefix)) == 0;
}

// An address that somebody has, and can answer from.
bool IsUnicast(const in_addr& address) {
  const uint32_t number = ntohl(address.s_addr);
  return number < 0xe0000000 && number != 0;
}

bool IsUnicast(const uint8_t* address) {
  if (!IsMapped(address)) return address[0] != 0xff;
  in_addr inet{};
  std::memcpy(&inet, address + sizeof(kMappedPrefix), sizeof(inet));
  return IsUnicast(inet);
}

bool Found(Ancillary* out, uint32_t what, bool found) {
  if (found) out->present |= what;
  return found;
}

bool DecodePktinfo6(const ControlItem& item, Ancillary* out) {
  uint8_t address[16] = {};
  if (item.size < kPktinfo6Size || !Read(item, &address)) return false;
  static_cast<void>(Read(item, &out->interface, sizeof(address)));
  out->destination_length = SetText(AF_INET6, address, out->destination);
  out->local_length = 0;
  if (IsUnicast(address)) out->local_length = SetText(AF_INET6, address, out->local);
  return Found(out, kHasPktinfo, true);
}

#ifdef IP_PKTINFO
bool DecodePktinfo(const ControlItem& item, Ancillary* out) {
  in_pktinfo info{};
  if (!Read(item, &info)) return false;
  // An inet6 socket that asked for both has told the mapped form before.
  if ((out->present & kHasPktinfo) != 0) return true;
  out->interface = static_cast<uint32_t>(info.ipi_ifindex);
  SetInet(info.ipi_spec_dst, out->local, &out->local_length);
  SetInet(info.ipi_addr, out->destination, &out->destination_length);
  return Found(out, kHasPktinfo, true);
}
#endif

// The BSDs' own, in two items.
#ifdef IP_RECVDSTADDR
bool DecodeDestination(const ControlItem& item, Ancillary* out) {
  in_addr address{};
  if (!Read(item, &address)) return false;
  SetInet(address, out->destination, &out->destination_length);
  if (IsUnicast(address)) SetInet(address, out->local, &out->local_length);
  return Found(out, kHasPktinfo, true);
}
#endif

bool DecodeIp(const ControlItem& item, Ancillary* out) {
#ifdef IP_PKTINFO
  if (item.type == IP_PKTINFO) return DecodePktinfo(item, out);
#endif
#ifdef IP_RECVDSTADDR
  if (item.type == IP_RECVDSTADDR) return DecodeDestination(item, out);
#endif
  if (item.type == system::kReceivedInterface)
    return Found(out, kHasPktinfo, system::ReadInterface(item.data, item.size, &out->interface));
  if (item.type == system::kReceivedTtl) return Found(out, kHasTtl, ReadSmall(item, &out->ttl));
  if (item.type == system::kReceivedTos) return Found(out, kHasTos, ReadSmall(item, &out->tos));
  return false;
}

bool DecodeIp6(const ControlItem& item, Ancillary* out) {
  if (item.type == IPV6_PKTINFO) return DecodePktinfo6(item, out);
  if (item.type == IPV6_HOPLIMIT) return Found(out, kHasTtl, Read(item, &out->ttl));
  if (item.type == IPV6_TCLASS) return Found(out, kHasTos, Read(item, &out->tos));
  return false;
}

// An IPv4 address that was asked for: nothing, or what `source` ends with.
in_addr InetOf(const SourceAddress& source) {
  in_addr address{};
  std::memcpy(&address, source.bytes + sizeof(kMappedPrefix), sizeof(address));
  return address;
}

void EncodePktinfo(const Ancillary& from, const SourceAddress& source, ControlWriter* to) {
#if defined(IP_PKTINFO)
  in_pktinfo info{};
  info.ipi_ifindex = static_cast<decltype(info.ipi_ifindex)>(from.interface);
  info.ipi_spec_dst = InetOf(source);
  to->Add(IPPROTO_IP, IP_PKTINFO, info);
#elif defined(IP_SENDSRCADDR)
  // There is nothing to name the interface with.
  static_cast<void>(from);
  if (source.given) to->Add(IPPROTO_IP, IP_SENDSRCADDR, InetOf(source));
#endif
}

void EncodePktinfo6(const Ancillary& from,
                    const SourceAddress& source,
                    bool mapped,
                    ControlWriter* to) {
  uint8_t info[kPktinfo6Size] = {};
  if (source.given) {
    std::memcpy(info, source.bytes, sizeof(source.bytes));
  } else if (mapped) {
    std::memcpy(info, kMappedPrefix, sizeof(kMappedPrefix));
  }
  std::memcpy(info + sizeof(source.bytes), &from.interface, sizeof(from.interface));
  to->Add(IPPROTO_IPV6, IPV6_PKTINFO, info);
}

// IP_TTL and IP_TOS, also for what an inet6 socket sends to an IPv4 peer.
void EncodeIp(const Ancillary& from, ControlWriter* to) {
  if ((from.present & kHasTtl) != 0)
    to->Add(IPPROTO_IP, IP_TTL, static_cast<system::IpValue>(from.ttl));
  if ((from.present & kHasTos) != 0)
    to->Add(IPPROTO_IP, IP_TOS, static_cast<system::IpValue>(from.tos));
}

void EncodeIp6(const Ancillary& from, ControlWriter* to) {
  if ((from.present & kHasTtl) != 0) to->Add(IPPROTO_IPV6, IPV6_HOPLIMIT, from.ttl);
  if ((from.present & kHasTos) != 0) to->Add(IPPROTO_IPV6, IPV6_TCLASS, from.tos);
}

constexpr uint32_t kOfTheInternet = kHasPktinfo | kHasTtl | kHasTos | kHasSegmentSize;

// What the kernel would take and drop without a word.
bool BelongsToFamily(const Ancillary& from) {
  const bool internet = from.family == AF_INET || from.family == AF_INET6;
  if ((from.present & kOfTheInternet) != 0 && !internet) return false;
  if (from.fd_count > 0 && from.family != AF_UNIX) return false;
  return (from.present & kHasCredentials) == 0 || !internet;
}

// level, type and size, in front of the data of an item that has no field
constexpr size_t kEntryHeader = 3 * sizeof(int32_t);

struct Entry {
  int32_t level;
  int32_t type;
  uint32_t size;
};

size_t PaddedToFour(size_t size) {
  return (size + 3) & ~size_t{3};
}

}  // namespace

bool DecodeItem(const ControlItem& item, Ancillary* out) {
  if (item.level == SOL_SOCKET) return system::DecodeOfSocket(item, out);
  if (system::DecodeError(item, out)) return true;
  if (item.level == IPPROTO_IP) return DecodeIp(item, out);
  if (item.level == IPPROTO_IPV6) return DecodeIp6(item, out);
  if (item.level == IPPROTO_UDP && item.type == system::kUdpGro) {
    int32_t size = 0;
    if (!Read(item, &size)) return false;
    out->segment_size = static_cast<uint32_t>(size);
    return Found(out, kHasSegmentSize, true);
  }
  return false;
}

bool ParseSource(const Ancillary& from, SourceAddress* out) {
  if ((from.present & kHasPktinfo) == 0 || from.local_length == 0) return true;
  if (from.local_length >= sizeof(from.local)) return false;
  char text[sizeof(from.local)] = {};
  std::memcpy(text, from.local, from.local_length);
  out->given = true;
  if (inet_pton(AF_INET, text, out->bytes + sizeof(kMappedPrefix)) == 1) {
    std::memcpy(out->bytes, kMappedPrefix, sizeof(kMappedPrefix));
    return true;
  }
  if (inet_pton(AF_INET6, text, out->bytes) != 1) return false;
  return from.family == AF_INET6 || IsMapped(out->bytes);
}

bool DependsOnPeer(const Ancillary& from) {
  return from.family == AF_INET6 && (from.present & (kHasPktinfo | kHasTtl | kHasTos)) != 0;
}

bool RestIsSound(const Ancillary& from, const uint8_t* rest, size_t length) {
  if (from.fd_count > length / sizeof(int32_t)) return false;
  size_t offset = from.fd_count * sizeof(int32_t);
  if (from.control_length > length - offset) return false;
  const size_t end = offset + from.control_length;
  while (offset < end) {
    Entry entry{};
    if (end - offset < kEntryHeader) return false;
    std::memcpy(&entry, rest + offset, kEntryHeader);
    offset += kEntryHeader;
    if (entry.size > end - offset || PaddedToFour(entry.size) > end - offset) return false;
    offset += PaddedToFour(entry.size);
  }
  return true;
}

int Encode(const Ancillary& from,
           const SourceAddress& source,
           const uint8_t* rest,
           bool mapped,
           ControlWriter* to) {
  if (!BelongsToFamily(from)) return ENOPROTOOPT;
  const size_t fds_size = from.fd_count * sizeof(int32_t);
  if (fds_size > 0) to->Add(SOL_SOCKET, SCM_RIGHTS, rest, fds_size);
  if ((from.present & kHasCredentials) != 0) {
    const int error = system::EncodeCredentials(from, to);
    if (error != 0) return error;
  }
  if ((from.present & kHasPktinfo) != 0) {
    if (from.family == AF_INET6) {
      EncodePktinfo6(from, source, mapped, to);
    } else {
      EncodePktinfo(from, source, to);
    }
  }
  if (from.family == AF_INET6 && !mapped) {
    EncodeIp6(from, to);
  } else {
    EncodeIp(from, to);
  }
  if ((from.present & kHasSegmentSize) != 0) {
    if (system::kUdpSegment < 0) return ENOTSUP;
    to->Add(IPPROTO_UDP, system::kUdpSegment, static_cast<uint16_t>(from.segment_size));
  }
  const size_t end = fds_size + from.control_length;
  for (size_t offset = fds_size; offset + kEntryHeader <= end;) {
    Entry entry{};
    std::memcpy(&entry, rest + offset, kEntryHeader);
    // It was sound, but the memory may be shared with another thread.
    if (entry.size > end - offset - kEntryHeader) break;
    to->Add(entry.level, entry.type, rest + offset + kEntryHeader, entry.size);
    offset += kEntryHeader + PaddedToFour(entry.size);
  }
  return 0;
}

}  // namespace fdpoll
