#include "binding/convert.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace fdpoll::binding {

namespace {

size_t ElementSize(napi_typedarray_type type) {
  switch (type) {
    case napi_int8_array:
    case napi_uint8_array:
    case napi_uint8_clamped_array:
      return 1;
    case napi_int16_array:
    case napi_uint16_array:
      return 2;
    case napi_int32_array:
    case napi_uint32_array:
    case napi_float32_array:
      return 4;
    case napi_float64_array:
    case napi_bigint64_array:
    case napi_biguint64_array:
      return 8;
    default:
      return 0;  // a kind that is newer than this code is refused
  }
}

}  // namespace

int32_t Arguments::Wrap(double number) {
  if (!std::isfinite(number)) return 0;
  constexpr double kSpan = 4294967296.0;  // 2^32
  const double rest = std::fmod(std::trunc(number), kSpan);
  return static_cast<int32_t>(static_cast<uint32_t>(rest < 0 ? rest + kSpan : rest));
}

bool Arguments::Timeout(size_t i, Nanoseconds* out) const {
  double milliseconds = 0;
  if (napi_get_value_double(env_, values_[i], &milliseconds) != napi_ok) return false;
  if (std::isnan(milliseconds)) return false;
  constexpr double kLongest = 9.2e12;  // 292 years, what nanoseconds can hold
  if (milliseconds <= 0) {
    *out = 0;
  } else if (milliseconds >= kLongest) {
    *out = kForever;
  } else {
    *out = static_cast<Nanoseconds>(std::ceil(milliseconds * 1e6));
  }
  return true;
}

bool Arguments::Integer(size_t i, int64_t least, int64_t most, int64_t* out) const {
  double number = 0;
  if (napi_get_value_double(env_, values_[i], &number) != napi_ok) return false;
  if (!(number >= static_cast<double>(least) && number <= static_cast<double>(most))) return false;
  *out = static_cast<int64_t>(number);
  return static_cast<double>(*out) == number;
}

bool Arguments::Boolean(size_t i, bool* out) const {
  return napi_get_value_bool(env_, values_[i], out) == napi_ok;
}

bool Arguments::Text(size_t i, std::string* out) const {
  size_t length = 0;
  if (napi_get_value_string_utf8(env_, values_[i], nullptr, 0, &length) != napi_ok) return false;
  out->resize(std::min(length, kTextMax) + 1);
  if (napi_get_value_string_utf8(env_, values_[i], out->data(), out->size(), &length) != napi_ok) {
    return false;
  }
  out->resize(length);
  return true;
}

bool ToView(napi_env env, napi_value value, Bytes* out) {
  void* data = nullptr;
  napi_typedarray_type type = napi_uint8_array;
  size_t elements = 0;
  if (napi_get_typedarray_info(env, value, &type, &elements, &data, nullptr, nullptr) == napi_ok) {
    const size_t element = ElementSize(type);
    out->data = static_cast<uint8_t*>(data);
    out->length = data == nullptr ? 0 : elements * element;
    return element != 0;
  }
  bool is_view = false;
  if (napi_is_dataview(env, value, &is_view) != napi_ok || !is_view) return false;
  if (napi_get_dataview_info(env, value, &elements, &data, nullptr, nullptr) != napi_ok)
    return false;
  out->data = static_cast<uint8_t*>(data);
  out->length = data == nullptr ? 0 : elements;
  return true;
}

bool Arguments::Buffer(size_t i, Bytes* out) const {
  void* data = nullptr;
  size_t length = 0;
  if (napi_get_arraybuffer_info(env_, values_[i], &data, &length) != napi_ok) return false;
  out->data = static_cast<uint8_t*>(data);
  out->length = data == nullptr ? 0 : length;
  return true;
}

napi_value ToBytes(napi_env env, std::string_view bytes) {
  void* memory = nullptr;
  napi_value buffer = nullptr;
  napi_value result = nullptr;
  if (napi_create_arraybuffer(env, bytes.size(), &memory, &buffer) != napi_ok) return nullptr;
  if (!bytes.empty()) std::memcpy(memory, bytes.data(), bytes.size());
  const napi_status status =
      napi_create_typedarray(env, napi_uint8_array, bytes.size(), buffer, 0, &result);
  return status == napi_ok ? result : nullptr;
}

void Define(napi_env env,
            napi_value exports,
            Environment* environment,
            const Function* functions,
            size_t count) {
  for (size_t i = 0; i < count; i++) {
    napi_value function = nullptr;
    if (napi_create_function(env,
                             functions[i].name,
                             NAPI_AUTO_LENGTH,
                             functions[i].callback,
                             environment,
                             &function) == napi_ok) {
      napi_set_named_property(env, exports, functions[i].name, function);
    }
  }
}

}  // namespace fdpoll::binding
