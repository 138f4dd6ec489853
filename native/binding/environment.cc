#include "binding/environment.h"

#include <dlfcn.h>

#include "binding/hosting.h"
#include "core/os.h"
#include "core/waker_table.h"

namespace fdpoll::binding {

PollerEntry& PollerEntry::operator=(PollerEntry&& other) noexcept {
  Close();
  poller_ = std::move(other.poller_);
  waker_ = std::exchange(other.waker_, -1);
  watches_interrupts = std::exchange(other.watches_interrupts, false);
  shown = std::exchange(other.shown, false);
  host = std::move(other.host);
  batch = std::exchange(other.batch, StreamBatch{});
  return *this;
}

int64_t PollerEntry::Waker() {
  if (waker_ < 0) waker_ = WakerTable::OfProcess().Insert(poller_.get());
  return waker_;
}

void PollerEntry::Close() {
  if (host != nullptr) std::exchange(host, nullptr)->Detach();
  if (waker_ >= 0) WakerTable::OfProcess().Remove(std::exchange(waker_, -1));
  poller_.reset();
}

void Environment::Configure(napi_env env, napi_value probe, bool has_uv_loop) {
  is_worker_ = !os::OnMainThread();
  has_uv_loop_ = has_uv_loop;
  if (probe_ == nullptr) napi_create_reference(env, probe, 1, &probe_);
  if (!is_worker_ || !has_uv_loop) return;
  // Looked up, never linked: other runtimes export Node-API without libuv behind it.
  using BackendFd = int (*)(const uv_loop_s*);
  const auto backend_fd = reinterpret_cast<BackendFd>(dlsym(RTLD_DEFAULT, "uv_backend_fd"));
  uv_loop_s* loop = nullptr;
  if (backend_fd != nullptr && napi_get_uv_event_loop(env, &loop) == napi_ok && loop != nullptr) {
    loop_fd_ = backend_fd(loop);
  }
}

void Environment::Forget(napi_env env) {
  if (probe_ != nullptr) napi_delete_reference(env, std::exchange(probe_, nullptr));
}

bool Environment::StillRunning(napi_env env) const {
  napi_value probe = nullptr;
  napi_value receiver = nullptr;
  napi_value result = nullptr;
  napi_handle_scope scope = nullptr;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return false;
  const bool running = napi_get_reference_value(env, probe_, &probe) == napi_ok &&
                       probe != nullptr && napi_get_undefined(env, &receiver) == napi_ok &&
                       napi_call_function(env, receiver, probe, 0, nullptr, &result) == napi_ok;
  napi_close_handle_scope(env, scope);
  return running;
}

void Environment::RemoveInterruptSources() {
  pollers.ForEach([](PollerEntry& entry) {
    entry.get()->RemoveInterruptSource();
    entry.watches_interrupts = false;
  });
}

void Environment::PollerWasRenewed(int fd) {
  if (fd < 0) return;
  pollers.ForEach([&](PollerEntry& entry) { entry.get()->Readd(fd); });
}

}  // namespace fdpoll::binding
