#include "binding/convert.h"
#include "binding/waiting.h"
#include "core/backend.h"
#include "core/readiness.h"
#include "core/waker_table.h"

namespace fdpoll::binding {

namespace {

// A DataView may start anywhere; what is read as numbers of 32 bits may not.
bool Aligned(const Bytes& bytes) {
  return reinterpret_cast<uintptr_t>(bytes.data) % alignof(int32_t) == 0;
}

// (fd, interest, timeout) → flags, 0 when the time is over
napi_value JS_waitFor(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  int fd = -1;
  uint32_t interest = 0;
  Nanoseconds timeout = 0;
  if (!arguments.Descriptor(0, &fd) || !arguments.Uint32(1, &interest) ||
      !arguments.Timeout(2, &timeout)) {
    return ToValue(env, kBadArgument);
  }
  Result<uint32_t> flags = uint32_t{0};
  const bool running = WaitInSlices(env, arguments.environment(), timeout, [&](Nanoseconds slice) {
    flags = WaitForReadiness(fd, interest, slice);
    return !flags.ok() || flags.value != 0;
  });
  if (!running) return nullptr;
  return ToValue(env, flags.ok() ? flags.value : ToAnswer(flags.status));
}

// (Int32Array fds, Uint32Array interests, Uint32Array flags, timeout) → how many are ready
napi_value JS_waitForAll(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  Nanoseconds timeout = 0;
  Bytes fds;
  Bytes interests;
  Bytes flags;
  if (!arguments.Timeout(3, &timeout) || !arguments.View(0, &fds) ||
      !arguments.View(1, &interests) || !arguments.View(2, &flags) ||
      fds.length != interests.length || fds.length != flags.length || !Aligned(fds) ||
      !Aligned(interests) || !Aligned(flags)) {
    return ToValue(env, kBadArgument);
  }
  Result<size_t> ready = size_t{0};
  const bool running = WaitInSlices(env, arguments.environment(), timeout, [&](Nanoseconds slice) {
    ready = WaitForReadiness(reinterpret_cast<const int32_t*>(fds.data),
                             reinterpret_cast<const uint32_t*>(interests.data),
                             reinterpret_cast<uint32_t*>(flags.data),
                             fds.length / sizeof(int32_t),
                             slice);
    return !ready.ok() || ready.value != 0;
  });
  if (!running) return nullptr;
  return ToValue(env, ready.ok() ? static_cast<int64_t>(ready.value) : ToAnswer(ready.status));
}

// (waker handle) → 1, or 0 when its poller is gone
napi_value JS_wake(napi_env env, napi_callback_info info) {
  int64_t handle = -1;
  const bool woken = Arguments(env, info).Int64(0, &handle) && WakerTable::OfProcess().Wake(handle);
  return ToValue(env, woken ? 1 : 0);
}

constexpr Function kReadinessFunctions[] = {
    {"waitFor", JS_waitFor},
    {"waitForAll", JS_waitForAll},
    {"wake", JS_wake},
};

}  // namespace

void DefineReadiness(napi_env env, napi_value exports, Environment* environment) {
  Define(env, exports, environment, kReadinessFunctions);
}

}  // namespace fdpoll::binding
