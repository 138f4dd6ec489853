// No naked system call: each call site states what an interruption means to it. All three return
// the call's own result, or the errno as a negative number.
#pragma once

#include <cerrno>
#include <type_traits>

#include "core/status.h"

namespace fdpoll {

// For calls whose interruption changes nothing: repeated until they say something else.
template <typename Function>
auto RetryOnInterrupt(Function&& function) -> std::decay_t<decltype(function())> {
  for (;;) {
    const auto result = function();
    if (result >= 0) return result;
    if (errno != EINTR) return -errno;
  }
}

// For calls that wait for a time: the caller has to work out how much of it is left, so EINTR is an
// answer.
template <typename Function>
auto InterruptIsAnswer(Function&& function) -> std::decay_t<decltype(function())> {
  const auto result = function();
  return result >= 0 ? result : -errno;
}

// For calls on non-blocking descriptors: repeated on interrupt, and "would block" is the value
// -EAGAIN whatever the system calls it.
template <typename Function>
auto WouldBlockIsAnswer(Function&& function) -> std::decay_t<decltype(function())> {
  const auto result = RetryOnInterrupt(function);
#if EAGAIN != EWOULDBLOCK
  if (result == -EWOULDBLOCK) return -EAGAIN;
#endif
  return result;
}

// The Status of what one of the helpers returned.
template <typename Number>
Status Check(Call call, Number result) {
  return result < 0 ? Status::Failed(call, static_cast<int>(-result)) : Status::Ok();
}

}  // namespace fdpoll
