#include "binding/hosting.h"

namespace fdpoll::binding {

namespace {

bool Get(napi_env env, napi_ref reference, napi_value* out) {
  return reference != nullptr && napi_get_reference_value(env, reference, out) == napi_ok &&
         *out != nullptr;
}

void Forget(napi_env env, napi_ref* reference) {
  if (*reference != nullptr) napi_delete_reference(env, *reference);
  *reference = nullptr;
}

// What a callback threw becomes an uncaughtException. Left pending it would be swallowed.
void ReportException(napi_env env) {
  bool pending = false;
  napi_value exception = nullptr;
  if (napi_is_exception_pending(env, &pending) == napi_ok && pending &&
      napi_get_and_clear_last_exception(env, &exception) == napi_ok && exception != nullptr) {
    napi_fatal_exception(env, exception);
  }
}

}  // namespace

Status Host::Start(napi_value deliver, napi_value columns) {
  if (napi_create_reference(env_, deliver, 1, &deliver_) != napi_ok ||
      napi_create_reference(env_, columns, 1, &columns_) != napi_ok) {
    Detach();
    return Status::Failed(Call::kNone, ENOMEM);
  }
  Status status = poller_->Expose();
  exposed_ = status.ok();
  if (status.ok()) status = Open();
  if (status.ok()) status = Apply();
  if (!status.ok()) Detach();
  return status;
}

Status Host::Hold(bool held) {
  held_ = held;
  return delivering_ || detached() ? Status::Ok() : Apply();
}

void Host::Detach() {
  if (detached()) return;
  Close();
  if (std::exchange(exposed_, false)) poller_->Conceal();
  poller_ = nullptr;
  Forget(env_, &deliver_);
  Forget(env_, &columns_);
}

int64_t Host::Fill(const Poller::Outcome& outcome, napi_value columns) const {
  if (!outcome.status.ok()) return ToAnswer(outcome.status);
  // Taken anew for each batch: no pointer into JavaScript's memory outlives a call.
  void* data = nullptr;
  size_t length = 0;
  if (napi_get_arraybuffer_info(env_, columns, &data, &length) != napi_ok) return kBadArgument;
  return FillColumns(
      *poller_, outcome.woken, {static_cast<uint8_t*>(data), data == nullptr ? 0 : length});
}

bool Host::Tell(napi_value deliver, int64_t answer) {
  delivering_ = true;
  const napi_status status = Call(deliver, ToValue(env_, answer));
  // Anything else is an environment that is stopping.
  if (status == napi_pending_exception) ReportException(env_);
  delivering_ = false;
  return !detached() && (status == napi_ok || status == napi_pending_exception);
}

bool Host::Deliver(const Poller::Outcome& outcome) {
  // Detaching from within must not free this.
  const std::shared_ptr<Host> self = shared_from_this();
  // A new batch, as for pollerWait: nothing of it was received yet.
  PollerEntry* entry = environment_->pollers.Find(handle_);
  if (entry != nullptr) entry->batch.Forget();
  const bool something = !outcome.status.ok() || outcome.woken || !poller_->events().empty();
  napi_handle_scope scope = nullptr;
  if (napi_open_handle_scope(env_, &scope) != napi_ok) return false;
  napi_value deliver = nullptr;
  napi_value columns = nullptr;
  bool going_on = Get(env_, deliver_, &deliver) && Get(env_, columns_, &columns);
  if (going_on && something) going_on = Tell(deliver, Fill(outcome, columns));
  if (going_on) {
    const Status status = Apply();
    if (!status.ok()) Tell(deliver, ToAnswer(status));
    going_on = status.ok();
  }
  napi_close_handle_scope(env_, scope);
  return going_on && !held() && !detached();
}

namespace {

Host* FindHost(const Arguments& arguments) {
  const PollerEntry* entry = arguments.FindPoller(0);
  return entry == nullptr ? nullptr : entry->host.get();
}

bool IsFunction(napi_env env, napi_value value) {
  napi_valuetype type = napi_undefined;
  return napi_typeof(env, value, &type) == napi_ok && type == napi_function;
}

// (poller, on a thread, deliver, ArrayBuffer of the columns) → 0. Begins held and unreferenced.
napi_value JS_hostPoller(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  bool on_thread = false;
  Bytes columns;
  if (!arguments.Boolean(1, &on_thread) || !IsFunction(env, arguments.at(2)) ||
      !arguments.Buffer(3, &columns)) {
    return ToValue(env, kBadArgument);
  }
  PollerEntry* entry = arguments.FindPoller(0);
  if (entry == nullptr) return ToValue(env, kClosedHandle);
  if (entry->host != nullptr) return ToValue(env, kBadArgument);
  Environment& environment = arguments.environment();
  environment.RemoveInterruptSources();
  int32_t handle = -1;
  arguments.Int32(0, &handle);
  const auto make = on_thread ? HostOnThread : HostOnLoop;
  const std::shared_ptr<Host> host = make(env, &environment, handle, entry->get());
  // In its place before it starts, which may run code that closes this poller or opens others.
  entry->host = host;
  const Status status = host->Start(arguments.at(2), arguments.at(3));
  entry = arguments.FindPoller(0);
  if (entry == nullptr) return ToValue(env, kClosedHandle);
  if (!status.ok() && entry->host == host) entry->host = nullptr;
  return ToValue(env, ToAnswer(status));
}

// (poller) → 0; also when it was not hosted
napi_value JS_unhostPoller(napi_env env, napi_callback_info info) {
  PollerEntry* entry = Arguments(env, info).FindPoller(0);
  if (entry != nullptr && entry->host != nullptr) std::exchange(entry->host, nullptr)->Detach();
  return ToValue(env, 0);
}

// (poller, held) → 0
napi_value JS_holdPoller(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  bool held = false;
  Host* host = FindHost(arguments);
  if (host == nullptr || !arguments.Boolean(1, &held)) return ToValue(env, kBadArgument);
  return ToValue(env, ToAnswer(host->Hold(held)));
}

// (poller, alive) → 0
napi_value JS_keepAlivePoller(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  bool alive = false;
  Host* host = FindHost(arguments);
  if (host == nullptr || !arguments.Boolean(1, &alive)) return ToValue(env, kBadArgument);
  host->KeepAlive(alive);
  return ToValue(env, 0);
}

// (poller, place in the batch) → 0
napi_value JS_rearmPoller(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  uint32_t from = 0;
  const PollerEntry* entry = arguments.FindPoller(0);
  if (entry == nullptr || !arguments.Uint32(1, &from)) return ToValue(env, kBadArgument);
  entry->get()->Rearm(from);
  return ToValue(env, 0);
}

constexpr Function kHostingFunctions[] = {
    {"hostPoller", JS_hostPoller},
    {"unhostPoller", JS_unhostPoller},
    {"holdPoller", JS_holdPoller},
    {"keepAlivePoller", JS_keepAlivePoller},
    {"rearmPoller", JS_rearmPoller},
};

}  // namespace

void DefineHosting(napi_env env, napi_value exports, Environment* environment) {
  Define(env, exports, environment, kHostingFunctions);
}

}  // namespace fdpoll::binding
