#include "config.h"

#ifdef FDPOLL_SYSTEM_LINUX

#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "core/os.h"
#include "core/os_common.h"
#include "core/receive_flags_linux.h"
#include "core/syscall.h"

namespace fdpoll::os {

const short kPollReadClosed = POLLRDHUP;

Result<OwnedFd> OpenSocket(int domain, int type, int protocol) {
  const int fd = RetryOnInterrupt(
      [&] { return ::socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol); });
  if (fd < 0) return Check(Call::kSocket, fd);
  return OwnedFd(fd);
}

Status OpenSocketPair(int domain, int type, int protocol, OwnedFd ends[2]) {
  int fds[2] = {-1, -1};
  const int result = RetryOnInterrupt(
      [&] { return ::socketpair(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol, fds); });
  if (result < 0) return Check(Call::kSocketpair, result);
  ends[0].Reset(fds[0]);
  ends[1].Reset(fds[1]);
  return Status::Ok();
}

Result<OwnedFd> AcceptSocket(int listener) {
  const int fd = WouldBlockIsAnswer(
      [&] { return ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK); });
  if (fd < 0) return Check(Call::kAccept, fd);
  return OwnedFd(fd);
}

Status OpenPipe(OwnedFd ends[2]) {
  int fds[2] = {-1, -1};
  const int result = RetryOnInterrupt([&] { return ::pipe2(fds, O_CLOEXEC | O_NONBLOCK); });
  if (result < 0) return Check(Call::kPipe, result);
  ends[0].Reset(fds[0]);
  ends[1].Reset(fds[1]);
  return Status::Ok();
}

Status Replace(int source, int target) {
  return Check(Call::kDup, RetryOnInterrupt([&] { return ::dup3(source, target, O_CLOEXEC); }));
}

Status PrepareAdopted(int fd) {
  return SetUsualFlags(fd);
}

Result<FileFacts> CheckPollable(int fd, Call call) {
  const int flags = RetryOnInterrupt([&] { return ::fcntl(fd, F_GETFL); });
  if (flags < 0) return Check(call, flags);
  if ((flags & O_PATH) != 0) return Status::Failed(call, EBADF);
  const Result<FileFacts> facts = Describe(fd);
  if (!facts.ok() || facts.value.is_socket || facts.value.is_fifo) return facts;
  // What epoll refuses changes between kernels and file systems, so epoll itself is asked.
  const OwnedFd probe(RetryOnInterrupt([] { return ::epoll_create1(EPOLL_CLOEXEC); }));
  if (!probe.valid()) return Check(call, probe.get());
  epoll_event event{};
  const int result =
      RetryOnInterrupt([&] { return ::epoll_ctl(probe.get(), EPOLL_CTL_ADD, fd, &event); });
  if (result < 0) return Check(call, result);
  return facts;
}

bool OnMainThread() {
  const auto thread = RetryOnInterrupt([] { return ::syscall(SYS_gettid); });
  return thread == RetryOnInterrupt([] { return ::getpid(); });
}

Status JoinEpoll(int set, int fd) {
  epoll_event event{};
  event.data.fd = fd;
  const int result = RetryOnInterrupt([&] { return ::epoll_ctl(set, EPOLL_CTL_ADD, fd, &event); });
  return result == -EEXIST ? Status::Ok() : Check(Call::kEpollCtl, result);
}

Result<Credentials> PeerCredentials(int fd) {
  // struct ucred, which the C library shows with _GNU_SOURCE only.
  struct {
    int32_t pid;
    uint32_t uid;
    uint32_t gid;
  } answer{};
  socklen_t size = sizeof(answer);
  const int result =
      RetryOnInterrupt([&] { return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &answer, &size); });
  if (result < 0) return Check(Call::kGetsockopt, result);
  // What the kernel says when it knows of no peer: no process, and (uid_t)-1.
  if (answer.pid == 0 && answer.uid == UINT32_MAX)
    return Status::Failed(Call::kGetsockopt, ENOTCONN);
  // A peer in a process namespace that cannot be seen from here is process 0.
  return Credentials{answer.pid == 0 ? -1 : answer.pid, answer.uid, answer.gid};
}

int64_t Receive(int fd, void* buffer, size_t length, int flags) {
  return WouldBlockIsAnswer(
      [&] { return ::syscall(SYS_recvfrom, fd, buffer, length, flags, nullptr, nullptr); });
}

int64_t Send(int fd, const void* buffer, size_t length, int flags) {
  return WouldBlockIsAnswer(
      [&] { return ::syscall(SYS_sendto, fd, buffer, length, flags | MSG_NOSIGNAL, nullptr, 0); });
}

namespace {

// What the C library does, too, but glibc's says ENOENT when it is out of descriptors.
Status AskForInterface(Call call, unsigned long question, ifreq* request) {
  const Result<OwnedFd> socket = OpenSocket(AF_UNIX, SOCK_DGRAM, 0);
  if (!socket.ok()) return socket.status;
  return Check(call, RetryOnInterrupt([&] {
                 return ::syscall(SYS_ioctl, socket.value.get(), question, request);
               }));
}

}  // namespace

Result<uint32_t> InterfaceIndex(const char* name) {
  ifreq request{};
  std::memcpy(request.ifr_name, name, IF_NAMESIZE);
  const Status status = AskForInterface(Call::kIfIndex, SIOCGIFINDEX, &request);
  if (!status.ok()) return status;
  return static_cast<uint32_t>(request.ifr_ifindex);
}

Status InterfaceName(uint32_t index, char* name) {
  ifreq request{};
  request.ifr_ifindex = static_cast<int>(index);
  Status status = AskForInterface(Call::kIfName, SIOCGIFNAME, &request);
  // As if_indextoname(3) says it everywhere.
  if (status.error == ENODEV) status.error = ENXIO;
  if (status.ok()) std::memcpy(name, request.ifr_name, IF_NAMESIZE);
  return status;
}

void TakePendingSignal(int signal) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  const timespec now{};
  RetryOnInterrupt([&] { return sigtimedwait(&set, nullptr, &now); });
}

int64_t ReceiveFrom(int fd, void* buffer, size_t length, int flags, Address* from) {
  // The kernel's is an int.
  int size = sizeof(from->storage);
  const int64_t result = WouldBlockIsAnswer([&] {
    size = sizeof(from->storage);
    return ::syscall(SYS_recvfrom, fd, buffer, length, flags, &from->storage, &size);
  });
  const bool known = result >= 0 && size > 0;
  from->length = known ? static_cast<socklen_t>(std::min<size_t>(size, sizeof(from->storage))) : 0;
  return result;
}

int64_t SendTo(int fd, const void* buffer, size_t length, int flags, const Address& to) {
  return WouldBlockIsAnswer([&] {
    return ::syscall(SYS_sendto,
                     fd,
                     buffer,
                     length,
                     flags | MSG_NOSIGNAL,
                     &to.storage,
                     static_cast<int>(to.length));
  });
}

namespace {

// The kernel's user_msghdr.
struct KernelMessage {
  void* name;
  int name_length;
  iovec* parts;
  size_t part_count;
  void* control;
  size_t control_length;
  unsigned flags;
};

KernelMessage ToKernel(const Message& message) {
  return {message.name,
          static_cast<int>(message.name_length),
          message.parts,
          message.part_count,
          message.control,
          message.control_length,
          0};
}

}  // namespace

int64_t ReceiveMessage(int fd, Message* message, int flags) {
  KernelMessage kernel{};
  const int64_t result = ReceiveCloseOnExec(fd, [&](int close_on_exec) {
    return WouldBlockIsAnswer([&] {
      kernel = ToKernel(*message);
      return ::syscall(SYS_recvmsg, fd, &kernel, flags | close_on_exec);
    });
  });
  message->name_length = static_cast<uint32_t>(kernel.name_length);
  message->control_length = kernel.control_length;
  message->flags = static_cast<int>(kernel.flags & ~static_cast<unsigned>(MSG_CMSG_CLOEXEC));
  return result;
}

int64_t SendMessage(int fd, const Message& message, int flags) {
  KernelMessage kernel = ToKernel(message);
  return WouldBlockIsAnswer(
      [&] { return ::syscall(SYS_sendmsg, fd, &kernel, flags | MSG_NOSIGNAL); });
}

int64_t WriteWithoutSignal(int fd, const iovec* parts, size_t count) {
  constexpr int kNoSignal = 0x100;  // RWF_NOSIGNAL, newer than the headers
  // A fact about the kernel, found out once: it says so of a pipe or socket, where all that have the
  // flag take it. (Of other files also those that have it.)
  static std::atomic<bool> lacking{false};
  if (lacking.load(std::memory_order_relaxed)) return -EOPNOTSUPP;
  // An empty datagram is one, and for writev nothing to do.
  size_t bytes = 0;
  for (size_t i = 0; i < count; i++) bytes |= parts[i].iov_len;
  if (bytes == 0) return -EOPNOTSUPP;
  const int64_t result = WouldBlockIsAnswer([&] {
    return ::syscall(SYS_pwritev2, fd, parts, static_cast<long>(count), -1L, -1L, kNoSignal);
  });
  // Old container filters refuse what they do not know.
  const bool refused = result == -EOPNOTSUPP || result == -ENOSYS || result == -EPERM;
  if (!refused) return result;
  const Result<FileFacts> facts = Describe(fd);
  if (facts.value.is_fifo || facts.value.is_socket) lacking = true;
  return -EOPNOTSUPP;
}

int Poll(pollfd* entries, size_t count, Nanoseconds timeout) {
  const timespec time = ToTimespec(timeout);
  return InterruptIsAnswer(
      [&] { return ::ppoll(entries, count, timeout == kForever ? nullptr : &time, nullptr); });
}

}  // namespace fdpoll::os

#endif
