#include "core/socket_options.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "config.h"
#include "core/syscall.h"

namespace fdpoll {

namespace {

// struct sock_filter
constexpr size_t kInstructionSize = 8;

Result<size_t> Ask(int fd, int level, int name, void* buffer, size_t size) {
  auto length = static_cast<socklen_t>(size);
  const int result =
      RetryOnInterrupt([&] { return ::getsockopt(fd, level, name, buffer, &length); });
  if (result < 0) return Check(Call::kGetsockopt, result);
  return static_cast<size_t>(length);
}

Status Tell(int fd, int level, int name, const void* data, size_t size) {
  return Check(Call::kSetsockopt, RetryOnInterrupt([&] {
                 return ::setsockopt(fd, level, name, data, static_cast<socklen_t>(size));
               }));
}

#ifdef FDPOLL_SYSTEM_LINUX

#ifndef SO_ATTACH_REUSEPORT_CBPF
#define SO_ATTACH_REUSEPORT_CBPF 51
#endif
constexpr int kPacketLevel = 263;  // SOL_PACKET
constexpr int kFanoutData = 22;    // PACKET_FANOUT_DATA

// struct sock_fprog
struct Program {
  uint16_t count;
  const void* instructions;
};

bool TakesProgram(int level, int name) {
  if (level == SOL_SOCKET) return name == SO_ATTACH_FILTER || name == SO_ATTACH_REUSEPORT_CBPF;
  return level == kPacketLevel && name == kFanoutData;
}

bool CountsInstructions(int level, int name) {
  return level == SOL_SOCKET && name == SO_ATTACH_FILTER;  // SO_GET_FILTER has the same number
}

Status TellProgram(int fd, int level, int name, const void* data, size_t size) {
  const size_t count = size / kInstructionSize;
  if (size % kInstructionSize != 0 || count > UINT16_MAX)
    return Status::Failed(Call::kSetsockopt, EINVAL);
  const Program program{static_cast<uint16_t>(count), data};
  return Tell(fd, level, name, &program, sizeof(program));
}

#else

bool TakesProgram(int, int) {
  return false;
}

bool CountsInstructions(int, int) {
  return false;
}

Status TellProgram(int fd, int level, int name, const void* data, size_t size) {
  return Tell(fd, level, name, data, size);
}

#endif

}  // namespace

Result<size_t> GetOption(int fd, int level, int name, void* buffer, size_t size) {
  const size_t unit = CountsInstructions(level, name) ? kInstructionSize : 1;
  const Result<size_t> asked = Ask(fd, level, name, buffer, size / unit);
  if (!asked.ok()) return asked;
  // Some tell how much there would have been.
  return std::min(asked.value * unit, size / unit * unit);
}

Status SetOption(int fd, int level, int name, int value) {
  return Tell(fd, level, name, &value, sizeof(value));
}

Status SetOption(int fd, int level, int name, const void* data, size_t size) {
  if (TakesProgram(level, name)) return TellProgram(fd, level, name, data, size);
  return Tell(fd, level, name, data, size);
}

Result<os::Credentials> PeerCredentials(int fd) {
  // Elsewhere the same numbers mean something else, or are answered with zeros.
  const Result<os::SocketFacts> facts = os::DescribeSocket(fd);
  if (!facts.ok()) return facts.status;
  if (facts.value.domain != AF_UNIX) return Status::Failed(Call::kGetsockopt, ENOPROTOOPT);
  return os::PeerCredentials(fd);
}

}  // namespace fdpoll
