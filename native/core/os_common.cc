#include "core/os_common.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/os.h"
#include "core/syscall.h"

namespace fdpoll {

Status CloseDescriptor(int fd) {
  const int result = InterruptIsAnswer([&] { return ::close(fd); });
  return result == -EINTR ? Status::Ok() : Check(Call::kClose, result);
}

namespace os {

int SetDescriptorFlag(int fd, int flag) {
  return RetryOnInterrupt([&] { return ::fcntl(fd, F_SETFD, flag); });
}

int SetStatusFlag(int fd, int flag, bool on) {
  const int flags = RetryOnInterrupt([&] { return ::fcntl(fd, F_GETFL); });
  if (flags < 0) return flags;
  const int wanted = on ? flags | flag : flags & ~flag;
  return wanted == flags ? 0 : RetryOnInterrupt([&] { return ::fcntl(fd, F_SETFL, wanted); });
}

Status SetUsualFlags(int fd) {
  int result = SetDescriptorFlag(fd, FD_CLOEXEC);
  if (result >= 0) result = SetStatusFlag(fd, O_NONBLOCK);
  return Check(Call::kFcntl, result);
}

Result<FileFacts> Describe(int fd) {
  struct stat facts {};
  const int result = RetryOnInterrupt([&] { return ::fstat(fd, &facts); });
  if (result < 0) return Check(Call::kFstat, result);
  FileFacts described;
  described.identity = {static_cast<uint64_t>(facts.st_dev), static_cast<uint64_t>(facts.st_ino)};
  described.is_fifo = S_ISFIFO(facts.st_mode);
  described.is_socket = S_ISSOCK(facts.st_mode);
  described.is_file = S_ISREG(facts.st_mode) || S_ISDIR(facts.st_mode);
  return described;
}

Result<OwnedFd> Duplicate(int fd) {
  const int copy = RetryOnInterrupt([&] { return ::fcntl(fd, F_DUPFD_CLOEXEC, 0); });
  if (copy < 0) return Check(Call::kDup, copy);
  return OwnedFd(copy);
}

namespace {

Result<int> IntOption(int fd, int name) {
  int value = 0;
  socklen_t size = sizeof(value);
  const int result =
      RetryOnInterrupt([&] { return ::getsockopt(fd, SOL_SOCKET, name, &value, &size); });
  if (result < 0) return Check(Call::kGetsockopt, result);
  return value;
}

Result<int> DomainOf(int fd) {
#ifdef SO_DOMAIN
  // First: sockets of some families have no name to ask for (AF_XDP).
  const Result<int> domain = IntOption(fd, SO_DOMAIN);
  if (domain.ok()) return domain;
#endif
  sockaddr_storage local{};
  socklen_t size = sizeof(local);
  const int named = RetryOnInterrupt(
      [&] { return ::getsockname(fd, reinterpret_cast<sockaddr*>(&local), &size); });
  if (named < 0) return Check(Call::kGetsockname, named);
  return int{local.ss_family};
}

}  // namespace

Result<SocketFacts> DescribeSocket(int fd) {
  SocketFacts facts;
  const Result<int> type = IntOption(fd, SO_TYPE);
  if (!type.ok()) return type.status;
  facts.type = type.value;
  const Result<int> domain = DomainOf(fd);
  if (!domain.ok()) return domain.status;
  facts.domain = domain.value;
#ifdef SO_PROTOCOL
  const Result<int> protocol = IntOption(fd, SO_PROTOCOL);
  if (!protocol.ok() && protocol.status.error != ENOPROTOOPT) return protocol.status;
  facts.protocol = protocol.value;
#endif
#ifdef SO_ACCEPTCONN
  const Result<int> listening = IntOption(fd, SO_ACCEPTCONN);
  if (!listening.ok() && listening.status.error != ENOPROTOOPT) return listening.status;
  facts.listening = listening.value != 0;
#endif
  return facts;
}

}  // namespace os
}  // namespace fdpoll
