// Datagrams with their addresses, and messages: scattered bytes, an address and control data.
// Descriptors are non-blocking: "would block" is a value, kWouldBlock of socket.h.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>

#include "core/address.h"
#include "core/ancillary.h"
#include "core/descriptor.h"
#include "core/status.h"

namespace fdpoll {

// Bytes, and whom they are from: of length 0 where the kernel does not say.
Result<int64_t> ReceiveFrom(int fd, void* buffer, size_t length, int flags, Address* from);
Result<int64_t> SendTo(int fd, const void* buffer, size_t length, int flags, const Address& to);

// Bytes, and in `out` and `rest` all that came with them, as Ancillary describes. `control_size`
// is the control space; `rest` has kRestMargin bytes more. Descriptors in `rest` are the caller's, and close-on-exec; none when they
// were only looked at (MSG_PEEK) or when something was cut off (MSG_CTRUNC): then all are closed.
// Once the kernel has answered nothing can fail any more.
Result<int64_t> ReceiveMessage(int fd,
                               iovec* parts,
                               size_t count,
                               int flags,
                               Ancillary* out,
                               uint8_t* rest,
                               size_t control_size);

// The second half of that: items of control data into fields, descriptors and all others. Where
// `rest` has kRestMargin bytes more than the control data everything fits, since an item takes no
// more room here than there, where its header is of twelve bytes at least. Closes what it does not
// keep.
void UnpackControl(const uint8_t* control,
                   size_t length,
                   bool keep,
                   Ancillary* out,
                   uint8_t* rest,
                   size_t rest_size);

struct Outgoing {
  iovec* parts = nullptr;
  size_t count = 0;
  const Address* to = nullptr;      // nullptr: the peer of connect
  const Ancillary* with = nullptr;  // nullptr: no control data
  const uint8_t* rest = nullptr;    // what lies behind it: RestIsSound
  const SourceAddress* source = nullptr;
  bool stream = false;
};
// Descriptors stay the caller's. EINVAL for descriptors without a byte on a stream: the kernel
// would drop them.
Result<int64_t> SendMessage(int fd, const Outgoing& message, int flags);

// Whether the next byte is the one after the urgent one.
Result<bool> AtMark(int fd);

}  // namespace fdpoll
