#include "config.h"

#ifdef FDPOLL_SYSTEM_BSD

#include <fcntl.h>
#include <net/if.h>
#include <pthread.h>
#include <signal.h>
#include <sys/param.h>
#include <sys/ucred.h>
#include <sys/un.h>
#include <unistd.h>
#if defined(__NetBSD__)
#include <lwp.h>
#elif defined(__FreeBSD__) || defined(__OpenBSD__)
#include <pthread_np.h>
#endif

#include <algorithm>
#include <cstring>

#include "core/control_data.h"
#include "core/os.h"
#include "core/os_common.h"
#include "core/syscall.h"

namespace fdpoll::os {

namespace {

// macOS lacks SOCK_CLOEXEC, accept4, pipe2 and dup3. One form for all of the BSDs keeps this file
// free of conditionals; the price is a call or two more when a descriptor is made.
Status PrepareBoth(OwnedFd ends[2], const int fds[2], Status (*prepare)(int)) {
  ends[0].Reset(fds[0]);
  ends[1].Reset(fds[1]);
  for (int i = 0; i < 2; i++) {
    const Status status = prepare(fds[i]);
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

Status Ask(int fd, int level, int name, void* answer, size_t size) {
  auto length = static_cast<socklen_t>(size);
  return Check(Call::kGetsockopt,
               RetryOnInterrupt([&] { return ::getsockopt(fd, level, name, answer, &length); }));
}

}  // namespace

#ifdef POLLRDHUP
const short kPollReadClosed = POLLRDHUP;
#else
const short kPollReadClosed = 0;
#endif
// macOS has SO_NOSIGPIPE instead.
#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

Status PrepareAdopted(int fd) {
#ifdef SO_NOSIGPIPE
  const int on = 1;
  const int result =
      RetryOnInterrupt([&] { return ::setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on)); });
  if (result < 0) return Check(Call::kSetsockopt, result);
#endif
  return SetUsualFlags(fd);
}

Result<OwnedFd> OpenSocket(int domain, int type, int protocol) {
  OwnedFd fd(RetryOnInterrupt([&] { return ::socket(domain, type, protocol); }));
  if (!fd.valid()) return Check(Call::kSocket, fd.get());
  const Status status = PrepareAdopted(fd.get());
  if (!status.ok()) return status;
  return fd;
}

Status OpenSocketPair(int domain, int type, int protocol, OwnedFd ends[2]) {
  int fds[2] = {-1, -1};
  const int result = RetryOnInterrupt([&] { return ::socketpair(domain, type, protocol, fds); });
  if (result < 0) return Check(Call::kSocketpair, result);
  return PrepareBoth(ends, fds, PrepareAdopted);
}

Result<OwnedFd> AcceptSocket(int listener) {
  OwnedFd fd(WouldBlockIsAnswer([&] { return ::accept(listener, nullptr, nullptr); }));
  if (!fd.valid()) return Check(Call::kAccept, fd.get());
  const Status status = PrepareAdopted(fd.get());
  // A connection that the peer has reset already refuses SO_NOSIGPIPE (macOS): it is a peer that is
  // gone.
  if (!status.ok()) return Status::Failed(Call::kAccept, ECONNABORTED);
  return fd;
}

Status OpenPipe(OwnedFd ends[2]) {
  int fds[2] = {-1, -1};
  const int result = RetryOnInterrupt([&] { return ::pipe(fds); });
  if (result < 0) return Check(Call::kPipe, result);
  return PrepareBoth(ends, fds, SetUsualFlags);
}

Status Replace(int source, int target) {
  const int result = RetryOnInterrupt([&] { return ::dup2(source, target); });
  if (result < 0) return Check(Call::kDup, result);
  return Check(Call::kFcntl, SetDescriptorFlag(target, FD_CLOEXEC));
}

Result<FileFacts> CheckPollable(int fd, Call call) {
  const Result<FileFacts> facts = Describe(fd);
  if (!facts.ok()) return Status::Failed(call, facts.status.error);
  if (facts.value.is_file) return Status::Failed(call, EPERM);
  return facts;
}

bool OnMainThread() {
#ifdef __NetBSD__
  return ::_lwp_self() == 1;
#else
  return ::pthread_main_np() != 0;
#endif
}

Status JoinEpoll(int, int) {
  return Status::Failed(Call::kEpollCtl, ENOTSUP);
}

Result<Credentials> PeerCredentials(int fd) {
  Credentials credentials;
#if defined(LOCAL_PEEREID)  // NetBSD
  unpcbid answer{};
  const Status status = Ask(fd, SOL_LOCAL, LOCAL_PEEREID, &answer, sizeof(answer));
  if (!status.ok()) return status;
  credentials.pid = answer.unp_pid;
  credentials.uid = answer.unp_euid;
  credentials.gid = answer.unp_egid;
#elif defined(LOCAL_PEERCRED)  // macOS and FreeBSD
  xucred answer{};
  const Status status = Ask(fd, SOL_LOCAL, LOCAL_PEERCRED, &answer, sizeof(answer));
  if (!status.ok()) return status;
  credentials.uid = answer.cr_uid;
  credentials.gid = answer.cr_gid;
#if defined(LOCAL_PEERPID)
  pid_t pid = 0;
  if (Ask(fd, SOL_LOCAL, LOCAL_PEERPID, &pid, sizeof(pid)).ok()) credentials.pid = pid;
#elif defined(__FreeBSD__)
  credentials.pid = answer.cr_pid;
#endif
#else  // OpenBSD
  sockpeercred answer{};
  const Status status = Ask(fd, SOL_SOCKET, SO_PEERCRED, &answer, sizeof(answer));
  if (!status.ok()) return status;
  credentials.pid = answer.pid;
  credentials.uid = answer.uid;
  credentials.gid = answer.gid;
#endif
  return credentials;
}

int64_t Receive(int fd, void* buffer, size_t length, int flags) {
  return WouldBlockIsAnswer([&] { return ::recv(fd, buffer, length, flags); });
}

int64_t Send(int fd, const void* buffer, size_t length, int flags) {
  return WouldBlockIsAnswer([&] { return ::send(fd, buffer, length, flags | MSG_NOSIGNAL); });
}

Result<uint32_t> InterfaceIndex(const char* name) {
  errno = 0;
  const uint32_t index = ::if_nametoindex(name);
  if (index == 0) return Status::Failed(Call::kIfIndex, errno == 0 ? ENXIO : errno);
  return index;
}

Status InterfaceName(uint32_t index, char* name) {
  errno = 0;
  if (::if_indextoname(index, name) != nullptr) return Status::Ok();
  return Status::Failed(Call::kIfName, errno == 0 ? ENXIO : errno);
}

// macOS and OpenBSD lack sigtimedwait. What is pending for the thread stays so until it is taken.
void TakePendingSignal(int signal) {
  sigset_t set;
  sigpending(&set);
  if (sigismember(&set, signal) != 1) return;
  sigemptyset(&set);
  sigaddset(&set, signal);
  sigwait(&set, &signal);
}

int64_t ReceiveFrom(int fd, void* buffer, size_t length, int flags, Address* from) {
  const int64_t result = WouldBlockIsAnswer([&] {
    from->length = sizeof(from->storage);
    return ::recvfrom(fd, buffer, length, flags, from->get(), &from->length);
  });
  if (result < 0) from->length = 0;
  if (from->length > sizeof(from->storage)) from->length = sizeof(from->storage);
  return result;
}

int64_t SendTo(int fd, const void* buffer, size_t length, int flags, const Address& to) {
  return WouldBlockIsAnswer(
      [&] { return ::sendto(fd, buffer, length, flags | MSG_NOSIGNAL, to.get(), to.length); });
}

namespace {

msghdr ToKernel(const Message& message) {
  msghdr kernel{};
  kernel.msg_name = message.name;
  kernel.msg_namelen = message.name_length;
  kernel.msg_iov = message.parts;
  kernel.msg_iovlen = static_cast<decltype(kernel.msg_iovlen)>(message.part_count);
  kernel.msg_control = message.control;
  kernel.msg_controllen = static_cast<socklen_t>(message.control_length);
  return kernel;
}

#ifdef MSG_CMSG_CLOEXEC
constexpr int kCloseOnExec = MSG_CMSG_CLOEXEC;
void CloseOnExec(const Message&) {
}
#else
constexpr int kCloseOnExec = 0;
// macOS: as soon as it can be.
void CloseOnExec(const Message& message) {
  ControlItem item;
  ControlReader items(static_cast<const uint8_t*>(message.control), message.control_length);
  while (items.Next(&item)) {
    if (item.level != SOL_SOCKET || item.type != SCM_RIGHTS) continue;
    for (size_t at = 0; item.size - at >= sizeof(int); at += sizeof(int)) {
      int fd = -1;
      std::memcpy(&fd, item.data + at, sizeof(fd));
      if (fd >= 0) static_cast<void>(SetDescriptorFlag(fd, FD_CLOEXEC));
    }
  }
}
#endif

}  // namespace

int64_t ReceiveMessage(int fd, Message* message, int flags) {
  msghdr kernel{};
  const int64_t result = WouldBlockIsAnswer([&] {
    kernel = ToKernel(*message);
    return ::recvmsg(fd, &kernel, flags | kCloseOnExec);
  });
  const size_t room = message->control == nullptr ? 0 : message->control_length;
  message->name_length = kernel.msg_namelen;
  message->control_length = result < 0 ? 0 : std::min<size_t>(kernel.msg_controllen, room);
  message->flags = kernel.msg_flags & ~kCloseOnExec;
  CloseOnExec(*message);
  return result;
}

int64_t SendMessage(int fd, const Message& message, int flags) {
  const msghdr kernel = ToKernel(message);
  return WouldBlockIsAnswer([&] { return ::sendmsg(fd, &kernel, flags | MSG_NOSIGNAL); });
}

int64_t WriteWithoutSignal(int, const iovec*, size_t) {
  return -EOPNOTSUPP;
}

int Poll(pollfd* entries, size_t count, Nanoseconds timeout) {
  return InterruptIsAnswer([&] {
    return ::poll(
        entries, static_cast<nfds_t>(count), timeout == kForever ? -1 : ToMillisecondsUp(timeout));
  });
}

}  // namespace fdpoll::os

#endif
