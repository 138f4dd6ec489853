// Time inside is nanoseconds of the monotonic clock, as a signed 64-bit number: 292 years.
#pragma once

#include <algorithm>
#include <cstdint>
#include <ctime>

namespace fdpoll {

using Nanoseconds = int64_t;

constexpr Nanoseconds kForever = INT64_MAX;
constexpr Nanoseconds kMillisecond = 1'000'000;
constexpr Nanoseconds kSecond = 1'000'000'000;
// Each kernel wait is at most this long: some kernels refuse or shorten longer ones, and the caller
// loops anyway.
constexpr Nanoseconds kLongestWait = kSecond * 24 * 3600;

inline Nanoseconds Now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<Nanoseconds>(now.tv_sec) * kSecond + now.tv_nsec;
}

// A point in time that never overflows: kForever stays for ever. For a timeout of 0 the clock is
// not read.
class Deadline {
 public:
  explicit Deadline(Nanoseconds timeout)
      : at_(timeout <= 0                         ? 0
            : timeout >= kForever - kLongestWait ? kForever
                                                 : AddClamped(Now(), timeout)) {}

  bool forever() const { return at_ == kForever; }
  // What is left, 0 when the time is over.
  Nanoseconds Left() const {
    if (at_ == 0) return 0;
    return at_ == kForever ? kForever : std::max<Nanoseconds>(0, at_ - Now());
  }

 private:
  static Nanoseconds AddClamped(Nanoseconds now, Nanoseconds timeout) {
    return timeout > kForever - now ? kForever : now + timeout;
  }
  Nanoseconds at_;
};

inline timespec ToTimespec(Nanoseconds duration) {
  const Nanoseconds clamped = std::min(duration, kLongestWait);
  timespec result{};
  result.tv_sec = static_cast<time_t>(clamped / kSecond);
  result.tv_nsec = static_cast<long>(clamped % kSecond);
  return result;
}

// Rounded up: a wait is never early and never turned into a spin.
inline int ToMillisecondsUp(Nanoseconds duration) {
  return static_cast<int>((std::min(duration, kLongestWait) + kMillisecond - 1) / kMillisecond);
}

}  // namespace fdpoll
