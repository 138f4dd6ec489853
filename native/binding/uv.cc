#include "binding/uv.h"

#include <dlfcn.h>

#include <cstring>

namespace fdpoll::binding {

namespace {

constexpr int kPollType = 8;     // UV_POLL
constexpr int kSignalType = 16;  // UV_SIGNAL

template <typename Function>
bool Find(const char* name, Function* out) {
  *out = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
  return *out != nullptr;
}

// The size of a kind of handle, 0 when this libuv numbers its kinds otherwise.
size_t SizeOf(int type, const char* expected) {
  size_t (*handle_size)(int) = nullptr;
  const char* (*type_name)(int) = nullptr;
  if (!Find("uv_handle_size", &handle_size) || !Find("uv_handle_type_name", &type_name)) return 0;
  const char* name = type_name(type);
  return name != nullptr && std::strcmp(name, expected) == 0 ? handle_size(type) : 0;
}

}  // namespace

bool Uv::Load(napi_env env) {
  const bool found = Find("uv_poll_init", &poll_init) && Find("uv_poll_start", &poll_start) &&
                     Find("uv_poll_stop", &poll_stop) && Find("uv_close", &close) &&
                     Find("uv_ref", &ref) && Find("uv_unref", &unref) &&
                     Find("uv_backend_fd", &backend_fd);
  poll_size = SizeOf(kPollType, "poll");
  return found && poll_size > 0 && napi_get_uv_event_loop(env, &loop) == napi_ok && loop != nullptr;
}

bool UvLoop::Load() {
  const bool found = Find("uv_loop_size", &loop_size) && Find("uv_loop_init", &loop_init) &&
                     Find("uv_loop_close", &loop_close) && Find("uv_run", &run) &&
                     Find("uv_backend_fd", &backend_fd) && Find("uv_signal_init", &signal_init) &&
                     Find("uv_signal_start", &signal_start) && Find("uv_close", &close);
  signal_size = SizeOf(kSignalType, "signal");
  return found && signal_size > 0;
}

}  // namespace fdpoll::binding
