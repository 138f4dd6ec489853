// What control data says, in one form for all systems and both directions.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/control_data.h"

namespace fdpoll {

// Which of the fields of an Ancillary hold something.
constexpr uint32_t kHasCredentials = 1;
constexpr uint32_t kHasPktinfo = 2;
constexpr uint32_t kHasTtl = 4;
constexpr uint32_t kHasTos = 8;
constexpr uint32_t kHasTimestamp = 16;
constexpr uint32_t kHasSegmentSize = 32;
constexpr uint32_t kHasError = 64;

// The fixed part of a message, as lib/message_frame.ts reads and writes it; behind it lie the
// descriptors (int32 each), then the items that have no field: level, type, size and data, padded
// to four bytes.
struct Ancillary {
  uint32_t present = 0;
  int32_t flags = 0;  // MSG_*, of what was received
  uint32_t address_length = 0;
  int32_t family = 0;  // of the socket that sends
  uint32_t fd_count = 0;
  uint32_t control_length = 0;  // bytes
  int32_t pid = 0;
  uint32_t uid = 0;
  uint32_t gid = 0;
  uint32_t interface = 0;
  int32_t ttl = 0;
  int32_t tos = 0;
  uint32_t segment_size = 0;
  uint32_t local_length = 0;
  int64_t timestamp = 0;  // ns since 1970
  uint32_t destination_length = 0;
  // sock_extended_err (linux/errqueue.h)
  uint32_t error = 0;
  uint32_t error_origin = 0;
  uint32_t error_type = 0;
  uint32_t error_code = 0;
  uint32_t error_info = 0;
  uint32_t error_data = 0;
  uint32_t offender_length = 0;
  uint8_t address[128] = {};
  uint8_t offender[128] = {};
  char local[48] = {};
  char destination[48] = {};
};
static_assert(sizeof(Ancillary) == 448 && offsetof(Ancillary, timestamp) == 56 &&
                  offsetof(Ancillary, address) == 96,
              "lib/message_frame.ts has the same numbers");

// How much more room there is behind it than in the control space: an item's padding may be missing
// at the end of one.
constexpr size_t kRestMargin = 8;

// An item that has a field goes there. False for all others, and for those that are cut short.
bool DecodeItem(const ControlItem& item, Ancillary* out);

// The address that a message is to come from, which `pktinfo.local` says in words: as IPv6, an IPv4
// one mapped.
struct SourceAddress {
  uint8_t bytes[16] = {};
  bool given = false;
};
// False when `local` is no address of the socket's family.
bool ParseSource(const Ancillary& from, SourceAddress* out);

// Writes the fields and, as they stand, `rest`: what lies behind the fixed part. 0, or the errno
// for what this system or this family of sockets cannot send. `mapped`: the socket is inet6, its
// peer IPv4.
int Encode(const Ancillary& from,
           const SourceAddress& source,
           const uint8_t* rest,
           bool mapped,
           ControlWriter* to);
// Whether that needs `mapped` to be known.
bool DependsOnPeer(const Ancillary& from);
// Whether counts and sizes inside of `rest` keep to its length.
bool RestIsSound(const Ancillary& from, const uint8_t* rest, size_t length);

}  // namespace fdpoll
