// The values of the host: what JavaScript's are to Node-API, as far as fdpoll can tell the difference.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace host {

struct Value;
using ValuePtr = std::shared_ptr<Value>;
// A function of the host. What it returns may be null: an exception is pending.
using Callable = std::function<ValuePtr(const std::vector<ValuePtr>& arguments)>;

struct Undefined {};
struct BigInt {
  int64_t value;
};
struct Object {
  std::map<std::string, ValuePtr> properties;
};
struct Array {
  std::vector<ValuePtr> elements;
};
// A function of the addon.
struct NativeFunction {
  napi_callback callback;
  void* data;
};
using Memory = std::vector<uint8_t>;  // an ArrayBuffer
struct View {
  napi_typedarray_type type;
  ValuePtr buffer;
  size_t offset;
  size_t length;  // in elements
};

struct Value {
  std::variant<Undefined,
               double,
               BigInt,
               bool,
               std::string,
               Object,
               Array,
               NativeFunction,
               Callable,
               Memory,
               View>
      is = Undefined{};

  template <typename T>
  T* As() {
    return std::get_if<T>(&is);
  }
};

template <typename T>
ValuePtr Make(T&& of) {
  auto value = std::make_shared<Value>();
  value->is = std::forward<T>(of);
  return value;
}

inline ValuePtr MakeView(ValuePtr buffer,
                         size_t offset,
                         size_t length,
                         napi_typedarray_type type = napi_uint8_array) {
  return Make(View{type, std::move(buffer), offset, length});
}

}  // namespace host
