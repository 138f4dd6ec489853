#include "binding/convert.h"
#include "binding/object.h"
#include "core/backends.h"
#include "core/constants.h"

namespace fdpoll::binding {

namespace {

napi_value ToObject(napi_env env, const Traits& traits) {
  Object object(env);
  object.Set("edge", ToBoolean(env, traits.edge));
  object.Set("oneshot", ToBoolean(env, true));
  object.Set("exclusive", ToBoolean(env, traits.exclusive));
  object.Set("priority", ToBoolean(env, traits.priority));
  object.Set("available", ToBoolean(env, traits.available));
  object.Set("nanoseconds", ToBoolean(env, traits.nanoseconds));
  object.Set("pollable", ToBoolean(env, traits.pollable));
  return object.value();
}

// () → [{ name, compiled, absent?, opened, capabilities? }], best first. `opened` is what opening
// one answered just now: 0, or the failure of the system call that refused it.
napi_value JS_backends(napi_env env, napi_callback_info) {
  const BackendTable table = AllBackends();
  Array list(env);
  for (size_t i = 0; i < table.count; i++) {
    const BackendEntry& entry = table.entries[i];
    Object object(env);
    object.Set("name", ToValue(env, std::string_view(entry.name)));
    object.Set("compiled", ToBoolean(env, entry.open != nullptr));
    if (entry.open == nullptr) {
      object.Set("absent", ToValue(env, std::string_view(entry.absent_because)));
    } else {
      object.Set("opened", ToValue(env, ToAnswer(entry.open().status)));
      object.Set("capabilities", ToObject(env, *entry.traits));
    }
    list.Push(object.value());
  }
  return list.value();
}

// (call) → its name
napi_value JS_callName(napi_env env, napi_callback_info info) {
  uint32_t call = 0;
  Arguments(env, info).Uint32(0, &call);
  return ToValue(env, std::string_view(CallName(call)));
}

// (errno) → its symbol and what it means, [name, text]; the name of one that is unknown is ""
napi_value JS_describeErrno(napi_env env, napi_callback_info info) {
  int32_t error = 0;
  Arguments(env, info).Int32(0, &error);
  const char* name = ErrnoName(error);
  Array pair(env);
  pair.Push(ToValue(env, std::string_view(name == nullptr ? "" : name)));
  pair.Push(ToValue(env, std::string_view(ErrnoText(error))));
  return pair.value();
}

// () → this system's numbers, by name
napi_value JS_constants(napi_env env, napi_callback_info) {
  Object object(env);
  for (const Constant& constant : SystemConstants())
    object.Set(constant.name, ToNumber(env, static_cast<double>(constant.value)));
  return object.value();
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
