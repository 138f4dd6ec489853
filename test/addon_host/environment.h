// One environment, as Node has one for each thread: its handles, its exception, what the addon has left with it, and a
// main loop for its thread-safe functions. What an addon must not do (a call on another thread, a handle after its
// scope) ends the process.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <thread>

#include "value.h"

namespace host {
struct CleanupHook {
  void (*function)(void*);
  void* argument;
};
}  // namespace host

// These names are Node-API's.
struct napi_ref__ {
  host::ValuePtr value;
};

struct napi_callback_info__ {
  const host::NativeFunction* function;
  std::vector<napi_value> arguments;
};

struct napi_threadsafe_function__ {
  napi_env env;
  void* context;
  void* finalize_data;
  napi_finalize finalize;
  napi_threadsafe_function_call_js call;
  // Under the environment's lock:
  std::deque<void*> queue;
  bool released = false;
  bool referenced = true;
};

struct napi_env__ {
  napi_env__() = default;
  ~napi_env__() { End(); }
  napi_env__(const napi_env__&) = delete;
  napi_env__& operator=(const napi_env__&) = delete;

  // ---- what Node-API's functions are made of ----
  napi_value Push(host::ValuePtr value);
  const host::ValuePtr& At(napi_value handle) const;
  // Null when an exception is pending afterwards.
  host::ValuePtr Call(const host::ValuePtr& function, const std::vector<host::ValuePtr>& arguments);
  void CheckThread() const;

  void Post(napi_threadsafe_function function, void* data);
  void Release(napi_threadsafe_function function);
  void SetReferenced(napi_threadsafe_function function, bool referenced);

  std::deque<host::ValuePtr> handles;
  host::ValuePtr exception;
  std::vector<host::ValuePtr> uncaught;
  // Node refuses to call anything once a Worker is being terminated.
  std::atomic<bool> terminating{false};
  std::set<napi_ref> references;
  std::set<napi_threadsafe_function> functions;
  std::vector<host::CleanupHook> hooks;
  void* instance_data = nullptr;
  napi_finalize free_instance_data = nullptr;
  void* instance_data_hint = nullptr;

  // ---- what the checks use ----
  // Calls back for what the thread-safe functions have in their queues, until the condition holds. False when nothing
  // came for ten seconds.
  bool RunUntil(const std::function<bool()>& condition);
  // As RunUntil, with what is there already; without waiting.
  void RunOnce();
  // How many thread-safe functions would keep the loop running.
  size_t KeepingAlive();
  // The end of the environment: the hooks in reverse order, then the instance data, then what is in the queues.
  void End();
  bool ended() const { return ended_; }
  size_t finalized() const { return finalized_; }

 private:
  bool RunOne();
  std::thread::id thread_ = std::this_thread::get_id();
  std::mutex lock_;
  std::condition_variable wakeup_;
  size_t finalized_ = 0;
  bool ended_ = false;
};

namespace host {

// Every handle that is made meanwhile is gone with it.
class HandleScope {
 public:
  explicit HandleScope(napi_env env) : env_(env), size_(env->handles.size()) {}
  ~HandleScope() { Shrink(env_, size_); }
  HandleScope(const HandleScope&) = delete;
  HandleScope& operator=(const HandleScope&) = delete;
  static void Shrink(napi_env env, size_t size) {
    while (env->handles.size() > size) env->handles.pop_back();
  }

 private:
  napi_env env_;
  size_t size_;
};

// Says what is wrong and ends the process.
[[noreturn]] void Die(const char* what);

}  // namespace host
