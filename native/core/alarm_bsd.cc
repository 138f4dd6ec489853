#include "config.h"

#ifdef FDPOLL_SYSTEM_BSD

#include <algorithm>

#include "core/alarm.h"
#include "core/kqueue_system.h"

namespace fdpoll {

namespace {

constexpr uintptr_t kIdent = 1;

}  // namespace

Status Alarm::Open() {
  Result<OwnedFd> queue = kq::Open();
  if (!queue.ok()) return queue.status;
  fd_ = std::move(queue.value);
  return Status::Ok();
}

// By the time that is left: what an absolute one is relative to differs between the systems. The
// clock is read before, so that it is never early. Deleting it forgets that it has fired.
Status Alarm::Set(Nanoseconds at) {
  kq::Event change = kq::Make(kIdent, EVFILT_TIMER, EV_DELETE, 0, 0);
  const int deleted = kq::Kevent(fd(), &change, 1, nullptr, 0, nullptr);
  if (deleted < 0 && deleted != -ENOENT) return Check(Call::kKevent, deleted);
  if (at == kForever) return Status::Ok();
  change = kq::Make(kIdent, EVFILT_TIMER, EV_ADD | EV_ONESHOT, NOTE_NSECONDS, 0);
  change.data = std::min(std::max<Nanoseconds>(1, at - Now()), kLongestWait);
  return Check(Call::kKevent, kq::Kevent(fd(), &change, 1, nullptr, 0, nullptr));
}

}  // namespace fdpoll

#endif
