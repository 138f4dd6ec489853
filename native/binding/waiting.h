// Blocking without holding a Worker hostage.
#pragma once

#include <algorithm>

#include "binding/environment.h"
#include "core/clock.h"

namespace fdpoll::binding {

// How long a Worker sleeps before it looks whether it is being terminated.
constexpr Nanoseconds kSlice = 100 * kMillisecond;

// Calls `wait(slice)` until it returns true or the time is over: once with all of it on the main
// thread, in slices with a look-up between them in a Worker. False when the Worker is being
// terminated: return to JavaScript at once. An array buffer taken before stays valid: the look-up
// calls a function of lib/ that does nothing.
template <typename Wait>
bool WaitInSlices(napi_env env, const Environment& environment, Nanoseconds timeout, Wait&& wait) {
  const Deadline deadline(timeout);
  for (Nanoseconds left = timeout;; left = deadline.Left()) {
    const bool slicing = environment.must_look_up() && left > 0;
    if (wait(slicing ? std::min(left, kSlice) : left)) return true;
    if (slicing && !environment.StillRunning(env)) return false;
    if (deadline.Left() == 0) return true;
  }
}

}  // namespace fdpoll::binding
