#include "core/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/address_families.h"
#include "core/os.h"

namespace fdpoll {

namespace {

constexpr size_t kPathOffset = offsetof(sockaddr_un, sun_path);

// memcpy, except that nothing may be without an address (C11 7.1.4).
void Copy(void* to, std::string_view from) {
  if (!from.empty()) std::memcpy(to, from.data(), from.size());
}

template <typename Sockaddr>
void Store(const Sockaddr& from, size_t length, Address* out) {
  *out = Address{};
  std::memcpy(&out->storage, &from, std::min(length, sizeof(from)));
  out->length = static_cast<socklen_t>(length);
#if defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__)
  out->storage.ss_len = static_cast<uint8_t>(length);
#endif
}

// The first `least` bytes have to be there; what lies behind them may be missing and counts as 0.
template <typename Sockaddr>
bool Load(const Address& from, Sockaddr* out, size_t least = sizeof(Sockaddr)) {
  if (from.length < least) return false;
  Copy(out, from.bytes().substr(0, sizeof(Sockaddr)));
  return true;
}

void DecodeInet(const Address& address, Decoded* out) {
  sockaddr_in inet{};
  if (!Load(address, &inet)) return;
  inet_ntop(AF_INET, &inet.sin_addr, out->host, sizeof(out->host));
  out->port = ntohs(inet.sin_port);
  out->kind = Decoded::Kind::kInet;
}

void DecodeInet6(const Address& address, Decoded* out) {
  sockaddr_in6 inet6{};
  if (!Load(address, &inet6)) return;
  inet_ntop(AF_INET6, &inet6.sin6_addr, out->host, sizeof(out->host));
  out->port = ntohs(inet6.sin6_port);
  out->scope = inet6.sin6_scope_id;
  out->flow = ntohl(inet6.sin6_flowinfo);
  out->kind = Decoded::Kind::kInet6;
}

void DecodeUnix(const Address& address, Decoded* out) {
  out->kind = Decoded::Kind::kUnix;
  if (address.length <= kPathOffset) return;  // unnamed
  std::string_view path = address.bytes().substr(kPathOffset);
  // Names of the abstract namespace have a length of their own; a path ends at its NUL, which may
  // be missing.
  if (path[0] != '\0') {
    path = path.substr(0, path.find('\0'));
  } else {
#ifndef __linux__
    path = {};  // an unnamed socket of the BSDs has a length and no name
#endif
  }
  out->text = path;
}

#ifdef FDPOLL_SOCKADDR_VM
void DecodeVsock(const Address& address, Decoded* out) {
  sockaddr_vm vm{};
  if (!Load(address, &vm, offsetof(sockaddr_vm, svm_cid) + sizeof(vm.svm_cid))) return;
  out->cid = vm.svm_cid;
  out->port = vm.svm_port;
  out->kind = Decoded::Kind::kVsock;
}
#endif

#ifdef FDPOLL_SOCKADDR_NL
void DecodeNetlink(const Address& address, Decoded* out) {
  sockaddr_nl netlink{};
  if (!Load(address, &netlink)) return;
  out->pid = netlink.nl_pid;
  out->groups = netlink.nl_groups;
  out->kind = Decoded::Kind::kNetlink;
}
#endif

#ifdef FDPOLL_SOCKADDR_LL
// The hardware address may be longer than the field (InfiniBand has 20 bytes) and the sockaddr
// shorter than the struct, as getsockname gives it.
void DecodePacket(const Address& address, Decoded* out) {
  constexpr size_t kHardware = offsetof(sockaddr_ll, sll_addr);
  sockaddr_ll link{};
  if (!Load(address, &link, kHardware) || link.sll_ifindex < 0) return;
  if (address.length < kHardware + link.sll_halen || link.sll_halen > kHardwareMax) return;
  out->interface = static_cast<uint32_t>(link.sll_ifindex);
  out->port = ntohs(link.sll_protocol);
  out->text = address.bytes().substr(kHardware, link.sll_halen);
  out->kind = Decoded::Kind::kPacket;
}
#endif

#ifdef FDPOLL_SOCKADDR_CAN
// ISO-TP and J1939 have more to say behind the interface: theirs stay bytes, so that nothing is
// lost.
void DecodeCan(const Address& address, Decoded* out) {
  constexpr size_t kRest = offsetof(sockaddr_can, can_ifindex) + sizeof(int);
  sockaddr_can can{};
  if (!Load(address, &can, kRest) || can.can_ifindex < 0) return;
  for (const char byte : address.bytes().substr(kRest)) {
    if (byte != '\0') return;
  }
  out->interface = static_cast<uint32_t>(can.can_ifindex);
  out->kind = Decoded::Kind::kCan;
}
#endif

}  // namespace

Encoded EncodeInet(const char* host, uint16_t port, Address* out) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (inet_pton(AF_INET, host, &address.sin_addr) != 1) return Encoded::kBadHost;
  Store(address, sizeof(address), out);
  return Encoded::kOk;
}

Encoded EncodeInet6(const char* host, uint16_t port, uint32_t scope, uint32_t flow, Address* out) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  address.sin6_scope_id = scope;
  address.sin6_flowinfo = htonl(flow);
  if (inet_pton(AF_INET6, host, &address.sin6_addr) != 1) return Encoded::kBadHost;
  Store(address, sizeof(address), out);
  return Encoded::kOk;
}

Encoded EncodeUnix(std::string_view path, Address* out) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const bool abstract = !path.empty() && path[0] == '\0';
  // A path keeps its NUL; an abstract name has none and may fill the field.
  const size_t room = sizeof(address.sun_path) - (abstract || path.empty() ? 0 : 1);
  if (path.size() > room) return Encoded::kTooLong;
  Copy(address.sun_path, path);
  const size_t terminator = abstract || path.empty() ? 0 : 1;
  Store(address, kPathOffset + path.size() + terminator, out);
  return Encoded::kOk;
}

Encoded EncodeVsock([[maybe_unused]] uint32_t cid,
                    [[maybe_unused]] uint32_t port,
                    [[maybe_unused]] Address* out) {
#ifdef FDPOLL_SOCKADDR_VM
  sockaddr_vm address{};
  address.svm_family = AF_VSOCK;
  address.svm_cid = cid;
  address.svm_port = port;
  Store(address, sizeof(address), out);
  return Encoded::kOk;
#else
  return Encoded::kNoFamily;
#endif
}

Encoded EncodeNetlink([[maybe_unused]] uint32_t pid,
                      [[maybe_unused]] uint32_t groups,
                      [[maybe_unused]] Address* out) {
#ifdef FDPOLL_SOCKADDR_NL
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_pid = pid;
  address.nl_groups = groups;
  Store(address, sizeof(address), out);
  return Encoded::kOk;
#else
  return Encoded::kNoFamily;
#endif
}

Encoded EncodePacket([[maybe_unused]] uint32_t interface,
                     [[maybe_unused]] uint16_t protocol,
                     std::string_view hardware,
                     [[maybe_unused]] Address* out) {
  if (hardware.size() > kHardwareMax) return Encoded::kTooLong;
#ifdef FDPOLL_SOCKADDR_LL
  constexpr size_t kHardware = offsetof(sockaddr_ll, sll_addr);
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = static_cast<int>(interface);
  address.sll_protocol = htons(protocol);
  address.sll_halen = static_cast<uint8_t>(hardware.size());
  Store(address, std::max(sizeof(address), kHardware + hardware.size()), out);
  Copy(reinterpret_cast<char*>(&out->storage) + kHardware, hardware);
  return Encoded::kOk;
#else
  return Encoded::kNoFamily;
#endif
}

Encoded EncodeCan([[maybe_unused]] uint32_t interface, [[maybe_unused]] Address* out) {
#ifdef FDPOLL_SOCKADDR_CAN
  sockaddr_can address{};
  address.can_family = AF_CAN;
  address.can_ifindex = static_cast<int>(interface);
  Store(address, sizeof(address), out);
  return Encoded::kOk;
#else
  return Encoded::kNoFamily;
#endif
}

Encoded EncodeRaw(std::string_view bytes, Address* out) {
  *out = Address{};
  if (bytes.size() > sizeof(out->storage)) return Encoded::kTooLong;
  Copy(&out->storage, bytes);
  out->length = static_cast<socklen_t>(bytes.size());
  return Encoded::kOk;
}

Decoded Decode(const Address& address) {
  Decoded decoded;
  decoded.family = address.family();
  switch (decoded.family) {
    case AF_INET:
      DecodeInet(address, &decoded);
      break;
    case AF_INET6:
      DecodeInet6(address, &decoded);
      break;
    case AF_UNIX:
      DecodeUnix(address, &decoded);
      break;
#ifdef FDPOLL_SOCKADDR_VM
    case AF_VSOCK:
      DecodeVsock(address, &decoded);
      break;
#endif
#ifdef FDPOLL_SOCKADDR_NL
    case AF_NETLINK:
      DecodeNetlink(address, &decoded);
      break;
#endif
#ifdef FDPOLL_SOCKADDR_LL
    case AF_PACKET:
      DecodePacket(address, &decoded);
      break;
#endif
#ifdef FDPOLL_SOCKADDR_CAN
    case AF_CAN:
      DecodeCan(address, &decoded);
      break;
#endif
    default:
      break;
  }
  return decoded;
}

Result<uint32_t> InterfaceIndex(std::string_view name) {
  // Not every system refuses a name that is too long: some cut it and find another interface.
  if (name.size() >= IF_NAMESIZE || name.find('\0') != std::string_view::npos)
    return Status::Failed(Call::kIfIndex, ENODEV);
  char text[IF_NAMESIZE] = "";
  Copy(text, name);
  return os::InterfaceIndex(text);
}

Result<InterfaceLabel> InterfaceName(uint32_t index) {
  InterfaceLabel label;
  static_assert(sizeof(label.text) > IF_NAMESIZE, "with room for the NUL");
  const Status status = os::InterfaceName(index, label.text);
  if (!status.ok()) return status;
  return label;
}

}  // namespace fdpoll
