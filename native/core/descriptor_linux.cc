#include "config.h"

#ifdef FDPOLL_SYSTEM_LINUX

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "core/descriptor.h"
#include "core/moved.h"
#include "core/sigpipe.h"

namespace fdpoll {

namespace {

// The most that one call moves (MAX_RW_COUNT); a larger count would not fit armv7's size_t.
constexpr size_t kMoveMax = 0x7ffff000;

// memfd_create(2); the C library may not know them.
constexpr unsigned kMemfdCloexec = 1;
constexpr unsigned kMemfdAllowSealing = 2;
constexpr unsigned kMemfdNoexecSeal = 8;

int64_t CreateMemfd(const char* name, unsigned flags) {
  return RetryOnInterrupt([&] { return ::syscall(SYS_memfd_create, name, flags); });
}

}  // namespace

Result<int64_t> Splice(int from, int to, size_t count) {
  return Moved(Call::kSplice, WithoutSigpipe(to, [&]() -> int64_t {
                 return WouldBlockIsAnswer([&] {
                   return ::splice(
                       from, nullptr, to, nullptr, std::min(count, kMoveMax), SPLICE_F_NONBLOCK);
                 });
               }));
}

// By number, for 64 bits of offset whatever off_t is.
Result<int64_t> SendFile(int socket, int file, int64_t offset, size_t count) {
#ifdef SYS_sendfile64
  constexpr long kNumber = SYS_sendfile64;
#else
  constexpr long kNumber = SYS_sendfile;
#endif
  return Moved(Call::kSendfile, WithoutSigpipe(socket, [&]() -> int64_t {
                 return WouldBlockIsAnswer([&] {
                   int64_t position = offset;
                   return ::syscall(kNumber, socket, file, &position, std::min(count, kMoveMax));
                 });
               }));
}

Result<OwnedFd> OpenEventfd(uint32_t initial) {
  const int fd = RetryOnInterrupt([&] { return ::eventfd(initial, EFD_CLOEXEC | EFD_NONBLOCK); });
  if (fd < 0) return Check(Call::kEventfd, fd);
  return OwnedFd(fd);
}

Result<OwnedFd> OpenMemfd(const char* name) {
  // A system may insist on files that are not executable (vm.memfd_noexec).
  int64_t fd = CreateMemfd(name, kMemfdCloexec | kMemfdAllowSealing | kMemfdNoexecSeal);
  if (fd == -EINVAL) fd = CreateMemfd(name, kMemfdCloexec | kMemfdAllowSealing);
  if (fd < 0) return Check(Call::kMemfd, fd);
  return OwnedFd(static_cast<int>(fd));
}

namespace os {

// By number: musl's own goes through another type of request.
int64_t Ioctl(int fd, uint32_t request, intptr_t argument) {
  const int64_t result = InterruptIsAnswer(
      [&] { return ::syscall(SYS_ioctl, fd, static_cast<unsigned long>(request), argument); });
  return result;
}

}  // namespace os

}  // namespace fdpoll

#endif
