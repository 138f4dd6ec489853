#include "core/descriptor.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <new>

#include "core/moved.h"
#include "core/os.h"
#include "core/os_common.h"
#include "core/room.h"
#include "core/sigpipe.h"

namespace fdpoll {

namespace {

// macOS lacks it; there the guard is for sockets, too.
#ifdef MSG_NOSIGNAL
constexpr int kNoSignal = MSG_NOSIGNAL;
#else
constexpr int kNoSignal = 0;
#endif

// Makes one of two calls: pipes and sockets are the only files that raise SIGPIPE, and sockets have
// a call that does not.
template <typename Quiet, typename Plain>
Result<int64_t> WriteWithoutSignal(Call call, int fd, Quiet&& quiet, Plain&& plain) {
  const Result<os::FileFacts> facts = os::Describe(fd);
  if (!facts.ok()) return Status::Failed(call, facts.status.error);
  if (facts.value.is_socket && kNoSignal != 0) return Moved(call, quiet());
  if (facts.value.is_socket || facts.value.is_fifo) return Moved(call, WithoutSigpipe(fd, plain));
  return Moved(call, plain());
}

}  // namespace

Result<int64_t> Read(int fd, void* buffer, size_t length) {
  return Moved(Call::kRead, WouldBlockIsAnswer([&] { return ::read(fd, buffer, length); }));
}

Result<int64_t> Write(int fd, const void* buffer, size_t length) {
  const iovec part = {const_cast<void*>(buffer), length};
  const int64_t quiet = os::WriteWithoutSignal(fd, &part, 1);
  if (quiet != -EOPNOTSUPP) return Moved(Call::kWrite, quiet);
  return WriteWithoutSignal(
      Call::kWrite,
      fd,
      [&] { return os::Send(fd, buffer, length, 0); },
      [&]() -> int64_t { return WouldBlockIsAnswer([&] { return ::write(fd, buffer, length); }); });
}

Result<int64_t> ReadParts(int fd, const iovec* parts, size_t count) {
  return Moved(Call::kReadv, WouldBlockIsAnswer([&] {
                 return ::readv(fd, parts, static_cast<int>(std::min(count, kPartsMax)));
               }));
}

Result<int64_t> WriteParts(int fd, const iovec* parts, size_t count) {
  const size_t taken = std::min(count, kPartsMax);
  const int64_t quiet = os::WriteWithoutSignal(fd, parts, taken);
  if (quiet != -EOPNOTSUPP) return Moved(Call::kWritev, quiet);
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts);
  message.msg_iovlen = static_cast<decltype(message.msg_iovlen)>(taken);
  return WriteWithoutSignal(
      Call::kWritev,
      fd,
      [&]() -> int64_t {
        return WouldBlockIsAnswer([&] { return ::sendmsg(fd, &message, kNoSignal); });
      },
      [&]() -> int64_t {
        return WouldBlockIsAnswer([&] { return ::writev(fd, parts, static_cast<int>(taken)); });
      });
}

Result<int64_t> Ioctl(int fd, uint32_t request, int64_t argument) {
  return Moved(Call::kIoctl, os::Ioctl(fd, request, static_cast<intptr_t>(argument)));
}

Result<int64_t> Ioctl(int fd, uint32_t request, void* data, size_t length) {
  alignas(std::max_align_t) uint8_t room[kIoctlRoom];
  std::unique_ptr<uint8_t[]> more;
  uint8_t* buffer = room;
  if (length > kIoctlRoom) {
    more.reset(new (std::nothrow) uint8_t[length]);  // NOLINT(cppcoreguidelines-owning-memory)
    if (more == nullptr) return OutOfMemory();
    buffer = more.get();
  } else {
    std::memset(room + length, 0, kIoctlRoom - length);
  }
  if (length > 0) std::memcpy(buffer, data, length);
  const Result<int64_t> result =
      Moved(Call::kIoctl, os::Ioctl(fd, request, reinterpret_cast<intptr_t>(buffer)));
  if (length > 0) std::memcpy(data, buffer, length);
  return result;
}

Status SetNonBlocking(int fd, bool on) {
  return Check(Call::kFcntl, os::SetStatusFlag(fd, O_NONBLOCK, on));
}

Status SetCloseOnExec(int fd) {
  return Check(Call::kFcntl, os::SetDescriptorFlag(fd, FD_CLOEXEC));
}

}  // namespace fdpoll
