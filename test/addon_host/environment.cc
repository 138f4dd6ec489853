#include "environment.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace host {

void Die(const char* what) {
  std::fprintf(stderr, "addon_host: %s\n", what);
  std::exit(1);
}

}  // namespace host

using host::HandleScope;
using host::ValuePtr;

void napi_env__::CheckThread() const {
  if (std::this_thread::get_id() != thread_) host::Die("Node-API is called on another thread");
}

// A handle is a place in a deque, which does not move when others are pushed. One after the other, they are never 0.
napi_value napi_env__::Push(ValuePtr value) {
  handles.push_back(std::move(value));
  return reinterpret_cast<napi_value>(handles.size());
}

const ValuePtr& napi_env__::At(napi_value handle) const {
  const auto place = reinterpret_cast<size_t>(handle);
  if (place == 0 || place > handles.size()) host::Die("a handle is used after its scope");
  return handles[place - 1];
}

ValuePtr napi_env__::Call(const ValuePtr& function, const std::vector<ValuePtr>& arguments) {
  if (const auto* callable = function->As<host::Callable>()) return (*callable)(arguments);
  const auto* native = function->As<host::NativeFunction>();
  if (native == nullptr) host::Die("what is called is no function");
  const HandleScope scope(this);
  napi_callback_info__ info{native, {}};
  for (const ValuePtr& argument : arguments) info.arguments.push_back(Push(argument));
  napi_value result = native->callback(this, &info);
  if (exception != nullptr) return nullptr;
  return result == nullptr ? host::Make(host::Undefined{}) : At(result);
}

void napi_env__::Post(napi_threadsafe_function function, void* data) {
  const std::lock_guard<std::mutex> guard(lock_);
  function->queue.push_back(data);
  wakeup_.notify_all();
}

void napi_env__::Release(napi_threadsafe_function function) {
  const std::lock_guard<std::mutex> guard(lock_);
  function->released = true;
  wakeup_.notify_all();
}

void napi_env__::SetReferenced(napi_threadsafe_function function, bool referenced) {
  CheckThread();
  const std::lock_guard<std::mutex> guard(lock_);
  function->referenced = referenced;
}

// What a released function has in its queue is called before it is finalized.
bool napi_env__::RunOne() {
  std::unique_lock<std::mutex> guard(lock_);
  for (napi_threadsafe_function function : functions) {
    const bool something = !function->queue.empty();
    if (!something && !function->released) continue;
    void* data = nullptr;
    if (something) {
      data = function->queue.front();
      function->queue.pop_front();
    } else {
      functions.erase(function);
    }
    guard.unlock();
    const HandleScope scope(this);
    if (something) {
      function->call(ended_ ? nullptr : this, nullptr, function->context, data);
    } else {
      function->finalize(this, function->finalize_data, function->context);
      finalized_++;
      delete function;
    }
    return true;
  }
  return false;
}

void napi_env__::RunOnce() {
  while (RunOne()) {
  }
}

bool napi_env__::RunUntil(const std::function<bool()>& condition) {
  constexpr auto kPatience = std::chrono::seconds(10);
  while (!condition()) {
    if (RunOne()) continue;
    std::unique_lock<std::mutex> guard(lock_);
    const bool came = wakeup_.wait_for(guard, kPatience, [this] {
      for (const auto* function : functions) {
        if (function->released || !function->queue.empty()) return true;
      }
      return false;
    });
    if (!came) return false;
  }
  return true;
}

size_t napi_env__::KeepingAlive() {
  const std::lock_guard<std::mutex> guard(lock_);
  size_t count = 0;
  for (const auto* function : functions) count += function->referenced && !function->released;
  return count;
}

void napi_env__::End() {
  if (ended_) return;
  while (!hooks.empty()) {
    const host::CleanupHook hook = hooks.back();
    hooks.pop_back();
    hook.function(hook.argument);
  }
  if (free_instance_data != nullptr) free_instance_data(this, instance_data, instance_data_hint);
  ended_ = true;
  RunOnce();
}
