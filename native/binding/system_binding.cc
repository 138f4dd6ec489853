#include <napi.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/select.h>
#include <sys/socket.h>

#include "binding/convert.h"
#include "core/backends.h"

namespace fdpoll::binding {

namespace {

Napi::Object ToObject(Napi::Env env, const Traits& traits) {
  Napi::Object object = Napi::Object::New(env);
  object["edge"] = Napi::Boolean::New(env, traits.edge);
  object["oneshot"] = Napi::Boolean::New(env, true);
  object["exclusive"] = Napi::Boolean::New(env, traits.exclusive);
  object["priority"] = Napi::Boolean::New(env, traits.priority);
  object["available"] = Napi::Boolean::New(env, traits.available);
  object["nanoseconds"] = Napi::Boolean::New(env, traits.nanoseconds);
  object["pollable"] = Napi::Boolean::New(env, traits.pollable);
  return object;
}

// () → [{ name, compiled, absent?, opened, capabilities? }], best first. `opened` is what opening
// one answered just now: 0, or the failure of the system call that refused it.
napi_value JS_backends(napi_env raw_env, napi_callback_info) {
  const Napi::Env env(raw_env);
  const BackendTable table = AllBackends();
  Napi::Array list = Napi::Array::New(env, table.count);
  for (size_t i = 0; i < table.count; i++) {
    const BackendEntry& entry = table.entries[i];
    Napi::Object object = Napi::Object::New(env);
    object["name"] = Napi::String::New(env, entry.name);
    object["compiled"] = Napi::Boolean::New(env, entry.open != nullptr);
    if (entry.open == nullptr) {
      object["absent"] = Napi::String::New(env, entry.absent_because);
    } else {
      object["opened"] = Napi::Number::New(env, static_cast<double>(ToAnswer(entry.open().status)));
      object["capabilities"] = ToObject(env, *entry.traits);
    }
    list[static_cast<uint32_t>(i)] = object;
  }
  return list;
}

// (call) → its name
napi_value JS_callName(napi_env env, napi_callback_info info) {
  uint32_t call = 0;
  Arguments(env, info).Uint32(0, &call);
  return Napi::String::New(env, CallName(call));
}

// (errno) → its symbol and what it means, [name, text]; the name of one that is unknown is ""
napi_value JS_describeErrno(napi_env env, napi_callback_info info) {
  int32_t error = 0;
  Arguments(env, info).Int32(0, &error);
  const char* name = ErrnoName(error);
  Napi::Array pair = Napi::Array::New(env, 2);
  pair[0u] = Napi::String::New(env, name == nullptr ? "" : name);
  pair[1u] = Napi::String::New(env, ErrnoText(error));
  return pair;
}

// () → this system's numbers, by name
napi_value JS_constants(napi_env raw_env, napi_callback_info) {
  const Napi::Env env(raw_env);
  Napi::Object object = Napi::Object::New(env);
  const struct {
    const char* name;
    int value;
  } constants[] = {
      {"AF_UNSPEC", AF_UNSPEC},
      {"AF_INET", AF_INET},
      {"AF_INET6", AF_INET6},
      {"AF_UNIX", AF_UNIX},
      {"SOCK_STREAM", SOCK_STREAM},
      {"SOCK_DGRAM", SOCK_DGRAM},
      {"SOCK_RAW", SOCK_RAW},
      {"SOCK_SEQPACKET", SOCK_SEQPACKET},
      {"SOL_SOCKET", SOL_SOCKET},
      {"SO_REUSEADDR", SO_REUSEADDR},
      {"SO_REUSEPORT", SO_REUSEPORT},
      {"IPPROTO_IPV6", IPPROTO_IPV6},
      {"IPV6_V6ONLY", IPV6_V6ONLY},
      {"IPPROTO_TCP", IPPROTO_TCP},
      {"TCP_NODELAY", TCP_NODELAY},
      {"IPPROTO_UDP", IPPROTO_UDP},
      {"SOMAXCONN", SOMAXCONN},
      {"MSG_PEEK", MSG_PEEK},
      {"MSG_OOB", MSG_OOB},
      {"MSG_WAITALL", MSG_WAITALL},
      {"MSG_DONTWAIT", MSG_DONTWAIT},
      {"MSG_TRUNC", MSG_TRUNC},
      {"FD_SETSIZE", FD_SETSIZE},
      {"SO_KEEPALIVE", SO_KEEPALIVE},
#ifdef TCP_KEEPIDLE
      {"TCP_KEEPIDLE", TCP_KEEPIDLE},
#endif
#ifdef TCP_KEEPALIVE
      {"TCP_KEEPALIVE", TCP_KEEPALIVE},
#endif
  };
  const struct {
    const char* name;
    int value;
  } of_messages[] = {
      {"MSG_CTRUNC", MSG_CTRUNC},
      {"SCM_RIGHTS", SCM_RIGHTS},
      {"IPPROTO_IP", IPPROTO_IP},
#ifdef __linux__
      {"MSG_CMSG_CLOEXEC", MSG_CMSG_CLOEXEC},
      {"MSG_ERRQUEUE", MSG_ERRQUEUE},
      {"MSG_ZEROCOPY", MSG_ZEROCOPY},
      {"SCM_CREDENTIALS", 2},
      {"SO_PASSCRED", SO_PASSCRED},
      {"SO_TIMESTAMP", 29},
      {"SO_TIMESTAMPNS", 35},
      {"SO_ZEROCOPY", 60},
      {"SO_RXQ_OVFL", 40},
      {"SO_PASSPIDFD", 76},
      {"SO_SNDBUF", SO_SNDBUF},
      {"SO_BROADCAST", SO_BROADCAST},
      {"IP_PKTINFO", IP_PKTINFO},
      {"IP_RECVTTL", IP_RECVTTL},
      {"IP_RECVTOS", IP_RECVTOS},
      {"IP_RECVERR", IP_RECVERR},
      {"IPV6_RECVPKTINFO", IPV6_RECVPKTINFO},
      {"IPV6_RECVHOPLIMIT", IPV6_RECVHOPLIMIT},
      {"IPV6_RECVTCLASS", IPV6_RECVTCLASS},
      {"IPV6_RECVERR", IPV6_RECVERR},
      {"UDP_SEGMENT", 103},
      {"UDP_GRO", 104},
#endif
  };
  for (const auto& constant : of_messages)
    object[constant.name] = Napi::Number::New(env, constant.value);
  for (const auto& constant : constants)
    object[constant.name] = Napi::Number::New(env, constant.value);
  return object;
}

// (probe, isWorker, hasUvLoop): see Environment::Configure
napi_value JS_configure(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  bool is_worker = false;
  bool has_uv_loop = false;
  napi_valuetype type = napi_undefined;
  napi_typeof(env, arguments.at(0), &type);
  if (type != napi_function || !arguments.Boolean(1, &is_worker) ||
      !arguments.Boolean(2, &has_uv_loop)) {
    return ToValue(env, kBadArgument);
  }
  arguments.environment().Configure(env, arguments.at(0), is_worker, has_uv_loop);
  return ToValue(env, 0);
}

constexpr Function kFunctions[] = {
    {"backends", JS_backends},
    {"callName", JS_callName},
    {"describeErrno", JS_describeErrno},
    {"constants", JS_constants},
    {"configure", JS_configure},
};

}  // namespace

void DefineSystem(napi_env env, napi_value exports, Environment* environment) {
  Define(env, exports, environment, kFunctions);
}

}  // namespace fdpoll::binding
