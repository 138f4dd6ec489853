#include "binding/convert.h"
#include "binding/object.h"
#include "core/backends.h"
#include "core/build_info.h"
#include "core/constants.h"
#include "core/invariant.h"

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

// () → { napi, system, arch, libc, compiler, type, flags, backends }: core/build_info.h, with the
// version of Node-API that it asks for and the names of the backends that are compiled in.
napi_value JS_buildInfo(napi_env env, napi_callback_info) {
  const BuildInfo build = ThisBuild();
  Array flags(env);
  for (const char* flag : build.flags) flags.Push(ToValue(env, std::string_view(flag)));
  Array backends(env);
  const BackendTable table = AllBackends();
  for (size_t i = 0; i < table.count; i++) {
    const BackendEntry& entry = table.entries[i];
    if (entry.open != nullptr) backends.Push(ToValue(env, std::string_view(entry.name)));
  }
  Object object(env);
  object.Set("napi", ToNumber(env, NAPI_VERSION));
  object.Set("system", ToValue(env, build.system));
  object.Set("arch", ToValue(env, build.arch));
  object.Set("libc", ToValue(env, build.libc));
  object.Set("compiler", ToValue(env, build.compiler));
  object.Set("type", ToValue(env, build.type));
  object.Set("flags", flags.value());
  object.Set("backends", backends.value());
  return object.value();
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

// (number) → what is wrong when that invariant does not hold
napi_value JS_describeInvariant(napi_env env, napi_callback_info info) {
  uint32_t number = 0;
  Arguments(env, info).Uint32(0, &number);
  return ToValue(env, std::string_view(InvariantText(number)));
}

// () → this system's numbers, by name
napi_value JS_constants(napi_env env, napi_callback_info) {
  Object object(env);
  for (const Constant& constant : SystemConstants())
    object.Set(constant.name, ToNumber(env, static_cast<double>(constant.value)));
  return object.value();
}

// (probe, hasUvLoop): see Environment::Configure
napi_value JS_configure(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  bool has_uv_loop = false;
  napi_valuetype type = napi_undefined;
  napi_typeof(env, arguments.at(0), &type);
  if (type != napi_function || !arguments.Boolean(1, &has_uv_loop)) {
    return ToValue(env, kBadArgument);
  }
  arguments.environment().Configure(env, arguments.at(0), has_uv_loop);
  return ToValue(env, 0);
}

constexpr Function kSystemFunctions[] = {
    {"backends", JS_backends},
    {"buildInfo", JS_buildInfo},
    {"callName", JS_callName},
    {"describeErrno", JS_describeErrno},
    {"describeInvariant", JS_describeInvariant},
    {"constants", JS_constants},
    {"configure", JS_configure},
};

}  // namespace

void DefineSystem(napi_env env, napi_value exports, Environment* environment) {
  Define(env, exports, environment, kSystemFunctions);
}

}  // namespace fdpoll::binding
