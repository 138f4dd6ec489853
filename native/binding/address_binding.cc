#include <netinet/in.h>

#include "binding/convert.h"
#include "core/address.h"
#include "core/os.h"
#include "core/socket.h"

namespace fdpoll::binding {

namespace {

napi_value ToEncoded(napi_env env, Encoded encoded, const Address& address) {
  if (encoded != Encoded::kOk) return ToValue(env, kBadArgument);
  return ToBytes(env, &address.storage, address.length);
}

// (host, port) → bytes of a sockaddr_in
napi_value JS_encodeInet(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  std::string host;
  uint32_t port = 0;
  if (!arguments.Text(0, &host) || !arguments.Uint32(1, &port) || port > UINT16_MAX) {
    return ToValue(env, kBadArgument);
  }
  Address address;
  return ToEncoded(env, EncodeInet(host.c_str(), static_cast<uint16_t>(port), &address), address);
}

// (host, port, scope id, flow information) → bytes of a sockaddr_in6
napi_value JS_encodeInet6(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  std::string host;
  uint32_t port = 0;
  uint32_t scope = 0;
  uint32_t flow = 0;
  if (!arguments.Text(0, &host) || !arguments.Uint32(1, &port) || !arguments.Uint32(2, &scope) ||
      !arguments.Uint32(3, &flow) || port > UINT16_MAX) {
    return ToValue(env, kBadArgument);
  }
  Address address;
  const Encoded encoded =
      EncodeInet6(host.c_str(), static_cast<uint16_t>(port), scope, flow, &address);
  return ToEncoded(env, encoded, address);
}

// (bytes of the path) → bytes of a sockaddr_un
napi_value JS_encodeUnix(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  Bytes path;
  if (!arguments.View(0, &path)) return ToValue(env, kBadArgument);
  Address address;
  const Encoded encoded =
      EncodeUnix({reinterpret_cast<const char*>(path.data), path.length}, &address);
  return ToEncoded(env, encoded, address);
}

napi_value ToText(napi_env env, const std::string& text) {
  napi_value result = nullptr;
  napi_create_string_utf8(env, text.data(), text.size(), &result);
  return result;
}

napi_value ToObject(napi_env env, const Address& address) {
  const Decoded decoded = Decode(address);
  napi_value object = nullptr;
  if (napi_create_object(env, &object) != napi_ok) return nullptr;
  const auto set = [&](const char* name, napi_value value) {
    if (value != nullptr) napi_set_named_property(env, object, name, value);
  };
  set("family", ToValue(env, decoded.family));
  if (decoded.family == AF_INET || decoded.family == AF_INET6) {
    set("host", ToText(env, decoded.host));
    set("port", ToValue(env, decoded.port));
    set("scopeId", ToValue(env, decoded.scope));
    set("flowInfo", ToValue(env, decoded.flow));
  } else if (decoded.family == AF_UNIX) {
    set("path", ToBytes(env, decoded.path.data(), decoded.path.size()));
  }
  set("bytes", ToBytes(env, &address.storage, address.length));
  return object;
}

// (bytes of a sockaddr) → { family: number, host, port, scopeId, flowInfo | path, bytes }
napi_value JS_decodeAddress(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  Bytes bytes;
  Address address;
  if (!arguments.View(0, &bytes) ||
      EncodeRaw({reinterpret_cast<const char*>(bytes.data), bytes.length}, &address) !=
          Encoded::kOk) {
    return ToValue(env, kBadArgument);
  }
  return ToObject(env, address);
}

// (socket handle, true for the peer's) → the same object, or a negative number
napi_value JS_socketAddress(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  bool remote = false;
  const SocketEntry* socket = arguments.FindSocket(0);
  if (socket == nullptr) return ToValue(env, kClosedHandle);
  if (!arguments.Boolean(1, &remote)) return ToValue(env, kBadArgument);
  const Result<Address> address =
      remote ? RemoteAddress(socket->get()) : LocalAddress(socket->get());
  return address.ok() ? ToObject(env, address.value) : ToValue(env, ToAnswer(address.status));
}

// (name) → index of the network interface, 0 for none
napi_value JS_interfaceIndex(napi_env env, napi_callback_info info) {
  std::string name;
  if (!Arguments(env, info).Text(0, &name)) return ToValue(env, kBadArgument);
  return ToValue(env, InterfaceIndex(name.c_str()));
}

constexpr Function kFunctions[] = {
    {"encodeInet", JS_encodeInet},
    {"encodeInet6", JS_encodeInet6},
    {"encodeUnix", JS_encodeUnix},
    {"decodeAddress", JS_decodeAddress},
    {"socketAddress", JS_socketAddress},
    {"interfaceIndex", JS_interfaceIndex},
};

}  // namespace

void DefineAddress(napi_env env, napi_value exports, Environment* environment) {
  Define(env, exports, environment, kFunctions);
}

}  // namespace fdpoll::binding
