// The addon as lib/ sees it (lib/native.ts), for one environment.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "environment.h"

namespace host {

// What lib/native.ts says of negative answers.
constexpr int64_t kWouldBlock = -1;
constexpr int64_t kBadArgument = -2;
constexpr int64_t kClosedHandle = -3;

inline ValuePtr From(ValuePtr value) {
  return value;
}
inline ValuePtr From(int number) {
  return Make(static_cast<double>(number));
}
inline ValuePtr From(int64_t number) {
  return Make(static_cast<double>(number));
}
inline ValuePtr From(unsigned number) {
  return Make(static_cast<double>(number));
}
inline ValuePtr From(double number) {
  return Make(number);
}
inline ValuePtr From(bool value) {
  return Make(value);
}
inline ValuePtr From(const char* text) {
  return Make(std::string(text));
}
inline ValuePtr From(const std::string& text) {
  return Make(text);
}

// The addon's initializer, by dlopen. Ends the process when it cannot be had.
using Initializer = napi_value (*)(napi_env, napi_value);
Initializer Load(const char* path);

class Addon {
 public:
  // Loads the addon into an environment of its own and configures it.
  explicit Addon(Initializer initialize);

  napi_env__& env() { return env_; }

  // What a function of the addon returns; null when it is to be terminated.
  template <typename... Arguments>
  ValuePtr Call(const char* name, Arguments&&... arguments) {
    return CallList(name, {From(std::forward<Arguments>(arguments))...});
  }
  // Of one that returns a number.
  template <typename... Arguments>
  int64_t Number(const char* name, Arguments&&... arguments) {
    return ToNumber(Call(name, std::forward<Arguments>(arguments)...), name);
  }
  // Of one that returns a list of numbers.
  template <typename... Arguments>
  std::vector<int64_t> Numbers(const char* name, Arguments&&... arguments) {
    return ToNumbers(Call(name, std::forward<Arguments>(arguments)...), name);
  }

  // What a negative answer says, as FdError does: "EBADF epoll_ctl".
  std::string Tell(int64_t answer);

  size_t probes() const { return probes_; }

 private:
  ValuePtr CallList(const char* name, const std::vector<ValuePtr>& arguments);
  static int64_t ToNumber(const ValuePtr& value, const char* name);
  static std::vector<int64_t> ToNumbers(const ValuePtr& value, const char* name);

  size_t probes_ = 0;
  ValuePtr exports_ = Make(Object{});
  napi_env__ env_;
};

// A poller with its columns, as lib/batch.ts has them; closed at its end.
class TestPoller {
 public:
  static constexpr int kCapacity = 16;
  TestPoller(Addon* addon, const std::string& backend);
  ~TestPoller() { Close(); }
  TestPoller(const TestPoller&) = delete;
  TestPoller& operator=(const TestPoller&) = delete;

  void Close();
  // The addon's answer, taken apart when it is a batch.
  int64_t Wait(double milliseconds) {
    return Begin(addon_->Number("pollerWait", handle_, milliseconds, columns_));
  }
  int64_t Begin(int64_t answer);

  int64_t handle() const { return handle_; }
  const ValuePtr& columns() const { return columns_; }
  int count() const { return count_; }
  bool woken() const { return woken_; }
  int32_t fd(int event) const { return At(0, event); }
  int32_t flags(int event) const { return At(1, event); }
  // Of a source: what it has to tell.
  int32_t payload(int event) const { return At(2, event); }

 private:
  int32_t At(int column, int event) const;

  Addon* addon_;
  int64_t handle_;
  ValuePtr columns_;
  int count_ = 0;
  bool woken_ = false;
};

// A pair of stream sockets; closed at its end.
class TestPair {
 public:
  explicit TestPair(Addon* addon);
  ~TestPair();
  TestPair(const TestPair&) = delete;
  TestPair& operator=(const TestPair&) = delete;
  int64_t a;
  int64_t b;
  int64_t fd_of_a;

 private:
  Addon* addon_;
};

// Bytes that are sent, and what there is to receive: "" for the end or when it would block.
int64_t SendText(Addon* addon, int64_t socket, const std::string& text);
std::string ReceiveText(Addon* addon, int64_t socket);

// How many descriptors the process has.
int CountDescriptors();

}  // namespace host
