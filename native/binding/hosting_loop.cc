// Hosting on Node's own libuv loop: a uv_poll_t on a private duplicate of the kernel object's
// descriptor. What libuv does:
//   a. It watches a number. When the poller puts another kernel object behind its own (dup3),
//      a watch of that number would go deaf; so it is given a duplicate, and a fresh one then.
//   b. uv_poll_start only makes a note, and the loop aborts the process when the kernel refuses
//      the descriptor later on (closed behind our back, pollers nested too deep by then). So the
//      duplicate is put into the loop's set at once, where libuv finds it.
//   c. A handle has to be closed, in a callback of the loop, before its environment ends: hence
//      the asynchronous cleanup hook, which is removed in that callback. Left open it aborts.
// And Node-API: making an asynchronous context calls the `init` hooks of node:async_hooks, code that
// may close the poller. It does what AsyncResource does in JavaScript, at a lower price.
#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include "binding/hosting.h"
#include "binding/uv.h"
#include "core/os.h"

namespace fdpoll::binding {

namespace {

// After a batch more may be ready already: looking again costs one system call, a turn of the loop
// two or three. So a busy poller has several batches a turn, as libuv's own streams have several
// reads, within these bounds; one that has nothing more looks again ever more rarely.
constexpr int kMoreMax = 32;
constexpr Nanoseconds kTurnMax = kMillisecond / 2;
constexpr int kRestMax = 63;

class LoopHost;

// A handle and what it watches. Owned by the host, from uv_close on by the loop.
struct Watch {
  std::vector<std::max_align_t> handle;
  OwnedFd fd;
  int events = 0;
  std::shared_ptr<LoopHost> closing_for;
};

class LoopHost final : public Host {
 public:
  using Host::Host;
  void KeepAlive(bool alive) override {
    alive_ = alive;
    if (watch_ == nullptr) return;
    alive ? uv_.ref(watch_->handle.data()) : uv_.unref(watch_->handle.data());
  }

 protected:
  Status Open() override;
  void Close() override;
  Status Apply() override;
  napi_status Call(napi_value function, napi_value argument) override;

 private:
  Status OpenContext();
  void CloseContext();
  Status StartWatch();
  void EndWatch();
  Poller::Outcome Harvest();
  void OnReadable(int failed);
  void OnWatchClosed();
  static void OnCleanup(napi_async_cleanup_hook_handle, void* host);

  Uv uv_;
  std::unique_ptr<Watch> watch_;
  bool alive_ = false;
  size_t closing_ = 0;  // watches whose handles the loop has not let go of yet
  napi_async_cleanup_hook_handle hook_ = nullptr;
  napi_async_context context_ = nullptr;
  bool calling_ = false;
  int rest_ = 0;   // how many turns of the loop to let pass after one that looked again in vain
  int rests_ = 0;  // how many of them are left
};

Status LoopHost::Open() {
  const Status unsupported = Status::Failed(fdpoll::Call::kEpollCtl, ENOTSUP);
  if (!environment_->has_uv_loop() || poller_->backend().pollable_fd() < 0 || !uv_.Load(env_)) {
    return unsupported;
  }
  const Status opened = OpenContext();
  if (!opened.ok()) return opened;
  if (napi_add_async_cleanup_hook(env_, OnCleanup, this, &hook_) != napi_ok) return unsupported;
  const Status status = StartWatch();
  // No handle, so no callback that would remove it.
  if (!status.ok()) napi_remove_async_cleanup_hook(std::exchange(hook_, nullptr));
  return status;
}

// The context of start() is that of every callback, as AsyncLocalStorage sees it.
Status LoopHost::OpenContext() {
  napi_value name = nullptr;
  if (napi_create_string_utf8(env_, "fdpoll.Poller", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_async_init(env_, nullptr, name, &context_) != napi_ok) {
    return Status::Failed(fdpoll::Call::kNone, ENOMEM);
  }
  if (!detached()) return Status::Ok();
  CloseContext();
  return Status::Failed(fdpoll::Call::kNone, ECANCELED);
}

// Not before a call in it has come back.
void LoopHost::CloseContext() {
  if (context_ != nullptr && !calling_) napi_async_destroy(env_, std::exchange(context_, nullptr));
}

Status LoopHost::StartWatch() {
  Result<OwnedFd> copy = os::Duplicate(poller_->backend().pollable_fd());
  if (!copy.ok()) return copy.status;
  auto watch = std::make_unique<Watch>();
  watch->handle.resize(uv_.poll_size / sizeof(std::max_align_t) + 1);
  watch->fd = std::move(copy.value);
  const int refused = uv_.poll_init(uv_.loop, watch->handle.data(), watch->fd.get());
  if (refused < 0) return Status::Failed(fdpoll::Call::kEpollCtl, -refused);
  watch_ = std::move(watch);
  environment_->hosted_on_loop++;
  Uv::Data(watch_->handle.data()) = this;
  KeepAlive(alive_);
  return Status::Ok();
}

Status LoopHost::Apply() {
  // Paused it stays active: a started poller keeps the process alive whether it is held or not.
  const int events = held() ? Uv::kDisconnect : Uv::kReadable;
  if (watch_ == nullptr || watch_->events == events) return Status::Ok();
  const int refused =
      uv_.poll_start(watch_->handle.data(), events, [](void* handle, int failed, int) {
        static_cast<LoopHost*>(Uv::Data(handle))->OnReadable(failed);
      });
  Status status = Status::Failed(fdpoll::Call::kEpollCtl, -refused);
  if (status.ok()) status = os::JoinEpoll(uv_.backend_fd(uv_.loop), watch_->fd.get());
  watch_->events = status.ok() ? events : 0;
  if (!status.ok()) uv_.poll_stop(watch_->handle.data());
  return status;
}

void LoopHost::EndWatch() {
  if (watch_ == nullptr) return;
  environment_->hosted_on_loop--;
  Watch* watch = watch_.release();
  void* handle = watch->handle.data();
  watch->closing_for = std::static_pointer_cast<LoopHost>(shared_from_this());
  Uv::Data(handle) = watch;
  closing_++;
  uv_.close(handle, [](void* closed) {
    const std::unique_ptr<Watch> last(static_cast<Watch*>(Uv::Data(closed)));
    last->closing_for->OnWatchClosed();
  });
  // libuv has taken it out of its set by now.
  watch->fd.Reset();
}

void LoopHost::Close() {
  EndWatch();
  CloseContext();
}

void LoopHost::OnWatchClosed() {
  closing_--;
  if (closing_ == 0 && watch_ == nullptr && hook_ != nullptr) {
    napi_remove_async_cleanup_hook(std::exchange(hook_, nullptr));
  }
}

void LoopHost::OnCleanup(napi_async_cleanup_hook_handle, void* host) {
  static_cast<LoopHost*>(host)->Detach();
}

Poller::Outcome LoopHost::Harvest() {
  Poller::Outcome outcome = poller_->Wait(0);
  if (!outcome.renewed) return outcome;
  environment_->PollerWasRenewed(poller_->backend().pollable_fd());
  EndWatch();
  const Status status = StartWatch();
  if (outcome.status.ok()) outcome.status = status;
  return outcome;
}

void LoopHost::OnReadable(int failed) {
  const std::shared_ptr<Host> self = shared_from_this();
  Poller::Outcome outcome = Harvest();
  if (failed < 0) outcome.status = Status::Failed(fdpoll::Call::kEpollWait, -failed);
  bool going_on = Deliver(outcome);
  if (rests_ > 0) {
    rests_--;
    return;
  }
  const Nanoseconds begun = Now();
  for (int more = 0; going_on && more < kMoreMax; more++) {
    outcome = Harvest();
    const bool nothing = outcome.status.ok() && !outcome.woken && !outcome.renewed;
    if (nothing && poller_->events().empty()) {
      // In vain: not so soon again.
      if (more == 0) rest_ = std::min(2 * rest_ + 1, kRestMax);
      rests_ = rest_;
      return;
    }
    rest_ = 0;
    going_on = Deliver(outcome) && Now() - begun < kTurnMax;
  }
}

napi_status LoopHost::Call(napi_value function, napi_value argument) {
  napi_value receiver = nullptr;
  const napi_status status = napi_get_global(env_, &receiver);  // refuses what is no object
  if (status != napi_ok) return status;
  calling_ = true;
  const napi_status answer =
      napi_make_callback(env_, context_, receiver, function, 1, &argument, nullptr);
  calling_ = false;
  if (detached()) CloseContext();
  return answer;
}

}  // namespace

std::shared_ptr<Host> HostOnLoop(napi_env env,
                                 Environment* environment,
                                 int32_t handle,
                                 Poller* poller) {
  return std::make_shared<LoopHost>(env, environment, handle, poller);
}

}  // namespace fdpoll::binding
