#include "binding/convert.h"
#include "core/descriptor.h"
#include "core/os.h"
#include "core/owned_fd.h"

namespace fdpoll::binding {

namespace {

// A new descriptor, which is the caller's from here on.
napi_value Given(napi_env env, Result<OwnedFd> fd) {
  return ToValue(env, fd.ok() ? fd.value.Release() : ToAnswer(fd.status));
}

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
  return Given(env, os::Duplicate(fd));
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
  if (napi_create_array_with_length(env, 2, &pair) != napi_ok) return nullptr;
  for (uint32_t i = 0; i < 2; i++) {
    // In a Worker that is being terminated: both are closed here, or nobody would.
    if (napi_set_element(env, pair, i, ToValue(env, ends[i].get())) != napi_ok) return nullptr;
  }
  for (OwnedFd& end : ends) static_cast<void>(end.Release());
  return pair;
}

// (initial value) → a non-blocking eventfd
napi_value JS_eventfd(napi_env env, napi_callback_info info) {
  int64_t initial = 0;
  if (!Arguments(env, info).Integer(0, 0, UINT32_MAX, &initial)) return ToValue(env, kBadArgument);
  return Given(env, OpenEventfd(static_cast<uint32_t>(initial)));
}

// (name) → a file in memory
napi_value JS_memfd(napi_env env, napi_callback_info info) {
  std::string name;
  if (!Arguments(env, info).Text(0, &name) || name.find('\0') != std::string::npos)
    return ToValue(env, kBadArgument);
  return Given(env, OpenMemfd(name.c_str()));
}

// (fd, on) → 0
napi_value JS_setNonBlocking(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  int fd = -1;
  bool on = false;
  if (!arguments.Descriptor(0, &fd) || !arguments.Boolean(1, &on))
    return ToValue(env, kBadArgument);
  return ToValue(env, ToAnswer(SetNonBlocking(fd, on)));
}

// (fd) → 0
napi_value JS_setCloseOnExec(napi_env env, napi_callback_info info) {
  int fd = -1;
  if (!Arguments(env, info).Descriptor(0, &fd)) return ToValue(env, kBadArgument);
  return ToValue(env, ToAnswer(SetCloseOnExec(fd)));
}

// (fd, request, number or view) → what the call answers, -1 when it would block
napi_value JS_ioctl(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  int fd = -1;
  int64_t request = 0;
  int64_t number = 0;
  Bytes bytes;
  if (!arguments.Descriptor(0, &fd) || !arguments.Integer(1, 0, UINT32_MAX, &request))
    return ToValue(env, kBadArgument);
  const auto command = static_cast<uint32_t>(request);
  if (arguments.Integer(2, INT32_MIN, UINT32_MAX, &number)) {
    const Result<int64_t> result = Ioctl(fd, command, number);
    return ToValue(env, result.ok() ? result.value : ToAnswer(result.status));
  }
  if (!arguments.View(2, &bytes)) return ToValue(env, kBadArgument);
  const Result<int64_t> result = Ioctl(fd, command, bytes.data, bytes.length);
  return ToValue(env, result.ok() ? result.value : ToAnswer(result.status));
}

constexpr Function kDescriptorFunctions[] = {
    {"close", JS_close},
    {"dup", JS_dup},
    {"keepDuplicate", JS_keepDuplicate},
    {"closeKept", JS_closeKept},
    {"pipe", JS_pipe},
    {"eventfd", JS_eventfd},
    {"memfd", JS_memfd},
    {"setNonBlocking", JS_setNonBlocking},
    {"setCloseOnExec", JS_setCloseOnExec},
    {"ioctl", JS_ioctl},
};

}  // namespace

void DefineDescriptor(napi_env env, napi_value exports, Environment* environment) {
  Define(env, exports, environment, kDescriptorFunctions);
}

}  // namespace fdpoll::binding
