#include "config.h"

#ifdef FDPOLL_SYSTEM_LINUX

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "core/os.h"
#include "core/os_common.h"
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

Status JoinEpoll(int set, int fd) {
  epoll_event event{};
  event.data.fd = fd;
  const int result = RetryOnInterrupt([&] { return ::epoll_ctl(set, EPOLL_CTL_ADD, fd, &event); });
  return result == -EEXIST ? Status::Ok() : Check(Call::kEpollCtl, result);
}

int64_t Receive(int fd, void* buffer, size_t length, int flags) {
  return WouldBlockIsAnswer(
      [&] { return ::syscall(SYS_recvfrom, fd, buffer, length, flags, nullptr, nullptr); });
}

int64_t Send(int fd, const void* buffer, size_t length, int flags) {
  return WouldBlockIsAnswer(
      [&] { return ::syscall(SYS_sendto, fd, buffer, length, flags | MSG_NOSIGNAL, nullptr, 0); });
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
  const int64_t result = WouldBlockIsAnswer([&] {
    kernel = ToKernel(*message);
    return ::syscall(SYS_recvmsg, fd, &kernel, flags | MSG_CMSG_CLOEXEC);
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

int Poll(pollfd* entries, size_t count, Nanoseconds timeout) {
  const timespec time = ToTimespec(timeout);
  return InterruptIsAnswer(
      [&] { return ::ppoll(entries, count, timeout == kForever ? nullptr : &time, nullptr); });
}

}  // namespace fdpoll::os

#endif
