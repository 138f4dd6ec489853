// The permissions of the path that a unix socket is bound to.
#pragma once

#include <sys/stat.h>

#include <cstdint>

#include "core/address.h"
#include "core/owned_fd.h"
#include "core/status.h"

namespace fdpoll {

// bind(2) to a path that then has exactly the permissions `mode`, whatever the umask is. Where the
// system gives the path what the socket has (Linux, FreeBSD), it never has more, from the first
// moment; what the umask took is added afterwards. Elsewhere it is put right after bind: before
// listen, so that nobody can have connected to a stream.
// EOPNOTSUPP for an address without a path, which has no permissions. When it fails after bind, the
// path stays.
Status BindWithMode(int fd, const Address& address, uint32_t mode);

namespace os {

// Puts right the permissions of the path that `fd` has been bound to. Follows no symbolic link:
// what has been put in its place since is refused, with ELOOP or ENOTSOCK, or EPERM when it is
// somebody else's socket.
Status SetPathMode(int fd, const char* path, uint32_t mode);
// The same by path alone, where the system does not open what a socket is bound to.
Status SetPathModeByName(const char* path, uint32_t mode);

// For path_mode_*.cc: whether this may be what was bound a moment ago, and what it has by now.
Status CheckBoundPath(const struct stat& facts);
constexpr uint32_t kPermissions = 07777;

}  // namespace os
}  // namespace fdpoll
