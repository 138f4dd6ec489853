// The Poller when what is registered has to be registered anew: with another kernel object behind its own
// number, or behind that of a poller that it watches.
#include <cerrno>

#include "core/poller.h"

namespace fdpoll {

// A new, empty kernel object behind the same number, and everything that is still alive added
// again. A one-shot that has fired stays out until it is modified.
Status Poller::Rebuild() {
  for (Registration& registration : registrations_) {
    if (registration.in_kernel && !Alive(registration)) {
      registration.in_kernel = false;
      registration.state = State::kDead;
    }
  }
  const Status status = backend_->Renew();
  if (!status.ok()) return status;
  stale_ = false;
  // What the old one was told of went with it.
  if (woken_.load()) backend_->Wake();
  Status failed;
  for (Registration& registration : registrations_) {
    if (!registration.in_kernel && !LeftOut(registration)) continue;
    registration.in_kernel = false;
    if (registration.state == State::kSpent) {
      TakeOut(&registration, State::kSpent);
      continue;
    }
    const Status added = AddAgain(&registration);
    if (!added.ok() && LeftOut(registration)) failed = added;
  }
  if (interrupt_fd_ >= 0) static_cast<void>(AddInterruptSource(interrupt_fd_));
  if (sources_ != nullptr) {
    const Status watched = WatchSourcesAgain();
    if (!watched.ok()) {
      stale_ = true;
      failed = watched;
    }
  }
  return failed;
}

// Of one that was there before. Only a number that is closed (EBADF) or another file's (EPERM, of one that
// cannot be watched) ends it. Whatever else the system says, it is no less alive: it is left out, and the
// next wait begins with another attempt.
Status Poller::AddAgain(Registration* registration) {
  const Status added = backend_->Add(
      registration->fd, registration->interest, registration->mode, TokenFor(*registration));
  registration->in_kernel = added.ok();
  if (added.ok()) return added;
  if (added.error == EBADF || added.error == EPERM) {
    registration->state = State::kDead;
  } else {
    stale_ = true;
    registration->identity = os::Describe(registration->fd).value.identity;
  }
  return added;
}

bool Poller::LeftOut(const Registration& registration) {
  const bool feed = registration.state == State::kSource && registration.kind == SourceKind::kFeed;
  return !registration.in_kernel && (registration.state == State::kWatched || feed);
}

void Poller::Readd(int fd) {
  Registration* registration = Find(fd);
  if (registration == nullptr || !registration->in_kernel ||
      registration->state != State::kWatched) {
    return;
  }
  backend_->Remove(fd);
  static_cast<void>(AddAgain(registration));
  Interrupt();
}

}  // namespace fdpoll
