// Node-API on everything but values: calls, references, exceptions, the life of an environment, thread-safe functions.
#include <algorithm>

#include "environment.h"

using host::ValuePtr;

napi_status napi_get_cb_info(napi_env env,
                             napi_callback_info info,
                             size_t* count,
                             napi_value* arguments,
                             napi_value* receiver,
                             void** data) {
  env->CheckThread();
  const std::vector<napi_value>& given = info->arguments;
  for (size_t i = 0; i < *count; i++) {
    if (i < given.size()) {
      arguments[i] = given[i];
    } else {
      napi_get_undefined(env, &arguments[i]);
    }
  }
  *count = given.size();
  if (receiver != nullptr) napi_get_undefined(env, receiver);
  *data = info->function->data;
  return napi_ok;
}

napi_status napi_call_function(napi_env env,
                               napi_value,
                               napi_value function,
                               size_t count,
                               const napi_value* arguments,
                               napi_value* result) {
  env->CheckThread();
  if (env->terminating) return napi_pending_exception;
  std::vector<ValuePtr> values;
  for (size_t i = 0; i < count; i++) values.push_back(env->At(arguments[i]));
  const ValuePtr answer = env->Call(env->At(function), values);
  if (answer == nullptr) return napi_pending_exception;
  if (result != nullptr) *result = env->Push(answer);
  return napi_ok;
}

napi_status napi_open_handle_scope(napi_env env, napi_handle_scope* result) {
  env->CheckThread();
  // One more than there are, so that it is not null.
  *result = reinterpret_cast<napi_handle_scope>(env->handles.size() + 1);
  return napi_ok;
}

napi_status napi_close_handle_scope(napi_env env, napi_handle_scope scope) {
  env->CheckThread();
  host::HandleScope::Shrink(env, reinterpret_cast<size_t>(scope) - 1);
  return napi_ok;
}

napi_status napi_create_reference(napi_env env,
                                  napi_value value,
                                  uint32_t count,
                                  napi_ref* result) {
  env->CheckThread();
  if (count != 1) host::Die("a reference is made that is weak");
  *result = new napi_ref__{env->At(value)};
  env->references.insert(*result);
  return napi_ok;
}

napi_status napi_delete_reference(napi_env env, napi_ref reference) {
  env->CheckThread();
  if (env->references.erase(reference) == 0) host::Die("a reference is deleted twice");
  delete reference;
  return napi_ok;
}

napi_status napi_get_reference_value(napi_env env, napi_ref reference, napi_value* result) {
  env->CheckThread();
  if (env->references.count(reference) == 0) host::Die("a reference is used that was deleted");
  *result = env->Push(reference->value);
  return napi_ok;
}

// ---- exceptions: the host's own functions throw, the addon never does ----

napi_status napi_is_exception_pending(napi_env env, bool* result) {
  env->CheckThread();
  *result = env->exception != nullptr;
  return napi_ok;
}

napi_status napi_get_and_clear_last_exception(napi_env env, napi_value* result) {
  env->CheckThread();
  const ValuePtr exception = std::exchange(env->exception, nullptr);
  *result = env->Push(exception == nullptr ? host::Make(host::Undefined{}) : exception);
  return napi_ok;
}

napi_status napi_fatal_exception(napi_env env, napi_value error) {
  env->uncaught.push_back(env->At(error));
  return napi_ok;
}

// ---- the life of an environment ----

napi_status napi_set_instance_data(napi_env env, void* data, napi_finalize finalize, void* hint) {
  env->CheckThread();
  if (env->instance_data != nullptr) host::Die("instance data is set twice");
  env->instance_data = data;
  env->free_instance_data = finalize;
  env->instance_data_hint = hint;
  return napi_ok;
}

napi_status napi_add_env_cleanup_hook(napi_env env, void (*function)(void*), void* argument) {
  env->CheckThread();
  env->hooks.push_back({function, argument});
  return napi_ok;
}

napi_status napi_remove_env_cleanup_hook(napi_env env, void (*function)(void*), void* argument) {
  env->CheckThread();
  auto& hooks = env->hooks;
  // One that runs is out of the list by then, as in Node.
  hooks.erase(std::remove_if(hooks.begin(),
                             hooks.end(),
                             [&](const host::CleanupHook& hook) {
                               return hook.function == function && hook.argument == argument;
                             }),
              hooks.end());
  return napi_ok;
}

// ---- thread-safe functions: calls come from any thread, and wake the main loop ----

napi_status napi_create_threadsafe_function(napi_env env,
                                            napi_value function,
                                            napi_value,
                                            napi_value,
                                            size_t queue_size,
                                            size_t threads,
                                            void* finalize_data,
                                            napi_finalize finalize,
                                            void* context,
                                            napi_threadsafe_function_call_js call,
                                            napi_threadsafe_function* result) {
  env->CheckThread();
  // What this host knows: no function of JavaScript's, no limit, one owner.
  if (function != nullptr || queue_size != 0 || threads != 1) return napi_invalid_arg;
  *result =
      new napi_threadsafe_function__{env, context, finalize_data, finalize, call, {}, false, true};
  env->functions.insert(*result);
  return napi_ok;
}

napi_status napi_call_threadsafe_function(napi_threadsafe_function function,
                                          void* data,
                                          napi_threadsafe_function_call_mode) {
  function->env->Post(function, data);
  return napi_ok;
}

napi_status napi_release_threadsafe_function(napi_threadsafe_function function,
                                             napi_threadsafe_function_release_mode) {
  function->env->Release(function);
  return napi_ok;
}

napi_status napi_ref_threadsafe_function(napi_env env, napi_threadsafe_function function) {
  env->SetReferenced(function, true);
  return napi_ok;
}

napi_status napi_unref_threadsafe_function(napi_env env, napi_threadsafe_function function) {
  env->SetReferenced(function, false);
  return napi_ok;
}
