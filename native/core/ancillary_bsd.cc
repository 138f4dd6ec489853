#include "config.h"

#ifdef FDPOLL_SYSTEM_BSD

#include <net/if.h>
#include <net/if_dl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/ucred.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "core/ancillary_system.h"

namespace fdpoll::system {

namespace {

template <typename T>
bool Read(const ControlItem& item, T* out) {
  if (item.size < sizeof(T)) return false;
  std::memcpy(out, item.data, sizeof(T));
  return true;
}

// Whatever was sent: no overflow.
bool SetTime(int64_t seconds, int64_t fraction, uint64_t unit, Ancillary* out) {
  constexpr uint64_t kSecond = 1'000'000'000;
  const uint64_t whole = static_cast<uint64_t>(seconds) * kSecond;
  out->timestamp = static_cast<int64_t>(whole + static_cast<uint64_t>(fraction) * unit);
  out->present |= kHasTimestamp;
  return true;
}

#if defined(SCM_CREDS) && defined(__FreeBSD__)
using ReceivedCredentials = cmsgcred;
pid_t PidOf(const cmsgcred& credentials) {
  return credentials.cmcred_pid;
}
uid_t UidOf(const cmsgcred& credentials) {
  return credentials.cmcred_euid;
}
gid_t GidOf(const cmsgcred& credentials) {
  return credentials.cmcred_gid;
}
#elif defined(SCM_CREDS) && defined(__NetBSD__)
// LOCAL_CREDS; the groups that follow are of any number.
using ReceivedCredentials = sockcred;
pid_t PidOf(const sockcred& credentials) {
  return credentials.sc_pid;
}
uid_t UidOf(const sockcred& credentials) {
  return credentials.sc_euid;
}
gid_t GidOf(const sockcred& credentials) {
  return credentials.sc_egid;
}
#endif

}  // namespace

#ifdef IP_RECVIF
const int kReceivedInterface = IP_RECVIF;
#else
const int kReceivedInterface = -1;
#endif
#ifdef IP_RECVTTL
const int kReceivedTtl = IP_RECVTTL;
#else
const int kReceivedTtl = -1;
#endif
#ifdef IP_RECVTOS
const int kReceivedTos = IP_RECVTOS;
#else
const int kReceivedTos = -1;
#endif
const int kUdpSegment = -1;
const int kUdpGro = -1;

// A sockaddr_dl, of which only the index matters.
bool ReadInterface(const uint8_t* data, size_t size, uint32_t* index) {
  constexpr size_t kIndex = offsetof(sockaddr_dl, sdl_index);
  decltype(sockaddr_dl::sdl_index) value = 0;
  if (size < kIndex + sizeof(value)) return false;
  std::memcpy(&value, data + kIndex, sizeof(value));
  *index = value;
  return true;
}

bool DecodeOfSocket(const ControlItem& item, Ancillary* out) {
#ifdef SCM_TIMESTAMP
  timeval micro{};
  if (item.type == SCM_TIMESTAMP && Read(item, &micro))
    return SetTime(micro.tv_sec, micro.tv_usec, 1000, out);
#endif
#ifdef SCM_REALTIME
  timespec nano{};
  if (item.type == SCM_REALTIME && Read(item, &nano))
    return SetTime(nano.tv_sec, nano.tv_nsec, 1, out);
#endif
#if defined(SCM_CREDS) && (defined(__FreeBSD__) || defined(__NetBSD__))
  ReceivedCredentials credentials{};
  if (item.type == SCM_CREDS && Read(item, &credentials)) {
    out->pid = PidOf(credentials);
    out->uid = UidOf(credentials);
    out->gid = GidOf(credentials);
    out->present |= kHasCredentials;
    return true;
  }
#endif
  return false;
}

bool DecodeError(const ControlItem&, Ancillary*) {
  return false;  // Linux alone has a queue of errors
}

int EncodeCredentials(const Ancillary&, ControlWriter* to) {
#if defined(SCM_CREDS) && defined(__FreeBSD__)
  // The kernel fills it in: nobody can claim to be somebody else.
  to->Add(SOL_SOCKET, SCM_CREDS, cmsgcred{});
  return 0;
#else
  static_cast<void>(to);
  return ENOTSUP;
#endif
}

bool HoldsDescriptors(const ControlItem& item) {
  return item.level == SOL_SOCKET && item.type == SCM_RIGHTS;
}

}  // namespace fdpoll::system

#endif
