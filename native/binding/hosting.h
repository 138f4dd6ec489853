// What drives a started poller from the runtime's own event loop: hosting_loop.cc or
// hosting_thread.cc. Belongs to one PollerEntry, and outlives it by as long as the runtime needs to
// let go of it.
#pragma once

#include <node_api.h>

#include <memory>

#include "binding/convert.h"
#include "binding/environment.h"
#include "core/poller.h"

namespace fdpoll::binding {

class Host : public std::enable_shared_from_this<Host> {
 public:
  // `handle` finds the poller's entry.
  Host(napi_env env, Environment* environment, int32_t handle, Poller* poller)
      : env_(env), environment_(environment), handle_(handle), poller_(poller) {}
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;
  virtual ~Host() = default;

  // Keeps `deliver` (number of events, plus the bit for "woken"; or a negative answer) and the
  // ArrayBuffer of the columns. Begins held, unreferenced. What fails leaves nothing behind.
  Status Start(napi_value deliver, napi_value columns);
  // Held: no batch is collected. Inside `deliver` it takes effect when that returns.
  Status Hold(bool held);
  // Whether it keeps the process alive.
  virtual void KeepAlive(bool alive) = 0;
  // The poller is about to go, or to be the owner's again. Twice is fine.
  void Detach();

 protected:
  virtual Status Open() = 0;
  virtual void Close() = 0;
  // `held()` has changed, or a batch was delivered: goes on, or pauses.
  virtual Status Apply() = 0;
  virtual napi_status Call(napi_value function, napi_value argument) = 0;

  bool held() const { return held_; }
  bool detached() const { return poller_ == nullptr; }
  // Tells `deliver` what the poller has, if it has something, and goes on. Whether the next batch may
  // come: not when it is held or detached by now.
  bool Deliver(const Poller::Outcome& outcome);

  napi_env const env_;
  Environment* const environment_;
  const int32_t handle_;
  Poller* poller_;  // nullptr once detached

 private:
  int64_t Fill(const Poller::Outcome& outcome, napi_value columns) const;
  // False when the host was detached meanwhile, or the environment is stopping.
  bool Tell(napi_value deliver, int64_t answer);

  napi_ref deliver_ = nullptr;
  napi_ref columns_ = nullptr;
  bool exposed_ = false;
  bool held_ = true;
  bool delivering_ = false;
};

// On the runtime's own libuv loop; refused by Start where there is none.
std::shared_ptr<Host> HostOnLoop(napi_env env,
                                 Environment* environment,
                                 int32_t handle,
                                 Poller* poller);
// With a helper thread and a thread-safe function.
std::shared_ptr<Host> HostOnThread(napi_env env,
                                   Environment* environment,
                                   int32_t handle,
                                   Poller* poller);

// Writes the current batch into the columns of lib/events.ts (poller_binding.cc): number of events,
// plus the bit for "woken"; kBadArgument when the columns are not whole.
int64_t FillColumns(const Poller& poller, bool woken, const Bytes& columns);

}  // namespace fdpoll::binding
