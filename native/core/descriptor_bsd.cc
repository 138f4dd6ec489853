#include "config.h"

#ifdef FDPOLL_SYSTEM_BSD

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>

#if __has_include(<sys/eventfd.h>)
#include <sys/eventfd.h>
#endif

#include "core/descriptor.h"
#include "core/moved.h"
#include "core/os.h"
#include "core/sigpipe.h"

namespace fdpoll {

Result<int64_t> Splice(int, int, size_t) {
  return Status::Failed(Call::kSplice, ENOSYS);
}

#if defined(__APPLE__) || defined(__FreeBSD__)

namespace {

// One call: its result, and the bytes that went although it failed.
int SendOnce(int socket, int file, int64_t offset, size_t count, off_t* sent) {
#ifdef __APPLE__
  *sent = static_cast<off_t>(count);
  return InterruptIsAnswer([&] { return ::sendfile(file, socket, offset, sent, nullptr, 0); });
#else
  return InterruptIsAnswer(
      [&] { return ::sendfile(file, socket, offset, count, nullptr, sent, 0); });
#endif
}

}  // namespace

Result<int64_t> SendFile(int socket, int file, int64_t offset, size_t count) {
  if (count == 0) return int64_t{0};  // here it means all there is
  return Moved(Call::kSendfile, WithoutSigpipe(socket, [&]() -> int64_t {
                 for (;;) {
                   off_t sent = 0;
                   const int result = SendOnce(socket, file, offset, count, &sent);
                   if (sent > 0 || result >= 0) return sent;
                   if (result != -EINTR) return result;
                 }
               }));
}

#else

Result<int64_t> SendFile(int socket, int file, int64_t offset, size_t count) {
  uint8_t block[65536];
  const size_t wanted = std::min(count, sizeof(block));
  const ssize_t length = RetryOnInterrupt([&] { return ::pread(file, block, wanted, offset); });
  if (length < 0) return Check(Call::kPread, length);
  if (length == 0) return int64_t{0};
  return Moved(Call::kSend, WithoutSigpipe(socket, [&] {
                 return os::Send(socket, block, static_cast<size_t>(length), 0);
               }));
}

#endif

Result<OwnedFd> OpenEventfd([[maybe_unused]] uint32_t initial) {
#ifdef EFD_CLOEXEC
  const int fd = RetryOnInterrupt([&] { return ::eventfd(initial, EFD_CLOEXEC | EFD_NONBLOCK); });
  if (fd < 0) return Check(Call::kEventfd, fd);
  return OwnedFd(fd);
#else
  return Status::Failed(Call::kEventfd, ENOSYS);
#endif
}

Result<OwnedFd> OpenMemfd([[maybe_unused]] const char* name) {
#ifdef MFD_CLOEXEC
  const int fd =
      RetryOnInterrupt([&] { return ::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING); });
  if (fd < 0) return Check(Call::kMemfd, fd);
  return OwnedFd(fd);
#else
  return Status::Failed(Call::kMemfd, ENOSYS);
#endif
}

namespace os {

int64_t Ioctl(int fd, uint32_t request, intptr_t argument) {
  return InterruptIsAnswer(
      [&] { return ::ioctl(fd, static_cast<unsigned long>(request), argument); });
}

}  // namespace os

}  // namespace fdpoll

#endif
