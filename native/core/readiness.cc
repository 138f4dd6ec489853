#include "core/readiness.h"

#include <cerrno>
#include <vector>

#include "core/os.h"
#include "core/poll_flags.h"

namespace fdpoll {

namespace {

pollfd ToKernel(int fd, uint32_t interest) {
  pollfd entry{};
  entry.fd = fd;
  entry.events = ToPollEvents(interest);
  return entry;
}

// As a poller masks them, except that a hang-up which nobody asked about is told as it is: poll(2)
// would not wait.
uint32_t FromKernel(const pollfd& entry, uint32_t interest) {
  uint32_t flags = FromPollEvents(entry.revents);
  if (flags & kGone) flags |= kError;
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
