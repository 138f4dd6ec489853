// Hosting by a helper thread, for every runtime and backend: core/harvester.h waits, a thread-safe
// function brings the owner's thread in. What Node-API does:
//   a. A function that was released still calls what is in its queue; its finalizer comes last.
//      Until then this object is kept alive.
//   b. An asynchronous cleanup hook would do here, too, but Deno aborts at one.
//   c. Making one calls the `init` hooks of node:async_hooks: code that may close the poller.
#include <cerrno>
#include <memory>

#include "binding/hosting.h"

namespace fdpoll::binding {

namespace {

class ThreadHost final : public Host {
 public:
  using Host::Host;
  void KeepAlive(bool alive) override {
    if (function_ == nullptr) return;
    alive ? napi_ref_threadsafe_function(env_, function_)
          : napi_unref_threadsafe_function(env_, function_);
  }

 protected:
  Status Open() override;
  void Close() override;
  Status Apply() override {
    if (!held()) poller_->Acknowledge();
    return Status::Ok();
  }
  napi_status Call(napi_value function, napi_value argument) override;

 private:
  void OnHarvest();
  static void OnCleanup(void* host) { static_cast<ThreadHost*>(host)->Detach(); }
  static void OnFinalized(napi_env, void* host, void*);

  napi_threadsafe_function function_ = nullptr;
  std::shared_ptr<ThreadHost> until_finalized_;
};

Status ThreadHost::Open() {
  const Status failed = Status::Failed(fdpoll::Call::kThread, ENOMEM);
  napi_value name = nullptr;
  if (napi_create_string_utf8(env_, "fdpoll", NAPI_AUTO_LENGTH, &name) != napi_ok) return failed;
  const auto on_harvest = [](napi_env env, napi_value, void* host, void*) {
    // Without an environment it is being torn down.
    if (env != nullptr) static_cast<ThreadHost*>(host)->OnHarvest();
  };
  if (napi_create_threadsafe_function(
          env_, nullptr, nullptr, name, 0, 1, this, OnFinalized, this, on_harvest, &function_) !=
      napi_ok) {
    return failed;
  }
  until_finalized_ = std::static_pointer_cast<ThreadHost>(shared_from_this());
  if (detached()) {
    napi_release_threadsafe_function(std::exchange(function_, nullptr), napi_tsfn_release);
    return Status::Failed(fdpoll::Call::kThread, ECANCELED);
  }
  KeepAlive(false);
  napi_add_env_cleanup_hook(env_, OnCleanup, this);
  return poller_->StartHarvest(
      [](void* host) {
        napi_call_threadsafe_function(
            static_cast<ThreadHost*>(host)->function_, nullptr, napi_tsfn_nonblocking);
      },
      this);
}

// The order matters: once the helper is gone nobody calls the function any more, and it can go.
void ThreadHost::Close() {
  poller_->StopHarvest();
  if (function_ == nullptr) return;
  napi_remove_env_cleanup_hook(env_, OnCleanup, this);
  napi_release_threadsafe_function(std::exchange(function_, nullptr), napi_tsfn_release);
}

void ThreadHost::OnFinalized(napi_env, void* data, void*) {
  const std::shared_ptr<ThreadHost> last =
      std::move(static_cast<ThreadHost*>(data)->until_finalized_);
  // A runtime that ends without its hooks.
  if (!last->detached()) last->poller_->StopHarvest();
  last->function_ = nullptr;
}

void ThreadHost::OnHarvest() {
  if (detached()) return;
  const Poller::Outcome outcome = poller_->Take();
  if (outcome.renewed) environment_->PollerWasRenewed(poller_->backend().pollable_fd());
  Deliver(outcome);
}

// The runtime has opened a callback scope: microtasks run when it closes it.
napi_status ThreadHost::Call(napi_value function, napi_value argument) {
  napi_value receiver = nullptr;
  const napi_status status = napi_get_undefined(env_, &receiver);
  if (status != napi_ok) return status;
  return napi_call_function(env_, receiver, function, 1, &argument, nullptr);
}

}  // namespace

std::shared_ptr<Host> HostOnThread(napi_env env,
                                   Environment* environment,
                                   int32_t handle,
                                   Poller* poller) {
  return std::make_shared<ThreadHost>(env, environment, handle, poller);
}

}  // namespace fdpoll::binding
