#include <climits>

#include "binding/convert.h"
#include "core/socket_options.h"

namespace fdpoll::binding {

namespace {

// (handle, level, name, view) → how many bytes of the view were filled
napi_value JS_getOption(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const SocketEntry* socket = arguments.FindSocket(0);
  if (socket == nullptr) return ToValue(env, kClosedHandle);
  int32_t level = 0;
  int32_t name = 0;
  Bytes bytes;
  if (!arguments.Int32(1, &level) || !arguments.Int32(2, &name) || !arguments.View(3, &bytes) ||
      bytes.length > INT_MAX) {
    return ToValue(env, kBadArgument);
  }
  const Result<size_t> filled = GetOption(socket->get(), level, name, bytes.data, bytes.length);
  if (!filled.ok()) return ToValue(env, ToAnswer(filled.status));
  return ToValue(env, static_cast<int64_t>(filled.value));
}

// (handle, level, name, int or view) → 0
napi_value JS_setOption(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const SocketEntry* socket = arguments.FindSocket(0);
  if (socket == nullptr) return ToValue(env, kClosedHandle);
  int32_t level = 0;
  int32_t name = 0;
  int32_t value = 0;
  if (!arguments.Int32(1, &level) || !arguments.Int32(2, &name)) return ToValue(env, kBadArgument);
  if (arguments.Int32(3, &value))
    return ToValue(env, ToAnswer(SetOption(socket->get(), level, name, value)));
  Bytes bytes;
  if (!arguments.View(3, &bytes) || bytes.length > INT_MAX) return ToValue(env, kBadArgument);
  return ToValue(env, ToAnswer(SetOption(socket->get(), level, name, bytes.data, bytes.length)));
}

// (handle) → [pid or -1, uid, gid] or a negative number
napi_value JS_peerCredentials(napi_env env, napi_callback_info info) {
  const SocketEntry* socket = Arguments(env, info).FindSocket(0);
  if (socket == nullptr) return ToValue(env, kClosedHandle);
  const Result<os::Credentials> peer = PeerCredentials(socket->get());
  if (!peer.ok()) return ToValue(env, ToAnswer(peer.status));
  const int64_t answers[] = {peer.value.pid, peer.value.uid, peer.value.gid};
  napi_value list = nullptr;
  napi_create_array_with_length(env, 3, &list);
  for (uint32_t i = 0; i < 3; i++) napi_set_element(env, list, i, ToValue(env, answers[i]));
  return list;
}

constexpr Function kOptionFunctions[] = {
    {"getOption", JS_getOption},
    {"setOption", JS_setOption},
    {"peerCredentials", JS_peerCredentials},
};

}  // namespace

void DefineOption(napi_env env, napi_value exports, Environment* environment) {
  Define(env, exports, environment, kOptionFunctions);
}

}  // namespace fdpoll::binding
