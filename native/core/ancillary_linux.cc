#include "config.h"

#ifdef FDPOLL_SYSTEM_LINUX

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/ancillary_system.h"

namespace fdpoll::system {

namespace {

// Of the kernel's headers (asm-generic/socket.h, linux/socket.h), since those of an old libc lack
// some, and since glibc's SO_TIMESTAMP changes its number with the size of time_t.
constexpr int kScmCredentials = 2;
constexpr int kScmPidfd = 4;
constexpr int kTimestampOld = 29;
constexpr int kTimestampNanosecondsOld = 35;
constexpr int kTimestampNew = 63;
constexpr int kTimestampNanosecondsNew = 64;
constexpr int kErrorSize = 16;

struct KernelCredentials {
  int32_t pid;
  uint32_t uid;
  uint32_t gid;
};

template <typename T>
bool Read(const ControlItem& item, T* out) {
  if (item.size < sizeof(T)) return false;
  std::memcpy(out, item.data, sizeof(T));
  return true;
}

// Seconds and a fraction: of 64 bits each, or of 32 on 32-bit systems before time64.
bool DecodeTime(const ControlItem& item, int64_t unit, Ancillary* out) {
  int64_t wide[2] = {};
  int32_t narrow[2] = {};
  if (!Read(item, &wide)) {
    if (!Read(item, &narrow)) return false;
    wide[0] = narrow[0];
    wide[1] = narrow[1];
  }
  // Whatever was sent: no overflow.
  constexpr uint64_t kSecond = 1'000'000'000;
  const uint64_t whole = static_cast<uint64_t>(wide[0]) * kSecond;
  const uint64_t fraction = static_cast<uint64_t>(wide[1]) * static_cast<uint64_t>(unit);
  out->timestamp = static_cast<int64_t>(whole + fraction);
  out->present |= kHasTimestamp;
  return true;
}

}  // namespace

const int kReceivedInterface = -1;
const int kReceivedTtl = IP_TTL;
const int kReceivedTos = IP_TOS;
const int kUdpSegment = 103;  // linux/udp.h
const int kUdpGro = 104;

bool ReadInterface(const uint8_t*, size_t, uint32_t*) {
  return false;
}

bool DecodeOfSocket(const ControlItem& item, Ancillary* out) {
  switch (item.type) {
    case kTimestampOld:
    case kTimestampNew:
      return DecodeTime(item, 1000, out);
    case kTimestampNanosecondsOld:
    case kTimestampNanosecondsNew:
      return DecodeTime(item, 1, out);
    case kScmCredentials: {
      KernelCredentials credentials{};
      if (!Read(item, &credentials)) return false;
      out->pid = credentials.pid;
      out->uid = credentials.uid;
      out->gid = credentials.gid;
      out->present |= kHasCredentials;
      return true;
    }
    default:
      return false;
  }
}

bool DecodeError(const ControlItem& item, Ancillary* out) {
  const bool of_ip = item.level == IPPROTO_IP && item.type == IP_RECVERR;
  const bool of_ip6 = item.level == IPPROTO_IPV6 && item.type == IPV6_RECVERR;
  struct {
    uint32_t error;
    uint8_t origin;
    uint8_t type;
    uint8_t code;
    uint8_t pad;
    uint32_t info;
    uint32_t data;
  } extended{};
  static_assert(sizeof(extended) == kErrorSize, "struct sock_extended_err");
  if (!(of_ip || of_ip6) || !Read(item, &extended)) return false;
  out->error = extended.error;
  out->error_origin = extended.origin;
  out->error_type = extended.type;
  out->error_code = extended.code;
  out->error_info = extended.info;
  out->error_data = extended.data;
  // SO_EE_OFFENDER: a sockaddr behind it, of family 0 where there is none to blame.
  const size_t length = std::min(item.size - kErrorSize, sizeof(out->offender));
  std::memcpy(out->offender, item.data + kErrorSize, length);
  sa_family_t family = AF_UNSPEC;
  if (length >= sizeof(family)) std::memcpy(&family, out->offender, sizeof(family));
  out->offender_length = family == AF_UNSPEC ? 0 : static_cast<uint32_t>(length);
  out->present |= kHasError;
  return true;
}

int EncodeCredentials(const Ancillary& from, ControlWriter* to) {
  to->Add(SOL_SOCKET, kScmCredentials, KernelCredentials{from.pid, from.uid, from.gid});
  return 0;
}

bool HoldsDescriptors(const ControlItem& item) {
  return item.level == SOL_SOCKET && (item.type == SCM_RIGHTS || item.type == kScmPidfd);
}

}  // namespace fdpoll::system

#endif
