// The Poller's sources: timers, feeds and watches (sources.h). What a source has to tell becomes an
// event in the same batch as those of descriptors; what the batch has no room for waits in `untold`
// or in the heap, and the next batch is theirs.
#include <algorithm>

#include "core/poller.h"
#include "core/room.h"

namespace fdpoll {

namespace {

constexpr int kSlotBits = 24;
constexpr uint32_t kGenerationMask = (1u << 29) - 1;
// Deadlines that are closer together than this share a wake-up: as late as the kernel lets a thread
// be that sleeps in poll(2) (PR_SET_TIMERSLACK). With many timers a wake-up each would be most of
// their price.
constexpr Nanoseconds kTogether = 50'000;
constexpr size_t kMany = 100;
constexpr Nanoseconds kManyTogether = 250'000;

}  // namespace

Poller::Registration* Poller::TakeSourceSlot(SourceKind kind) {
  Registration* registration = TakeSlot(-1);
  if (registration == nullptr) return nullptr;
  if (sources_ == nullptr) sources_ = std::make_unique<Sources>();
  registration->generation++;
  registration->kind = kind;
  registration->state = State::kSource;
  registration->interest = kReadable;
  return registration;
}

SourceId Poller::IdOf(const Registration& registration) const {
  const auto generation = static_cast<SourceId>(registration.generation & kGenerationMask);
  return generation << kSlotBits | static_cast<SourceId>(SlotOf(registration));
}

const Poller::Registration* Poller::FindSource(SourceId source) const {
  const size_t slot = static_cast<size_t>(source) & ((size_t{1} << kSlotBits) - 1);
  if (source < 0 || slot >= registrations_.size()) return nullptr;
  const Registration& registration = registrations_[slot];
  const bool current = registration.kind != SourceKind::kNone &&
                       registration.state != State::kFree && IdOf(registration) == source;
  return current ? &registration : nullptr;
}

Result<SourceId> Poller::AddTimer(Nanoseconds at, Nanoseconds every) {
  Registration* registration = TakeSourceSlot(SourceKind::kTimer);
  if (registration == nullptr) return OutOfMemory();
  const bool set = sources_->timers.Set(SlotOf(*registration), at, every);
  const Status status = set ? SetAlarm() : OutOfMemory();
  if (!status.ok()) {
    FreeSlot(registration);
    return status;
  }
  return IdOf(*registration);
}

Status Poller::SetTimer(SourceId timer, Nanoseconds at, Nanoseconds every) {
  auto* registration = const_cast<Registration*>(FindSource(timer));
  if (registration == nullptr || registration->kind != SourceKind::kTimer) {
    return Status::Failed(Call::kNone, ENOENT);
  }
  const int32_t slot = SlotOf(*registration);
  const bool leaves = registration->state == State::kLeaving;
  // Removed in this batch, which silenced it.
  if (leaves && events_[static_cast<size_t>(registration->event)].flags == 0) {
    return Status::Failed(Call::kNone, ENOENT);
  }
  if (!sources_->timers.Set(slot, at, every)) return OutOfMemory();
  if (leaves) {
    // It has fired in this batch, and goes on.
    leaving_.erase(std::remove(leaving_.begin(), leaving_.end(), slot), leaving_.end());
    registration->state = State::kSource;
  }
  // It would be told before its time.
  if (registration->untold) {
    std::deque<Untold>& all = sources_->untold;
    const auto its = [slot](const Untold& untold) { return untold.slot == slot; };
    all.erase(std::remove_if(all.begin(), all.end(), its), all.end());
    registration->untold = false;
  }
  return SetAlarm();
}

Result<SourceId> Poller::AddFeed(std::unique_ptr<Feed> feed) {
  Registration* registration = TakeSourceSlot(SourceKind::kFeed);
  if (registration == nullptr) return OutOfMemory();
  const Status status = WatchForSources(feed->fd(), TokenFor(*registration));
  if (!status.ok()) {
    FreeSlot(registration);
    return status;
  }
  registration->fd = feed->fd();
  registration->in_kernel = true;
  if (backend_->traits().needs_identity) {
    registration->identity = os::Describe(registration->fd).value.identity;
  }
  sources_->feeds.emplace(SlotOf(*registration), std::move(feed));
  return IdOf(*registration);
}

Result<SourceId> Poller::AddWatch(const std::string& path, uint32_t kinds, uint32_t mask) {
  Registration* registration = TakeSourceSlot(SourceKind::kWatch);
  if (registration == nullptr) return OutOfMemory();
  Status status;
  if (sources_->watches == nullptr) {
    Result<std::unique_ptr<Watches>> opened = Watches::Open();
    status = opened.status;
    if (status.ok()) status = WatchForSources(opened.value->fd(), kWatchesToken);
    if (status.ok()) sources_->watches = std::move(opened.value);
  }
  if (status.ok()) {
    status = sources_->watches->Add(SlotOf(*registration), path, kinds, mask);
  }
  if (!status.ok()) {
    FreeSlot(registration);
    return status;
  }
  return IdOf(*registration);
}

int32_t Poller::RemoveSource(SourceId source) {
  auto* registration = const_cast<Registration*>(FindSource(source));
  if (registration == nullptr) return -1;
  const int32_t event = registration->event;
  if (event >= 0) events_[static_cast<size_t>(event)].flags = 0;
  if (registration->state == State::kLeaving) return event;
  EndSource(registration);
  if (event >= 0) {
    registration->state = State::kLeaving;
    leaving_.push_back(SlotOf(*registration));
  } else {
    FreeSlot(registration);
  }
  return event;
}

const std::vector<Change>* Poller::ChangesOf(SourceId watch) const {
  const Registration* registration = FindSource(watch);
  if (registration == nullptr || registration->event < 0) return nullptr;
  const auto found = sources_->changes.find(SlotOf(*registration));
  return found == sources_->changes.end() ? nullptr : &found->second;
}

void Poller::EndSource(Registration* registration) {
  const int32_t slot = SlotOf(*registration);
  switch (registration->kind) {
    case SourceKind::kTimer:
      sources_->timers.Remove(slot);
      break;
    case SourceKind::kFeed:
      Unwatch(registration);
      sources_->feeds.erase(slot);
      break;
    case SourceKind::kWatch:
      if (sources_->watches != nullptr) sources_->watches->Remove(slot);
      break;
    case SourceKind::kNone:
      break;
  }
}

void Poller::ForgetSource(Registration* registration) {
  EndSource(registration);
  sources_->changes.erase(SlotOf(*registration));
}

Status Poller::WatchForSources(int fd, Token token) {
  const Status status = backend_->Add(fd, kReadable, {}, token);
  if (status.ok()) Interrupt();
  return status;
}

Status Poller::WatchSourcesAgain() {
  Status status;
  if (sources_->alarm.is_open()) status = WatchForSources(sources_->alarm.fd(), kAlarmToken);
  if (status.ok() && sources_->watches != nullptr) {
    status = WatchForSources(sources_->watches->fd(), kWatchesToken);
  }
  return status;
}

Status Poller::Expose() {
  exposed_++;
  if (sources_ == nullptr) return Status::Ok();
  const Status status = SetAlarm();
  if (!status.ok()) Conceal();
  WakeForLeftOver();
  return status;
}

// Whoever waits for the descriptor alone is to come back at once. A helper thread is told so when the
// batch is acknowledged.
void Poller::WakeForLeftOver() {
  const bool left_over = sources_ != nullptr && sources_->left_over;
  if (left_over && exposed_ > 0 && harvester_ == nullptr) backend_->Wake();
}

void Poller::Conceal() {
  if (--exposed_ > 0 || sources_ == nullptr || !sources_->alarm.is_open()) return;
  backend_->Remove(sources_->alarm.fd());
  sources_->alarm.Close();
  sources_->alarm_at = kForever;
}

Nanoseconds Poller::NextDeadline() const {
  const Timers& timers = sources_->timers;
  const Nanoseconds together = timers.size() > kMany ? kManyTogether : kTogether;
  const Nanoseconds next = timers.Next();
  return next == kForever ? next : std::max(next, sources_->told_at + together);
}

Status Poller::SetAlarm() {
  const Nanoseconds at = NextDeadline();
  Alarm& alarm = sources_->alarm;
  if (exposed_ == 0 || (at == sources_->alarm_at && !sources_->alarm_rang)) return Status::Ok();
  Status status;
  if (!alarm.is_open()) {
    status = alarm.Open();
    if (status.ok()) status = WatchForSources(alarm.fd(), kAlarmToken);
    // Open means watched.
    if (!status.ok()) alarm.Close();
  }
  if (status.ok()) status = alarm.Set(at);
  if (!status.ok()) return status;
  sources_->alarm_at = at;
  sources_->alarm_rang = false;
  return status;
}

size_t Poller::Room() {
  if (sources_ == nullptr || !sources_->left_over) return capacity();
  sources_->turn = !sources_->turn;
  return sources_->turn ? 0 : capacity();
}

Nanoseconds Poller::BoundBySources(Nanoseconds timeout) const {
  if (sources_ == nullptr || timeout == 0) return timeout;
  if (sources_->left_over || !sources_->untold.empty()) return 0;
  const Nanoseconds next = NextDeadline();
  if (next == kForever) return timeout;
  return std::min(timeout, std::max<Nanoseconds>(0, next - Now()));
}

bool Poller::ResolveSource(const RawEvent& event) {
  if (event.token != kAlarmToken && event.token != kWatchesToken) return false;
  if (event.token == kAlarmToken) sources_->alarm_rang = true;
  // Its changes are taken when the descriptors' events are in: a watch takes no event's place.
  if (event.token == kWatchesToken) sources_->changed = true;
  return true;
}

void Poller::DeliverFeed(Registration* registration) {
  const auto found = sources_->feeds.find(SlotOf(*registration));
  if (found == sources_->feeds.end()) return;
  int32_t payload = 0;
  const bool last = found->second->once();
  if (found->second->Take(&payload)) Tell(registration, payload, last);
}

Status Poller::TakeChanges() {
  if (!sources_->changed) return Status::Ok();
  sources_->changed = false;
  std::vector<Change> changes;
  const Status status = sources_->watches->Drain(&changes);
  for (Change& change : changes) {
    Registration& registration = registrations_[static_cast<size_t>(change.watch)];
    const bool last = (change.kinds & kWatchGone) != 0;
    sources_->changes[change.watch].push_back(std::move(change));
    Tell(&registration, last ? 1 : 0, last);
  }
  return status;
}

void Poller::TellTimers() {
  Timers& timers = sources_->timers;
  if (timers.size() == 0) return;
  const Nanoseconds now = Now();
  Timers::Due due;
  while (events_.size() < capacity() && timers.Pop(now, &due)) {
    Tell(&registrations_[static_cast<size_t>(due.slot)], due.count, !due.again);
    sources_->told_at = now;
  }
  sources_->left_over = timers.Next() <= now;
}

Status Poller::TellSources() {
  sources_->left_over = false;
  const Status changed = TakeChanges();
  for (size_t left = sources_->untold.size(); left > 0 && events_.size() < capacity(); left--) {
    const Untold untold = sources_->untold.front();
    sources_->untold.pop_front();
    Registration& registration = registrations_[static_cast<size_t>(untold.slot)];
    if (registration.state != State::kSource || registration.generation != untold.generation) {
      continue;
    }
    registration.untold = false;
    Tell(&registration, untold.payload, untold.last);
  }
  TellTimers();
  if (!sources_->untold.empty()) sources_->left_over = true;
  WakeForLeftOver();
  const Status alarm = SetAlarm();
  return changed.ok() ? alarm : changed;
}

void Poller::Tell(Registration* registration, int32_t payload, bool last) {
  if (registration->untold) {
    KeepUntold(*registration, payload, last);
    return;
  }
  if (registration->event >= 0) {
    Ready& ready = events_[static_cast<size_t>(registration->event)];
    ready.available += std::min(payload, INT32_MAX - ready.available);
  } else if (events_.size() == capacity()) {
    registration->untold = true;
    sources_->untold.push_back({SlotOf(*registration), registration->generation, payload, last});
    return;
  } else {
    registration->event = static_cast<int32_t>(events_.size());
    events_.push_back({SlotOf(*registration), -1, kReadable, payload});
  }
  if (last && registration->state == State::kSource) {
    EndSource(registration);
    registration->state = State::kLeaving;
    leaving_.push_back(SlotOf(*registration));
  }
}

// It has an entry already: both are told in one.
void Poller::KeepUntold(const Registration& registration, int32_t payload, bool last) {
  for (Untold& untold : sources_->untold) {
    if (untold.slot != SlotOf(registration) || untold.generation != registration.generation)
      continue;
    untold.payload += std::min(payload, INT32_MAX - untold.payload);
    untold.last = untold.last || last;
  }
}

// Nobody has handled its event: it is told once more, and a source that has ended with it ends then.
void Poller::TellAgain(const Ready& event) {
  Registration& registration = registrations_[static_cast<size_t>(event.slot)];
  const auto leaving = std::find(leaving_.begin(), leaving_.end(), event.slot);
  const bool last = leaving != leaving_.end();
  if (last) leaving_.erase(leaving);
  registration.state = State::kSource;
  registration.event = -1;
  registration.untold = true;
  sources_->untold.push_back({event.slot, registration.generation, event.available, last});
  sources_->left_over = true;
  WakeForLeftOver();
}

}  // namespace fdpoll
