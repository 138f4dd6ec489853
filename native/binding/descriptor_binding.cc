#include "binding/convert.h"
#include "core/os.h"
#include "core/owned_fd.h"

namespace fdpoll::binding {

namespace {

// (fd) → 0
napi_value JS_close(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  int fd = -1;
  if (!arguments.Descriptor(0, &fd)) return ToValue(env, kBadArgument);
  return ToValue(env, ToAnswer(CloseDescriptor(fd)));
}

// (fd) → another descriptor of the same open file, close-on-exec
napi_value JS_dup(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  int fd = -1;
  if (!arguments.Descriptor(0, &fd)) return ToValue(env, kBadArgument);
  Result<OwnedFd> copy = os::Duplicate(fd);
  return ToValue(env, copy.ok() ? copy.value.Release() : ToAnswer(copy.status));
}

// (fd) → as dup, closed with the environment
napi_value JS_keepDuplicate(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  int fd = -1;
  if (!arguments.Descriptor(0, &fd)) return ToValue(env, kBadArgument);
  Result<OwnedFd> copy = os::Duplicate(fd);
  if (!copy.ok()) return ToValue(env, ToAnswer(copy.status));
  const int number = copy.value.get();
  OwnedFd& place = arguments.environment().kept[number];
  // What had the number was closed by others, or it would not be free.
  static_cast<void>(place.Release());
  place = std::move(copy.value);
  return ToValue(env, number);
}

// (fd) → 0; -1 for what is not kept
napi_value JS_closeKept(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  int fd = -1;
  if (!arguments.Descriptor(0, &fd)) return ToValue(env, kBadArgument);
  return ToValue(env, arguments.environment().kept.erase(fd) == 1 ? 0 : -1);
}

// () → [read, write] or a negative number
napi_value JS_pipe(napi_env env, napi_callback_info) {
  OwnedFd ends[2];
  const Status status = os::OpenPipe(ends);
  if (!status.ok()) return ToValue(env, ToAnswer(status));
  napi_value pair = nullptr;
  napi_create_array_with_length(env, 2, &pair);
  for (uint32_t i = 0; i < 2; i++) napi_set_element(env, pair, i, ToValue(env, ends[i].Release()));
  return pair;
}

constexpr Function kFunctions[] = {
    {"close", JS_close},
    {"dup", JS_dup},
    {"keepDuplicate", JS_keepDuplicate},
    {"closeKept", JS_closeKept},
    {"pipe", JS_pipe},
};

}  // namespace

void DefineDescriptor(napi_env env, napi_value exports, Environment* environment) {
  Define(env, exports, environment, kFunctions);
}

}  // namespace fdpoll::binding
