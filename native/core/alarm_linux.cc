#include "config.h"

#ifdef FDPOLL_SYSTEM_LINUX

#include <sys/timerfd.h>

#include <algorithm>

#include "core/alarm.h"
#include "core/syscall.h"

namespace fdpoll {

Status Alarm::Open() {
  const int fd = RetryOnInterrupt(
      [] { return ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK); });
  if (fd < 0) return Check(Call::kTimerfdCreate, fd);
  fd_.Reset(fd);
  return Status::Ok();
}

// Setting it forgets that it has fired, so nobody needs to read it.
Status Alarm::Set(Nanoseconds at) {
  itimerspec spec{};
  if (at != kForever) {
    // 0 would disarm it; and some time_t have 32 bits.
    const Nanoseconds point = std::min(std::max<Nanoseconds>(1, at), INT32_MAX * kSecond);
    spec.it_value.tv_sec = static_cast<time_t>(point / kSecond);
    spec.it_value.tv_nsec = static_cast<long>(point % kSecond);
  }
  return Check(Call::kTimerfdSettime, RetryOnInterrupt([&] {
                 return ::timerfd_settime(fd(), TFD_TIMER_ABSTIME, &spec, nullptr);
               }));
}

}  // namespace fdpoll

#endif
