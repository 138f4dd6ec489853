// Calls on a borrowed descriptor of any kind. Whether they wait is the descriptor's own mode, and
// "would block" is a value. Nothing here raises SIGPIPE.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>

#include "core/owned_fd.h"
#include "core/status.h"

namespace fdpoll {

// Bytes moved, 0 at the end, or kWouldBlock.
Result<int64_t> Read(int fd, void* buffer, size_t length);
Result<int64_t> Write(int fd, const void* buffer, size_t length);

// The most parts that one call takes (IOV_MAX of every system here).
constexpr size_t kPartsMax = 1024;
Result<int64_t> ReadParts(int fd, const iovec* parts, size_t count);
Result<int64_t> WriteParts(int fd, const iovec* parts, size_t count);

// Moves bytes inside the kernel; one of the two is a pipe. Pipes do not make it wait. Linux; ENOSYS
// elsewhere.
Result<int64_t> Splice(int from, int to, size_t count);

// Sends a part of a file, by a position of its own. Where the system has no such call the bytes go
// through a buffer.
Result<int64_t> SendFile(int socket, int file, int64_t offset, size_t count);

// The call's own result, or kWouldBlock. EINTR is a failure: only the caller knows whether the
// request may be made again.
Result<int64_t> Ioctl(int fd, uint32_t request, int64_t argument);
// `data` goes there and comes back through a zeroed buffer of at least kIoctlRoom bytes, since some
// requests touch more than their number says. It comes back from a failed call, too.
constexpr size_t kIoctlRoom = 16384;
Result<int64_t> Ioctl(int fd, uint32_t request, void* data, size_t length);

Status SetNonBlocking(int fd, bool on);
Status SetCloseOnExec(int fd);

// Both are close-on-exec, and ENOSYS where the system lacks them. An eventfd is non-blocking.
Result<OwnedFd> OpenEventfd(uint32_t initial);
// The file may be sealed and is not executable where the kernel knows that (Linux 6.3).
Result<OwnedFd> OpenMemfd(const char* name);

}  // namespace fdpoll
