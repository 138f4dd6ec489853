// Node-API on values: making them and looking into them.
#include <cmath>
#include <cstring>

#include "environment.h"

using host::Make;
using host::ValuePtr;

namespace {

napi_status Give(napi_env env, napi_value* result, ValuePtr value) {
  env->CheckThread();
  *result = env->Push(std::move(value));
  return napi_ok;
}

// The value as `T`, or null for one of another type.
template <typename T>
T* As(napi_env env, napi_value value) {
  env->CheckThread();
  // As Node, which is given a null for what was left out of a call.
  return value == nullptr ? nullptr : env->At(value)->As<T>();
}

}  // namespace

napi_status napi_get_undefined(napi_env env, napi_value* result) {
  return Give(env, result, Make(host::Undefined{}));
}

napi_status napi_get_boolean(napi_env env, bool value, napi_value* result) {
  return Give(env, result, Make(value));
}

napi_status napi_create_double(napi_env env, double value, napi_value* result) {
  return Give(env, result, Make(value));
}

napi_status napi_create_int32(napi_env env, int32_t value, napi_value* result) {
  return Give(env, result, Make(static_cast<double>(value)));
}

napi_status napi_create_int64(napi_env env, int64_t value, napi_value* result) {
  return Give(env, result, Make(static_cast<double>(value)));
}

napi_status napi_create_bigint_int64(napi_env env, int64_t value, napi_value* result) {
  return Give(env, result, Make(host::BigInt{value}));
}

napi_status napi_create_string_utf8(napi_env env,
                                    const char* text,
                                    size_t length,
                                    napi_value* result) {
  if (length == NAPI_AUTO_LENGTH) length = std::strlen(text);
  return Give(env, result, Make(std::string(text, length)));
}

// What fdpoll makes of these is ASCII.
napi_status napi_create_string_latin1(napi_env env,
                                      const char* text,
                                      size_t length,
                                      napi_value* result) {
  return napi_create_string_utf8(env, text, length, result);
}

napi_status napi_create_object(napi_env env, napi_value* result) {
  return Give(env, result, Make(host::Object{}));
}

napi_status napi_create_array(napi_env env, napi_value* result) {
  return Give(env, result, Make(host::Array{}));
}

napi_status napi_create_array_with_length(napi_env env, size_t length, napi_value* result) {
  host::Array array;
  array.elements.resize(length);
  return Give(env, result, Make(std::move(array)));
}

napi_status napi_create_function(
    napi_env env, const char*, size_t, napi_callback callback, void* data, napi_value* result) {
  return Give(env, result, Make(host::NativeFunction{callback, data}));
}

napi_status napi_create_arraybuffer(napi_env env, size_t length, void** data, napi_value* result) {
  const ValuePtr buffer = Make(host::Memory(length));
  if (data != nullptr) *data = buffer->As<host::Memory>()->data();
  return Give(env, result, buffer);
}

napi_status napi_create_typedarray(napi_env env,
                                   napi_typedarray_type type,
                                   size_t length,
                                   napi_value buffer,
                                   size_t offset,
                                   napi_value* result) {
  if (As<host::Memory>(env, buffer) == nullptr) return napi_invalid_arg;
  return Give(env, result, host::MakeView(env->At(buffer), offset, length, type));
}

napi_status napi_typeof(napi_env env, napi_value value, napi_valuetype* result) {
  env->CheckThread();
  if (value == nullptr) return napi_invalid_arg;
  host::Value& of = *env->At(value);
  const bool function =
      of.As<host::NativeFunction>() != nullptr || of.As<host::Callable>() != nullptr;
  *result = of.As<host::Undefined>() != nullptr ? napi_undefined
            : of.As<double>() != nullptr        ? napi_number
            : of.As<host::BigInt>() != nullptr  ? napi_bigint
            : of.As<bool>() != nullptr          ? napi_boolean
            : of.As<std::string>() != nullptr   ? napi_string
            : function                          ? napi_function
                                                : napi_object;
  return napi_ok;
}

napi_status napi_get_value_double(napi_env env, napi_value value, double* result) {
  const auto* number = As<double>(env, value);
  if (number == nullptr) return napi_number_expected;
  *result = *number;
  return napi_ok;
}

napi_status napi_get_value_bool(napi_env env, napi_value value, bool* result) {
  const auto* boolean = As<bool>(env, value);
  if (boolean == nullptr) return napi_boolean_expected;
  *result = *boolean;
  return napi_ok;
}

napi_status napi_get_value_bigint_int64(napi_env env,
                                        napi_value value,
                                        int64_t* result,
                                        bool* lossless) {
  const auto* number = As<host::BigInt>(env, value);
  if (number == nullptr) return napi_bigint_expected;
  *result = number->value;
  *lossless = true;
  return napi_ok;
}

napi_status napi_get_value_string_utf8(
    napi_env env, napi_value value, char* text, size_t size, size_t* length) {
  const auto* string = As<std::string>(env, value);
  if (string == nullptr) return napi_string_expected;
  if (text == nullptr) {
    *length = string->size();
    return napi_ok;
  }
  if (size == 0) return napi_invalid_arg;
  *length = std::min(string->size(), size - 1);
  std::memcpy(text, string->data(), *length);
  text[*length] = '\0';
  return napi_ok;
}

napi_status napi_set_named_property(napi_env env,
                                    napi_value object,
                                    const char* name,
                                    napi_value value) {
  auto* of = As<host::Object>(env, object);
  if (of == nullptr) return napi_object_expected;
  of->properties[name] = env->At(value);
  return napi_ok;
}

napi_status napi_is_array(napi_env env, napi_value value, bool* result) {
  *result = As<host::Array>(env, value) != nullptr;
  return napi_ok;
}

napi_status napi_get_array_length(napi_env env, napi_value value, uint32_t* result) {
  const auto* array = As<host::Array>(env, value);
  if (array == nullptr) return napi_array_expected;
  *result = static_cast<uint32_t>(array->elements.size());
  return napi_ok;
}

napi_status napi_get_element(napi_env env, napi_value object, uint32_t index, napi_value* result) {
  const auto* array = As<host::Array>(env, object);
  if (array == nullptr) return napi_object_expected;
  const bool there = index < array->elements.size() && array->elements[index] != nullptr;
  return Give(env, result, there ? array->elements[index] : Make(host::Undefined{}));
}

napi_status napi_set_element(napi_env env, napi_value object, uint32_t index, napi_value value) {
  auto* array = As<host::Array>(env, object);
  if (array == nullptr) return napi_object_expected;
  if (index >= array->elements.size()) array->elements.resize(index + 1);
  array->elements[index] = env->At(value);
  return napi_ok;
}

napi_status napi_get_arraybuffer_info(napi_env env, napi_value value, void** data, size_t* length) {
  auto* memory = As<host::Memory>(env, value);
  if (memory == nullptr) return napi_invalid_arg;
  *data = memory->data();
  *length = memory->size();
  return napi_ok;
}

napi_status napi_get_typedarray_info(napi_env env,
                                     napi_value value,
                                     napi_typedarray_type* type,
                                     size_t* length,
                                     void** data,
                                     napi_value* buffer,
                                     size_t* offset) {
  const auto* view = As<host::View>(env, value);
  if (view == nullptr) return napi_invalid_arg;
  if (type != nullptr) *type = view->type;
  if (length != nullptr) *length = view->length;
  if (data != nullptr) *data = view->buffer->As<host::Memory>()->data() + view->offset;
  if (offset != nullptr) *offset = view->offset;
  return buffer == nullptr ? napi_ok : Give(env, buffer, view->buffer);
}

// There is none in this host.
napi_status napi_is_dataview(napi_env env, napi_value, bool* result) {
  env->CheckThread();
  *result = false;
  return napi_ok;
}
