#include "core/poller.h"

#include <cerrno>

#include "core/invariant.h"
#include "core/room.h"

namespace fdpoll {

namespace {

// A slot travels to JavaScript in 24 bits of a number.
constexpr size_t kSlotsMax = size_t{1} << 24;

Token MakeToken(size_t slot, uint32_t generation) {
  return static_cast<Token>(generation) << 32 | static_cast<Token>(slot);
}

}  // namespace

Result<std::unique_ptr<Poller>> Poller::Open(const BackendEntry& backend, size_t capacity) {
  Result<std::unique_ptr<Backend>> opened = backend.open();
  if (!opened.ok()) return opened.status;
  std::unique_ptr<Poller> poller(new Poller(std::move(opened.value)));
  if (!MakeRoom(&poller->raw_, capacity) || !MakeRoom(&poller->events_, capacity)) {
    return OutOfMemory();
  }
  poller->raw_.resize(capacity);
  return poller;
}

Poller::Poller(std::unique_ptr<Backend> backend) : backend_(std::move(backend)) {
}

Result<Poller::Added> Poller::Add(int fd, uint32_t interest, Mode mode, int32_t owner) {
  const Call control = backend_->traits().control;
  const Status supported = Supports(mode, interest);
  if (!supported.ok()) return supported;
  // An exclusive registration cannot be modified, so a parked one could never come back.
  if (mode.exclusive && interest == 0) return Status::Failed(control, EINVAL);
  Registration* old = Find(fd);
  if (old != nullptr && Alive(*old)) return Status::Failed(control, EEXIST);

  const size_t place = static_cast<size_t>(fd);
  if (!MakeRoom(&by_fd_, place + 1)) return OutOfMemory();
  Registration* registration = old != nullptr ? old : TakeSlot(fd);
  if (registration == nullptr) return OutOfMemory();
  const Token token =
      MakeToken(static_cast<size_t>(SlotOf(*registration)), registration->generation + 1);
  Status status;
  if (interest == 0) {
    status = os::CheckPollable(fd, control).status;
  } else {
    if (old != nullptr) Unwatch(old);
    status = backend_->Add(fd, interest, mode, token);
  }
  if (!status.ok()) {
    if (old == nullptr) FreeSlot(registration);
    return status;
  }

  Added added;
  added.slot = SlotOf(*registration);
  added.replaced = old != nullptr && old->event >= 0;
  if (added.replaced) events_[static_cast<size_t>(old->event)].flags = 0;
  if (old == nullptr) {
    if (by_fd_.size() <= place) by_fd_.resize(place + 1, -1);
    by_fd_[place] = added.slot;
    size_++;
  }
  registration->generation++;
  registration->owner = owner;
  registration->interest = interest;
  registration->mode = mode;
  registration->in_kernel = interest != 0;
  if (interest != 0) Interrupt();
  registration->state = interest != 0 ? State::kWatched : State::kParked;
  registration->seen = 0;
  if (interest == 0 || backend_->traits().needs_identity) {
    registration->identity = os::Describe(fd).value.identity;
  }
  return added;
}

Result<int32_t> Poller::Modify(int fd, uint32_t interest) {
  const Registration* registration = Find(fd);
  return Modify(fd, interest, registration != nullptr ? registration->mode : Mode{});
}

Result<int32_t> Poller::Modify(int fd, uint32_t interest, Mode mode) {
  const Call control = backend_->traits().control;
  Registration* registration = Find(fd);
  if (registration == nullptr) return Status::Failed(control, ENOENT);
  if (registration->fd != fd) return Broken(Invariant::kNumber);
  if (registration->mode.exclusive) return Status::Failed(control, EINVAL);
  const Status supported = Supports(mode, interest);
  if (!supported.ok()) return supported;
  return Apply(registration, interest, mode);
}

Result<int32_t> Poller::Apply(Registration* registration, uint32_t interest, Mode mode) {
  const Traits& traits = backend_->traits();
  const int fd = registration->fd;
  const bool unchanged = registration->interest == interest && registration->mode == mode;
  if (unchanged && mode.plain_level() && registration->state == State::kWatched) {
    return SlotOf(*registration);
  }

  // Where Modify cannot tell that the number names another file by now, it is looked at here.
  if (interest == 0 || !registration->in_kernel || traits.needs_identity) {
    const Result<os::FileFacts> facts = os::Describe(fd);
    if (!facts.ok()) return Status::Failed(traits.control, facts.status.error);
    if (!Alive(*registration)) return Status::Failed(traits.control, ENOENT);
  }
  if (interest == 0) {
    TakeOut(registration, State::kParked);
  } else {
    const Token token = TokenFor(*registration);
    const Status status = registration->in_kernel ? backend_->Modify(fd, interest, mode, token)
                                                  : backend_->Add(fd, interest, mode, token);
    if (!status.ok()) {
      PutBack(*registration, status);
      return status;
    }
    registration->in_kernel = true;
    registration->state = State::kWatched;
    registration->seen = 0;
    Interrupt();
  }
  registration->interest = interest;
  registration->mode = mode;
  return SlotOf(*registration);
}

// kqueue changes a registration in two steps and may have taken the old one away when the second
// failed (ENOMEM). Where nothing was lost this is an EEXIST that nobody hears. ENOENT and EBADF say
// that the old one was gone before, and that the number is not ours any more.
void Poller::PutBack(const Registration& registration, const Status& failed) {
  if (!registration.in_kernel || failed.error == ENOENT || failed.error == EBADF) return;
  static_cast<void>(backend_->Add(
      registration.fd, registration.interest, registration.mode, TokenFor(registration)));
}

Poller::Removed Poller::Remove(int fd) {
  Registration* registration = Find(fd);
  if (registration == nullptr) return {};
  Unwatch(registration);
  Removed removed;
  removed.slot = SlotOf(*registration);
  removed.event = registration->event;
  by_fd_[static_cast<size_t>(fd)] = -1;
  size_--;
  if (removed.event >= 0) {
    events_[static_cast<size_t>(removed.event)].flags = 0;
    registration->state = State::kLeaving;
    leaving_.push_back(removed.slot);
  } else {
    FreeSlot(registration);
  }
  return removed;
}

Poller::Outcome Poller::Wait(Nanoseconds timeout) {
  Outcome outcome;
  ForgetBatch();
  const Deadline deadline(timeout);
  for (;;) {
    if (stale_) {
      outcome.status = Rebuild();
      if (!outcome.status.ok()) return outcome;
      outcome.renewed = true;
    }
    const size_t room = Room();
    WaitOutcome harvest;
    if (room > 0) harvest = backend_->Wait(raw_.data(), room, BoundBySources(deadline.Left()));
    outcome.status = harvest.status;
    if (!outcome.status.ok()) return outcome;
    Resolve(raw_.data(), harvest, &outcome);
    if (sources_ != nullptr) outcome.status = TellSources();
    if (!outcome.status.ok()) return outcome;
    if (!events_.empty() || outcome.woken || outcome.interrupted) return outcome;
    // What was closed elsewhere is taken out by now; it may have kept the kernel from the others.
    if (harvest.count > 0 && (raw_[0].flags & kGone) != 0) continue;
    if (deadline.Left() == 0) return outcome;
  }
}

bool Poller::AddInterruptSource(int fd) {
  Mode edge;
  edge.edge = true;
  if (!backend_->traits().edge) return false;
  if (!backend_->Add(fd, kReadable, edge, kInterruptToken).ok()) return false;
  interrupt_fd_ = fd;
  return true;
}

void Poller::RemoveInterruptSource() {
  if (interrupt_fd_ >= 0) backend_->Remove(interrupt_fd_);
  interrupt_fd_ = -1;
}

void Poller::ForgetBatch() {
  for (const Ready& event : events_) {
    Registration& registration = registrations_[static_cast<size_t>(event.slot)];
    // What is to be told again keeps its changes.
    if (registration.kind == SourceKind::kWatch && registration.event >= 0) {
      sources_->changes.erase(event.slot);
    }
    registration.event = -1;
  }
  events_.clear();
  for (const int32_t slot : leaving_) FreeSlot(&registrations_[static_cast<size_t>(slot)]);
  leaving_.clear();
}

void Poller::Resolve(const RawEvent* events, const WaitOutcome& harvest, Outcome* outcome) {
  // Without the mark it was a helper that was woken, so that it would leave its system call.
  outcome->woken = harvest.woken && woken_.exchange(false);
  if (harvest.stuck) stale_ = true;
  for (size_t i = 0; i < harvest.count; i++) {
    const RawEvent& event = events[i];
    if (event.token == kInterruptToken) {
      outcome->interrupted = true;
      continue;
    }
    if (ResolveSource(event)) continue;
    Registration* registration = FromToken(event.token);
    if (registration != nullptr) {
      Deliver(registration, event);
    } else if (backend_->traits().keeps_closed) {
      stale_ = true;
    }
  }
}

void Poller::Deliver(Registration* registration, const RawEvent& event) {
  if (event.flags & kGone) {
    TakeOut(registration, State::kDead);
    return;
  }
  if (registration->state == State::kSource) {
    DeliverFeed(registration);
    return;
  }
  // Only a sibling filter's event of this very batch may still join a one-shot that has fired.
  if (registration->state != State::kWatched && registration->event < 0) return;
  // A level registration of a closed number with a living dup would report for ever. Asking at
  // every event would cost a system call each, so every 256th has to do.
  if (backend_->traits().keeps_closed && ++registration->seen == 0 && !Alive(*registration)) {
    registration->state = State::kDead;
    registration->in_kernel = false;
    stale_ = true;
    return;
  }

  uint32_t flags = event.flags & AllowedFlags(registration->interest);
  if (registration->mode.exclusive) flags &= ~uint32_t{kReadClosed};
  // The writing end of a fifo whose reader is gone reports ERR where everything else reports HUP.
  if ((event.flags & kBareError) && (registration->interest & kWritable) &&
      !(flags & kWriteClosed) && os::Describe(registration->fd).value.is_fifo) {
    flags |= kWriteClosed;
  }
  if (flags == 0) {
    if (registration->event < 0) TakeOut(registration, State::kMuted);
    return;
  }
  if (registration->event >= 0) {
    Ready& ready = events_[static_cast<size_t>(registration->event)];
    ready.flags |= flags;
    if (event.available > ready.available) ready.available = event.available;
    return;
  }
  registration->event = static_cast<int32_t>(events_.size());
  events_.push_back({SlotOf(*registration), registration->fd, flags, event.available});
  if (registration->mode.one_shot) {
    registration->state = State::kSpent;
    if (!backend_->traits().kernel_one_shot) TakeOut(registration, State::kSpent);
  }
}

void Poller::Unwatch(Registration* registration) {
  if (!registration->in_kernel) return;
  registration->in_kernel = false;
  backend_->Remove(registration->fd);
  Interrupt();
  // A kernel that knows descriptors by number alone would take a leftover's events for those of the
  // next owner.
  const Traits& traits = backend_->traits();
  if (traits.keeps_closed && traits.needs_identity && !SameFile(*registration)) stale_ = true;
}

void Poller::TakeOut(Registration* registration, State state) {
  Unwatch(registration);
  registration->state = state;
  if (!backend_->traits().needs_identity) {
    registration->identity = os::Describe(registration->fd).value.identity;
  }
}

bool Poller::Alive(const Registration& registration) {
  if (registration.state == State::kDead) return false;
  if (!registration.in_kernel || backend_->traits().needs_identity) return SameFile(registration);
  return backend_->Holds(registration.fd, registration.interest, TokenFor(registration));
}

// Where the system does not tell, now or when it was registered, it is taken for the same: only a number
// that is closed or another file's ends a registration.
bool Poller::SameFile(const Registration& registration) const {
  const Result<os::FileFacts> facts = os::Describe(registration.fd);
  if (!facts.ok()) return facts.status.error != EBADF;
  const bool known = !(registration.identity == os::Identity{});
  return !known || facts.value.identity == registration.identity;
}

Status Poller::Supports(Mode mode, uint32_t interest) const {
  const Traits& traits = backend_->traits();
  const bool supported = (!mode.edge || traits.edge) && (!mode.exclusive || traits.exclusive) &&
                         (!(interest & kPriority) || traits.priority);
  return supported ? Status::Ok() : Status::Failed(traits.control, ENOTSUP);
}

Poller::Registration* Poller::Find(int fd) {
  return const_cast<Registration*>(static_cast<const Poller*>(this)->Find(fd));
}

const Poller::Registration* Poller::Find(int fd) const {
  if (fd < 0 || static_cast<size_t>(fd) >= by_fd_.size()) return nullptr;
  const int32_t slot = by_fd_[static_cast<size_t>(fd)];
  return slot < 0 ? nullptr : &registrations_[static_cast<size_t>(slot)];
}

Token Poller::TokenFor(const Registration& registration) const {
  return MakeToken(static_cast<size_t>(SlotOf(registration)), registration.generation);
}

Poller::Registration* Poller::FromToken(Token token) {
  const size_t slot = static_cast<uint32_t>(token);
  if (slot >= registrations_.size()) return nullptr;
  Registration& registration = registrations_[slot];
  const bool current = registration.generation == static_cast<uint32_t>(token >> 32) &&
                       registration.state != State::kFree && registration.state != State::kLeaving;
  return current ? &registration : nullptr;
}

Poller::Registration* Poller::TakeSlot(int fd) {
  if (free_.empty()) {
    const size_t count = registrations_.size() + 1;
    // Leaving and freeing a slot must not need any memory.
    if (count > kSlotsMax || !MakeRoom(&registrations_, count) || !MakeRoom(&free_, count) ||
        !MakeRoom(&leaving_, count)) {
      return nullptr;
    }
    free_.push_back(static_cast<int32_t>(registrations_.size()));
    registrations_.emplace_back();
  }
  Registration* registration = &registrations_[static_cast<size_t>(free_.back())];
  free_.pop_back();
  registration->fd = fd;
  return registration;
}

void Poller::FreeSlot(Registration* registration) {
  if (registration->kind != SourceKind::kNone) ForgetSource(registration);
  const uint32_t generation = registration->generation;
  *registration = Registration{};
  registration->generation = generation;
  free_.push_back(SlotOf(*registration));
}

int32_t Poller::SlotOf(const Registration& registration) const {
  return static_cast<int32_t>(&registration - registrations_.data());
}

}  // namespace fdpoll
