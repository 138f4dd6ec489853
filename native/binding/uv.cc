#include "binding/uv.h"

#include <dlfcn.h>

#include <cstring>

namespace fdpoll::binding {

namespace {

constexpr int kPollType = 8;  // UV_POLL

template <typename Function>
bool Find(const char* name, Function* out) {
  *out = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
  return *out != nullptr;
}

}  // namespace

bool Uv::Load(napi_env env) {
  size_t (*handle_size)(int) = nullptr;
  const char* (*type_name)(int) = nullptr;
  const bool found = Find("uv_handle_size", &handle_size) &&
                     Find("uv_handle_type_name", &type_name) && Find("uv_poll_init", &poll_init) &&
                     Find("uv_poll_start", &poll_start) && Find("uv_poll_stop", &poll_stop) &&
                     Find("uv_close", &close) && Find("uv_ref", &ref) && Find("uv_unref", &unref) &&
                     Find("uv_backend_fd", &backend_fd);
  if (!found) return false;
  const char* name = type_name(kPollType);
  if (name == nullptr || std::strcmp(name, "poll") != 0) return false;
  poll_size = handle_size(kPollType);
  return napi_get_uv_event_loop(env, &loop) == napi_ok && loop != nullptr;
}

}  // namespace fdpoll::binding
