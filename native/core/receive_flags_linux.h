// What recvmsg(2) and recvmmsg(2) are told besides the caller's flags.
#pragma once

#include <sys/socket.h>

#include <cerrno>

#include "core/syscall.h"

namespace fdpoll::os {

// Receives with MSG_CMSG_CLOEXEC. Packet, ISO-TP and J1939 sockets refuse flags that they do not
// know with EINVAL: once more without it then, since only unix sockets carry descriptors.
template <typename Receive>
int64_t ReceiveCloseOnExec(int fd, Receive&& receive) {
  const int64_t result = receive(MSG_CMSG_CLOEXEC);
  if (result != -EINVAL) return result;
  int domain = AF_UNIX;
  socklen_t size = sizeof(domain);
  const int asked =
      RetryOnInterrupt([&] { return ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size); });
  return asked < 0 || domain == AF_UNIX ? result : receive(0);
}

}  // namespace fdpoll::os
