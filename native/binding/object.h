// JavaScript objects and arrays, filled from C++. Node-API refuses everything once a Worker is being
// terminated: then there is no object, and filling it does nothing. (node-addon-api's wrappers go on
// with what they did not get, so none is used.)
#pragma once

#include <node_api.h>

#include <cstdint>
#include <string_view>

namespace fdpoll::binding {

inline napi_value ToValue(napi_env env, std::string_view text) {
  napi_value result = nullptr;
  napi_create_string_utf8(env, text.data(), text.size(), &result);
  return result;
}

inline napi_value ToNumber(napi_env env, double number) {
  napi_value result = nullptr;
  napi_create_double(env, number, &result);
  return result;
}

inline napi_value ToBoolean(napi_env env, bool value) {
  napi_value result = nullptr;
  napi_get_boolean(env, value, &result);
  return result;
}

class Object {
 public:
  explicit Object(napi_env env) : env_(env) {
    if (napi_create_object(env, &value_) != napi_ok) value_ = nullptr;
  }
  void Set(const char* name, napi_value value) {
    if (value_ != nullptr && value != nullptr) napi_set_named_property(env_, value_, name, value);
  }
  napi_value value() const { return value_; }

 private:
  napi_env env_;
  napi_value value_ = nullptr;
};

class Array {
 public:
  explicit Array(napi_env env) : env_(env) {
    if (napi_create_array(env, &value_) != napi_ok) value_ = nullptr;
  }
  void Push(napi_value value) {
    if (value_ != nullptr && value != nullptr) napi_set_element(env_, value_, size_++, value);
  }
  napi_value value() const { return value_; }

 private:
  napi_env env_;
  napi_value value_ = nullptr;
  uint32_t size_ = 0;
};

}  // namespace fdpoll::binding
