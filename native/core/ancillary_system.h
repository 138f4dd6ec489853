// What Linux and the BSDs do differently about control data: ancillary_linux.cc and
// ancillary_bsd.cc.
#pragma once

#include <cstddef>
#include <cstdint>

#include "config.h"
#include "core/ancillary.h"

namespace fdpoll::system {

// Credentials, timestamps: what is at SOL_SOCKET and no descriptor.
bool DecodeOfSocket(const ControlItem& item, Ancillary* out);
// An entry of the error queue.
bool DecodeError(const ControlItem& item, Ancillary* out);
// 0 or an errno.
int EncodeCredentials(const Ancillary& from, ControlWriter* to);
// Whether an item holds the numbers of descriptors that came with it.
bool HoldsDescriptors(const ControlItem& item);

// Types of items at IPPROTO_IP; -1 where there is none.
extern const int kReceivedInterface;
extern const int kReceivedTtl;
extern const int kReceivedTos;
bool ReadInterface(const uint8_t* data, size_t size, uint32_t* index);
// At IPPROTO_UDP.
extern const int kUdpSegment;
extern const int kUdpGro;

// What IP_TTL and IP_TOS are sent as.
#ifdef FDPOLL_SYSTEM_LINUX
using IpValue = int32_t;
#else
using IpValue = uint8_t;
#endif

}  // namespace fdpoll::system
