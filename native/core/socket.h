// The calls of a socket's life on a borrowed descriptor. Descriptors are non-blocking: "would
// block" is a value.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/address.h"
#include "core/owned_fd.h"
#include "core/status.h"

namespace fdpoll {

// Bytes moved, or one of these.
constexpr int64_t kWouldBlock = -1;

// The next connection; `would_block` when nobody waits. Skips the errors of peers that are gone by
// now, which Linux hands to accept (accept(2), "Error handling"). EMFILE, ENFILE, ENOBUFS and
// ENOMEM leave the queue as it is.
struct Accepted {
  OwnedFd fd;
  bool would_block = false;
};
Result<Accepted> Accept(int listener);

Status Bind(int fd, const Address& address);
Status Listen(int fd, int backlog);
// True when connected, false when the connection is on its way. A unix socket's full backlog
// (EAGAIN) is a failure, since nothing would announce that there is room again.
Result<bool> Connect(int fd, const Address& address);
// Forgets the peer of a datagram socket (AF_UNSPEC).
Status Disconnect(int fd);
Status Shutdown(int fd, int how);
// From now on closing drops what was not sent and, on TCP, resets (SO_LINGER with no time).
Status LingerNot(int fd);
Result<Address> LocalAddress(int fd);
Result<Address> RemoteAddress(int fd);
// Reads and clears SO_ERROR.
Result<int> TakeError(int fd);

// kWouldBlock, or the bytes moved. Never raises SIGPIPE.
Result<int64_t> Receive(int fd, void* buffer, size_t length, int flags);
Result<int64_t> Send(int fd, const void* buffer, size_t length, int flags);

}  // namespace fdpoll
