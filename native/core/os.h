// What Linux and the BSDs do differently, behind one set of functions: os_linux.cc and os_bsd.cc.
// Every descriptor that comes out of here is close-on-exec, at once where the system can, else by
// fcntl right after.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>

#include "config.h"
#include "core/address.h"
#include "core/clock.h"
#include "core/owned_fd.h"
#include "core/status.h"

namespace fdpoll::os {

// Tells one open file from another under the same number: exact for sockets and pipes; eventfds,
// timerfds and their like share one inode and look alike.
struct Identity {
  uint64_t device = 0;
  uint64_t inode = 0;
  bool operator==(const Identity& other) const {
    return device == other.device && inode == other.inode;
  }
};

// Which file a number names now. EBADF when it names none.
struct FileFacts {
  Identity identity;
  bool is_fifo = false;
  bool is_socket = false;
  bool is_file = false;  // regular or a directory
};
Result<FileFacts> Describe(int fd);

// Describes what epoll would take and refuses what it would not, for the backends whose kernel
// calls take anything: EBADF for a closed number or an O_PATH one, EPERM for regular files,
// directories and their like. Blames `call` for a refusal.
Result<FileFacts> CheckPollable(int fd, Call call);

// Non-blocking as well as close-on-exec; without SIGPIPE where that is a property of the socket.
Result<OwnedFd> OpenSocket(int domain, int type, int protocol);
Status OpenSocketPair(int domain, int type, int protocol, OwnedFd ends[2]);
// -EAGAIN inside the status means that nobody is waiting.
Result<OwnedFd> AcceptSocket(int listener);
Status OpenPipe(OwnedFd ends[2]);
Result<OwnedFd> Duplicate(int fd);
// Makes `target` name what `source` names (dup3).
Status Replace(int source, int target);
// What an adopted socket must have besides close-on-exec and O_NONBLOCK.
Status PrepareAdopted(int fd);
// A socket's domain, type and protocol.
struct SocketFacts {
  int domain = 0;
  int type = 0;
  int protocol = 0;
  bool listening = false;
};
Result<SocketFacts> DescribeSocket(int fd);
// Who is at the other end of a unix socket; ENOTCONN when nobody is. The descriptor must be of one.
struct Credentials {
  int64_t pid = -1;  // -1 where the system does not tell
  uint32_t uid = 0;
  uint32_t gid = 0;
};
Result<Credentials> PeerCredentials(int fd);

// Whether the thread that asks is the one that main() runs on.
bool OnMainThread();

// Puts `fd` into a foreign epoll set, asking for nothing: whoever owns the set then finds it there
// and changes that. Being there already is fine. ENOTSUP where there is no epoll.
Status JoinEpoll(int set, int fd);

// poll(2) with the system's best clock. The number of ready ones, or a negative errno (EINTR too).
int Poll(pollfd* entries, size_t count, Nanoseconds timeout);

// Whether Poll waits by the nanosecond: ppoll on Linux, the portable call in milliseconds
// elsewhere.
#ifdef FDPOLL_SYSTEM_LINUX
constexpr bool kPollNanoseconds = true;
#else
constexpr bool kPollNanoseconds = false;
#endif
// recv(2) and send(2): the bytes moved, or a negative errno. On Linux by number: libc's are
// cancellation points, which in a process with threads costs an atomic exchange before and after
// each.
int64_t Receive(int fd, void* buffer, size_t length, int flags);
int64_t Send(int fd, const void* buffer, size_t length, int flags);

// A network interface by its name and by its index; `name` has IF_NAMESIZE bytes. ENODEV or ENXIO
// when there is none.
Result<uint32_t> InterfaceIndex(const char* name);
Status InterfaceName(uint32_t index, char* name);
// ioctl(2) with the third argument as it is, a number or an address. Its result, or a negative
// errno (EINTR too).
int64_t Ioctl(int fd, uint32_t request, intptr_t argument);
// Takes a signal that this thread blocks and that is pending, if it is. Never waits.
void TakePendingSignal(int signal);
// The same with an address. Of a received one `length` is 0 where the kernel does not say.
int64_t ReceiveFrom(int fd, void* buffer, size_t length, int flags, Address* from);
int64_t SendTo(int fd, const void* buffer, size_t length, int flags, const Address& to);

// writev(2) that is EPIPE and no SIGPIPE, at one system call: Linux 6.18 for pipes and sockets. The
// bytes written, or a negative errno; -EOPNOTSUPP where it has to be done in another way.
int64_t WriteWithoutSignal(int fd, const iovec* parts, size_t count);

// What sendmsg(2) and recvmsg(2) take. On Linux they are called by number, too, and control data is
// the kernel's own: musl rewrites both.
struct Message {
  void* name = nullptr;
  uint32_t name_length = 0;
  iovec* parts = nullptr;
  size_t part_count = 0;
  void* control = nullptr;
  size_t control_length = 0;
  int flags = 0;
};
// The bytes moved, or a negative errno. Receiving fills in lengths and flags, never with
// MSG_CMSG_CLOEXEC, and descriptors are close-on-exec.
int64_t ReceiveMessage(int fd, Message* message, int flags);
int64_t SendMessage(int fd, const Message& message, int flags);

// POLLRDHUP, or 0 where poll cannot tell that the peer sends no more.
extern const short kPollReadClosed;

}  // namespace fdpoll::os
