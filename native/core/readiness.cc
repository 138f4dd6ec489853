#include "core/readiness.h"

#include <cerrno>
#include <vector>

#include "core/backend.h"
#include "core/os.h"

namespace fdpoll {

namespace {

pollfd ToKernel(int fd, uint32_t interest) {
  int events = 0;
  if (interest & kReadable) events |= POLLIN | os::kPollReadClosed;
  if (interest & kWritable) events |= POLLOUT;
  if (interest & kPriority) events |= POLLPRI;
  pollfd entry{};
  entry.fd = fd;
  entry.events = static_cast<short>(events);
  return entry;
}

// As a poller masks them, except that a hang-up which nobody asked about is told as it is: poll(2)
// would not wait.
uint32_t FromKernel(const pollfd& entry, uint32_t interest) {
  const int events = entry.revents;
  uint32_t flags = 0;
  if (events & POLLIN) flags |= kReadable;
  if (events & POLLOUT) flags |= kWritable;
  if (events & POLLPRI) flags |= kPriority;
  if (events & os::kPollReadClosed) flags |= kReadable | kReadClosed;
  if (events & POLLHUP) flags |= kReadable | kReadClosed | kWritable | kWriteClosed;
  if (events & POLLERR) flags |= kReadable | kWritable | kError;
  if (events & POLLNVAL) flags |= kError;
  const uint32_t asked = flags & AllowedFlags(interest);
  return asked != 0 ? asked : flags & (kReadClosed | kWriteClosed);
}

}  // namespace

Result<size_t> WaitForReadiness(const int32_t* fds,
                                const uint32_t* interests,
                                uint32_t* flags,
                                size_t count,
                                Nanoseconds timeout) {
  std::vector<pollfd> entries(count);
  for (size_t i = 0; i < count; i++) entries[i] = ToKernel(fds[i], interests[i]);
  const int ready = os::Poll(entries.data(), count, timeout);
  if (ready < 0 && ready != -EINTR) return Status::Failed(Call::kPoll, -ready);
  for (size_t i = 0; i < count; i++)
    flags[i] = ready > 0 ? FromKernel(entries[i], interests[i]) : 0;
  return static_cast<size_t>(ready > 0 ? ready : 0);
}

Result<uint32_t> WaitForReadiness(int fd, uint32_t interest, Nanoseconds timeout) {
  pollfd entry = ToKernel(fd, interest);
  const int ready = os::Poll(&entry, 1, timeout);
  if (ready < 0 && ready != -EINTR) return Status::Failed(Call::kPoll, -ready);
  if (ready <= 0) return uint32_t{0};
  if (entry.revents & POLLNVAL) return Status::Failed(Call::kPoll, EBADF);
  return FromKernel(entry, interest);
}

}  // namespace fdpoll
