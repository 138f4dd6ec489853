// The Poller when a helper thread waits for it.
#include "core/poller.h"

namespace fdpoll {

Status Poller::StartHarvest(Harvester::Notify notify, void* context) {
  harvester_ = std::make_unique<Harvester>(backend_.get(), &woken_);
  const Status status = harvester_->Start(raw_.size(), notify, context);
  if (!status.ok()) harvester_.reset();
  return status;
}

Poller::Outcome Poller::Take() {
  Outcome outcome;
  Harvester::Harvest harvest;
  if (harvester_ == nullptr || !harvester_->Take(&harvest)) return outcome;
  ForgetBatch();
  outcome.status = harvest.outcome.status;
  if (!outcome.status.ok()) return outcome;
  Resolve(harvest.events, harvest.outcome, &outcome);
  if (sources_ != nullptr) outcome.status = TellSources();
  if (!outcome.status.ok()) return outcome;
  // The helper is parked now, and only now may the kernel object be replaced.
  if (stale_) {
    outcome.status = Rebuild();
    outcome.renewed = outcome.status.ok();
  }
  return outcome;
}

void Poller::Acknowledge() {
  if (harvester_ != nullptr)
    harvester_->Acknowledge(Room(), sources_ != nullptr && sources_->left_over);
}

void Poller::StopHarvest() {
  if (harvester_ == nullptr) return;
  Harvester::Harvest left;
  const bool handed = harvester_->Stop(&left);
  // Alive until its events were read, but nothing is to be interrupted any more.
  const std::unique_ptr<Harvester> stopped = std::move(harvester_);
  // Levels repeat by themselves. What the kernel disarmed or reports but once has to be armed again.
  for (size_t i = 0; handed && i < left.outcome.count; i++) {
    Registration* registration = FromToken(left.events[i].token);
    if (registration != nullptr) Rearm(registration);
  }
  if (handed && left.outcome.stuck) stale_ = true;
  // The helper may have swallowed a wake-up that nobody was told of.
  if (woken_.load()) backend_->Wake();
  WakeForLeftOver();
}

void Poller::Rearm(size_t from) {
  for (size_t i = from; i < events_.size(); i++) {
    const Ready& event = events_[i];
    if (event.flags != 0 && event.fd < 0) {
      TellAgain(event);
    } else if (event.flags != 0) {
      Rearm(&registrations_[static_cast<size_t>(event.slot)]);
    }
  }
}

void Poller::Rearm(Registration* registration) {
  const Mode mode = registration->mode;
  const bool fires_once = mode.edge || mode.one_shot;
  const bool armed = registration->state == State::kWatched || registration->state == State::kSpent;
  if (!fires_once || !armed) return;
  if (!mode.exclusive) {
    static_cast<void>(Apply(registration, registration->interest, mode));
    return;
  }
  // The kernel lets no exclusive registration be modified.
  backend_->Remove(registration->fd);
  static_cast<void>(AddAgain(registration));
}

}  // namespace fdpoll
