#include <napi.h>

#include "binding/convert.h"
#include "core/backends.h"
#include "core/constants.h"

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
  for (const Constant& constant : SystemConstants())
    object[constant.name] = Napi::Number::New(env, static_cast<double>(constant.value));
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
