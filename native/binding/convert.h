// Between JavaScript's values and C++'s. lib/*.ts validates and words the errors; here every fact
// is checked again, and what does not fit is the number kBadArgument, for which lib/ finds the
// words. Nothing here throws.
#pragma once

#include <node_api.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "binding/environment.h"
#include "core/clock.h"
#include "core/room.h"
#include "core/slot_table.h"
#include "core/status.h"

namespace fdpoll::binding {

// What a function of the addon returns when it is no result: a negative number. A failed system
// call is
// -(call * 4096 + errno), so anything down to -4095 is free for the library's own.
constexpr int64_t kWouldBlockAnswer = -1;
constexpr int64_t kBadArgument = -2;
constexpr int64_t kClosedHandle = -3;
constexpr int64_t kTableFull = -4;

inline int64_t ToAnswer(const Status& status) {
  return status.ok() ? 0 : -(static_cast<int64_t>(status.call) * 4096 + status.error);
}

// Of SlotTable::Insert.
inline int64_t HandleAnswer(int32_t handle) {
  if (handle == SlotTable<int>::kNoMemory) return ToAnswer(OutOfMemory());
  return handle < 0 ? kTableFull : handle;
}

// The memory of an ArrayBufferView. Valid until control returns to JavaScript, and taken after
// every other value has been read, since reading a property may run code that transfers the buffer
// away.
struct Bytes {
  uint8_t* data = nullptr;
  size_t length = 0;
};

// False for what is no ArrayBufferView.
bool ToView(napi_env env, napi_value value, Bytes* out);

class Arguments {
 public:
  static constexpr size_t kMax = 6;

  Arguments(napi_env env, napi_callback_info info) : env_(env) {
    void* data = nullptr;
    napi_get_cb_info(env, info, &count_, values_, nullptr, &data);
    environment_ = static_cast<Environment*>(data);
  }

  napi_env env() const { return env_; }
  Environment& environment() const { return *environment_; }
  napi_value at(size_t i) const { return values_[i]; }
  // How many were given: those at the end may be left out where their function says so.
  size_t count() const { return count_; }

  // Each is false when the value is of another type. Int32 and Uint32 convert as JavaScript's own
  // bit operations do; a descriptor has to be an integer as it stands. All by way of a double: Deno's
  // napi_get_value_int32 and its like take any value, and run its valueOf().
  bool Int32(size_t i, int32_t* out) const {
    double number = 0;
    if (napi_get_value_double(env_, values_[i], &number) != napi_ok) return false;
    *out = number >= INT32_MIN && number <= INT32_MAX ? static_cast<int32_t>(number) : Wrap(number);
    return true;
  }
  bool Uint32(size_t i, uint32_t* out) const {
    double number = 0;
    if (napi_get_value_double(env_, values_[i], &number) != napi_ok) return false;
    *out = number >= 0 && number <= UINT32_MAX ? static_cast<uint32_t>(number)
                                               : static_cast<uint32_t>(Wrap(number));
    return true;
  }
  bool Int64(size_t i, int64_t* out) const {
    double number = 0;
    if (napi_get_value_double(env_, values_[i], &number) != napi_ok) return false;
    *out = Saturate(number);
    return true;
  }
  bool Timeout(size_t i, Nanoseconds* out) const;  // milliseconds with fractions; NaN is refused
  bool Descriptor(size_t i, int* out) const {
    double number = -1;
    if (napi_get_value_double(env_, values_[i], &number) != napi_ok) return false;
    if (!(number >= 0 && number <= INT32_MAX)) return false;  // NaN, too
    *out = static_cast<int>(number);
    return *out == number;
  }
  // An integer within bounds as it stands: nothing is converted, NaN is refused.
  bool Integer(size_t i, int64_t least, int64_t most, int64_t* out) const;
  bool Boolean(size_t i, bool* out) const;
  // UTF-8, may contain NUL. No longer than kTextMax: nothing that takes a text takes a longer one, and
  // it refuses what is left of it as well.
  static constexpr size_t kTextMax = 16384;
  bool Text(size_t i, std::string* out) const;
  // Any ArrayBufferView.
  bool View(size_t i, Bytes* out) const { return ToView(env_, values_[i], out); }
  bool Buffer(size_t i, Bytes* out) const;  // an ArrayBuffer

  // The poller or socket of a handle; nullptr when the handle finds nothing.
  PollerEntry* FindPoller(size_t i) const {
    int32_t handle = -1;
    return Int32(i, &handle) ? environment_->pollers.Find(handle) : nullptr;
  }
  SocketEntry* FindSocket(size_t i) const {
    int32_t handle = -1;
    return Int32(i, &handle) ? environment_->sockets.Find(handle) : nullptr;
  }

 private:
  // Modulo 2^32; 0 for what is not finite.
  static int32_t Wrap(double number);
  // To the nearest; 0 for NaN.
  static int64_t Saturate(double number) {
    constexpr double kBeyond = 9223372036854775808.0;  // 2^63
    if (number >= -kBeyond && number < kBeyond) return static_cast<int64_t>(number);
    return number >= kBeyond ? INT64_MAX : number < 0 ? INT64_MIN : 0;
  }

  napi_env env_;
  Environment* environment_ = nullptr;
  napi_value values_[kMax] = {};
  size_t count_ = kMax;
};

inline napi_value ToValue(napi_env env, int64_t number) {
  napi_value result = nullptr;
  if (number >= INT32_MIN && number <= INT32_MAX) {
    napi_create_int32(env, static_cast<int32_t>(number), &result);
  } else {
    napi_create_int64(env, number, &result);
  }
  return result;
}

// A Uint8Array with a copy, so that the bytes are JavaScript's own (Electron forbids external
// buffers); nullptr when there is no JavaScript to give it to any more, as in a Worker that is being
// terminated.
napi_value ToBytes(napi_env env, std::string_view bytes);

// A function of the addon, by the name that lib/binding.ts calls it.
struct Function {
  const char* name;
  napi_callback callback;
};

// Makes the functions of one concept properties of `exports`, with the environment as their data.
void Define(napi_env env,
            napi_value exports,
            Environment* environment,
            const Function* functions,
            size_t count);

template <size_t kCount>
void Define(napi_env env,
            napi_value exports,
            Environment* environment,
            const Function (&functions)[kCount]) {
  Define(env, exports, environment, functions, kCount);
}

// One for each *_binding.cc.
void DefinePoller(napi_env env, napi_value exports, Environment* environment);
void DefineHosting(napi_env env, napi_value exports, Environment* environment);
void DefineReadiness(napi_env env, napi_value exports, Environment* environment);
void DefineSource(napi_env env, napi_value exports, Environment* environment);
void DefineStreamBatch(napi_env env, napi_value exports, Environment* environment);
void DefineSocket(napi_env env, napi_value exports, Environment* environment);
void DefineReadWrite(napi_env env, napi_value exports, Environment* environment);
void DefineOption(napi_env env, napi_value exports, Environment* environment);
void DefineMessage(napi_env env, napi_value exports, Environment* environment);
void DefineDatagram(napi_env env, napi_value exports, Environment* environment);
void DefineDescriptor(napi_env env, napi_value exports, Environment* environment);
void DefineAddress(napi_env env, napi_value exports, Environment* environment);
void DefineSystem(napi_env env, napi_value exports, Environment* environment);

}  // namespace fdpoll::binding
