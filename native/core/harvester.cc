#include "core/harvester.h"

#include <csignal>

#include "core/room.h"

namespace fdpoll {

namespace {

// The helper's own frames are small; what is left is for libkqueue and sanitizers.
constexpr size_t kStackSize = size_t{512} * 1024;

}  // namespace

Harvester::Harvester(Backend* backend, const std::atomic<bool>* woken)
    : backend_(backend), woken_(woken) {
}

Harvester::~Harvester() {
  Harvest left;
  static_cast<void>(Stop(&left));
}

Status Harvester::Start(size_t capacity, Notify notify, void* context) {
  if (!MakeRoom(&events_, capacity)) return OutOfMemory();
  events_.resize(capacity);
  notify_ = notify;
  context_ = context;
  pthread_attr_t attributes;
  int error = pthread_attr_init(&attributes);
  if (error != 0) return Status::Failed(Call::kThread, error);
  static_cast<void>(pthread_attr_setstacksize(&attributes, kStackSize));
  // A thread begins with its maker's mask: set before, there is no moment at which a signal could
  // be delivered to it.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  error = pthread_create(&thread_, &attributes, Main, this);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  running_ = error == 0;
  return Status::Failed(Call::kThread, error);
}

bool Harvester::Take(Harvest* out) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (state_ != State::kHanded) return false;
  state_ = State::kParked;
  *out = {outcome_, events_.data()};
  return true;
}

void Harvester::Acknowledge(size_t room, bool at_once) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (state_ != State::kParked) return;
    room_ = room;
    at_once_ = at_once;
    state_ = State::kWaiting;
  }
  changed_.notify_all();
}

void Harvester::LeaveCall() {
  std::unique_lock<std::mutex> lock(mutex_);
  if (!in_call_) return;
  // Before it sleeps in the call, too: the wake-up is level-triggered and makes it return at once.
  backend_->Wake();
  left_ = false;
  changed_.wait(lock, [this] { return left_; });
}

bool Harvester::Stop(Harvest* out) {
  if (!running_) return false;
  running_ = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    if (in_call_) backend_->Wake();
  }
  changed_.notify_all();
  pthread_join(thread_, nullptr);
  return Take(out);
}

void* Harvester::Main(void* self) {
  static_cast<Harvester*>(self)->Run();
  return nullptr;
}

void Harvester::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || state_ == State::kWaiting; });
    if (stopping_) return;
    WaitOutcome outcome;
    const Nanoseconds timeout = at_once_ ? 0 : kForever;
    if (room_ > 0) {
      in_call_ = true;
      lock.unlock();
      outcome = backend_->Wait(events_.data(), room_, timeout);
      lock.lock();
      in_call_ = false;
      left_ = true;
      changed_.notify_all();
    }
    const bool news = at_once_ || !outcome.status.ok() || outcome.count > 0 || outcome.stuck ||
                      (outcome.woken && woken_->load());
    if (!news) continue;
    outcome_ = outcome;
    state_ = State::kHanded;
    if (stopping_) return;
    // With the lock: after Stop has set its mark nobody may be told any more.
    notify_(context_);
  }
}

}  // namespace fdpoll
