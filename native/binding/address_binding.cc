#include "binding/address_value.h"
#include "binding/convert.h"
#include "core/address.h"
#include "core/socket.h"

namespace fdpoll::binding {

namespace {

napi_value ToEncoded(napi_env env, Encoded encoded, const Address& address) {
  if (encoded == Encoded::kNoFamily)
    return ToValue(env, ToAnswer(Status::Failed(Call::kSocket, EAFNOSUPPORT)));
  if (encoded != Encoded::kOk) return ToValue(env, kBadArgument);
  return ToBytes(env, address.bytes());
}

bool ToUint32(const Arguments& arguments, size_t i, uint32_t* out, uint32_t most = UINT32_MAX) {
  int64_t number = 0;
  if (!arguments.Integer(i, 0, most, &number)) return false;
  *out = static_cast<uint32_t>(number);
  return true;
}

// An interface's index as the kernel counts, from 1.
constexpr uint32_t kInterfaceMax = INT32_MAX;

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

// (context id, port) → bytes of a sockaddr_vm
napi_value JS_encodeVsock(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  uint32_t cid = 0;
  uint32_t port = 0;
  if (!ToUint32(arguments, 0, &cid) || !ToUint32(arguments, 1, &port))
    return ToValue(env, kBadArgument);
  Address address;
  return ToEncoded(env, EncodeVsock(cid, port, &address), address);
}

// (port id, groups) → bytes of a sockaddr_nl
napi_value JS_encodeNetlink(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  uint32_t pid = 0;
  uint32_t groups = 0;
  if (!ToUint32(arguments, 0, &pid) || !ToUint32(arguments, 1, &groups))
    return ToValue(env, kBadArgument);
  Address address;
  return ToEncoded(env, EncodeNetlink(pid, groups, &address), address);
}

// (interface, protocol in host order, hardware address) → bytes of a sockaddr_ll
napi_value JS_encodePacket(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  uint32_t interface = 0;
  uint32_t protocol = 0;
  Bytes hardware;
  if (!ToUint32(arguments, 0, &interface, kInterfaceMax) ||
      !ToUint32(arguments, 1, &protocol, UINT16_MAX) || !arguments.View(2, &hardware)) {
    return ToValue(env, kBadArgument);
  }
  Address address;
  const Encoded encoded =
      EncodePacket(interface,
                   static_cast<uint16_t>(protocol),
                   {reinterpret_cast<const char*>(hardware.data), hardware.length},
                   &address);
  return ToEncoded(env, encoded, address);
}

// (interface) → bytes of a sockaddr_can
napi_value JS_encodeCan(napi_env env, napi_callback_info info) {
  uint32_t interface = 0;
  if (!ToUint32(Arguments(env, info), 0, &interface, kInterfaceMax))
    return ToValue(env, kBadArgument);
  Address address;
  return ToEncoded(env, EncodeCan(interface, &address), address);
}

// (bytes of a sockaddr) → what it says: see ToObject
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

// (name) → index of the network interface
napi_value JS_interfaceIndex(napi_env env, napi_callback_info info) {
  std::string name;
  if (!Arguments(env, info).Text(0, &name)) return ToValue(env, kBadArgument);
  const Result<uint32_t> index = InterfaceIndex(name);
  return ToValue(env, index.ok() ? index.value : ToAnswer(index.status));
}

// (index) → name of the network interface, or a negative number
napi_value JS_interfaceName(napi_env env, napi_callback_info info) {
  uint32_t index = 0;
  if (!ToUint32(Arguments(env, info), 0, &index)) return ToValue(env, kBadArgument);
  const Result<InterfaceLabel> name = InterfaceName(index);
  if (!name.ok()) return ToValue(env, ToAnswer(name.status));
  napi_value text = nullptr;
  napi_create_string_utf8(env, name.value.text, NAPI_AUTO_LENGTH, &text);
  return text;
}

constexpr Function kAddressFunctions[] = {
    {"encodeInet", JS_encodeInet},
    {"encodeInet6", JS_encodeInet6},
    {"encodeUnix", JS_encodeUnix},
    {"encodeVsock", JS_encodeVsock},
    {"encodeNetlink", JS_encodeNetlink},
    {"encodePacket", JS_encodePacket},
    {"encodeCan", JS_encodeCan},
    {"decodeAddress", JS_decodeAddress},
    {"socketAddress", JS_socketAddress},
    {"interfaceIndex", JS_interfaceIndex},
    {"interfaceName", JS_interfaceName},
};

void Set(napi_env env, napi_value object, const char* name, int64_t number) {
  napi_set_named_property(env, object, name, ToValue(env, number));
}

void SetHost(napi_env env, napi_value object, const Decoded& decoded) {
  napi_value host = nullptr;
  napi_create_string_latin1(env, decoded.host, NAPI_AUTO_LENGTH, &host);
  napi_set_named_property(env, object, "host", host);
  Set(env, object, "port", decoded.port);
}

}  // namespace

napi_value ToObject(napi_env env, const Address& address) {
  const Decoded decoded = Decode(address);
  napi_value object = nullptr;
  napi_create_object(env, &object);
  Set(env, object, "family", decoded.family);
  const auto bytes = [&] {
    napi_set_named_property(env, object, "bytes", ToBytes(env, address.bytes()));
  };
  switch (decoded.kind) {
    case Decoded::Kind::kBytes:
      bytes();
      break;
    case Decoded::Kind::kInet:
      SetHost(env, object, decoded);
      break;
    case Decoded::Kind::kInet6:
      SetHost(env, object, decoded);
      if (decoded.scope != 0) Set(env, object, "scopeId", decoded.scope);
      if (decoded.flow != 0) Set(env, object, "flowInfo", decoded.flow);
      break;
    case Decoded::Kind::kUnix:
      napi_set_named_property(env, object, "path", ToBytes(env, decoded.text));
      bytes();
      break;
    case Decoded::Kind::kVsock:
      Set(env, object, "cid", decoded.cid);
      Set(env, object, "port", decoded.port);
      break;
    case Decoded::Kind::kNetlink:
      Set(env, object, "pid", decoded.pid);
      Set(env, object, "groups", decoded.groups);
      break;
    case Decoded::Kind::kPacket:
      Set(env, object, "interface", decoded.interface);
      Set(env, object, "protocol", decoded.port);
      if (!decoded.text.empty())
        napi_set_named_property(env, object, "address", ToBytes(env, decoded.text));
      break;
    case Decoded::Kind::kCan:
      Set(env, object, "interface", decoded.interface);
      break;
  }
  return object;
}

void DefineAddress(napi_env env, napi_value exports, Environment* environment) {
  Define(env, exports, environment, kAddressFunctions);
}

}  // namespace fdpoll::binding
