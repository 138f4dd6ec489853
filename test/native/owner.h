// A thread that owns a poller whose helper thread harvests: told of batches as an event loop would be.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

#include "each_backend.h"

namespace fdpoll {

class Owner {
 public:
  explicit Owner(std::unique_ptr<Poller> poller) : poller_(std::move(poller)) {
    CHECK(poller_->StartHarvest([](void* self) { static_cast<Owner*>(self)->OnHarvest(); }, this)
              .ok());
  }
  Poller* operator->() { return poller_.get(); }
  Poller* get() { return poller_.get(); }

  // The next batch that has something to tell.
  Poller::Outcome Next() {
    for (;;) {
      CHECK(Notified(20'000));
      const Poller::Outcome outcome = poller_->Take();
      CHECK(outcome.status.ok());
      if (outcome.woken || !poller_->events().empty()) return outcome;
      poller_->Acknowledge();
    }
  }
  bool Notified(int milliseconds) {
    std::unique_lock<std::mutex> lock(mutex_);
    const auto patience = std::chrono::milliseconds(milliseconds);
    if (!told_.wait_for(lock, patience, [&] { return batches_ > 0; })) return false;
    batches_--;
    return true;
  }
  int batches() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return batches_;
  }

 private:
  void OnHarvest() {
    const std::lock_guard<std::mutex> lock(mutex_);
    batches_++;
    told_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable told_;
  int batches_ = 0;
  std::unique_ptr<Poller> poller_;  // last, since its helper uses what is above
};

}  // namespace fdpoll
