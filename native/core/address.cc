#include "core/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

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
  std::memcpy(&out->storage, &from, length);
  out->length = static_cast<socklen_t>(length);
#if defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__)
  out->storage.ss_len = static_cast<uint8_t>(length);
#endif
}

template <typename Sockaddr>
bool Load(const Address& from, Sockaddr* out) {
  if (from.length < sizeof(Sockaddr)) return false;
  std::memcpy(out, &from.storage, sizeof(Sockaddr));
  return true;
}

void DecodePath(const Address& address, Decoded* out) {
  if (address.length <= kPathOffset) return;  // unnamed
  const char* path = reinterpret_cast<const char*>(&address.storage) + kPathOffset;
  const size_t room = address.length - kPathOffset;
  // Names of the abstract namespace have a length of their own; a path ends at its NUL, which may
  // be missing.
  out->path.assign(path, path[0] == '\0' ? room : strnlen(path, room));
#ifndef __linux__
  if (path[0] == '\0') out->path.clear();  // an unnamed socket of the BSDs has a length and no name
#endif
}

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
  char text[INET6_ADDRSTRLEN] = "";
  sockaddr_in inet{};
  sockaddr_in6 inet6{};
  if (decoded.family == AF_INET && Load(address, &inet)) {
    decoded.host = inet_ntop(AF_INET, &inet.sin_addr, text, sizeof(text));
    decoded.port = ntohs(inet.sin_port);
  } else if (decoded.family == AF_INET6 && Load(address, &inet6)) {
    decoded.host = inet_ntop(AF_INET6, &inet6.sin6_addr, text, sizeof(text));
    decoded.port = ntohs(inet6.sin6_port);
    decoded.scope = inet6.sin6_scope_id;
    decoded.flow = ntohl(inet6.sin6_flowinfo);
  } else if (decoded.family == AF_UNIX) {
    DecodePath(address, &decoded);
  } else if (decoded.family == AF_INET || decoded.family == AF_INET6) {
    decoded.family = AF_UNSPEC;
  }
  return decoded;
}

uint32_t InterfaceIndex(const char* name) {
  return ::if_nametoindex(name);
}

}  // namespace fdpoll
