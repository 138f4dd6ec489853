// Words that all systems share and bits of one system's own, for watches_inotify.cc and
// watches_bsd.cc only.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fdpoll {

struct WatchWord {
  uint32_t kind;
  uint32_t bits;
};

template <size_t kCount>
constexpr uint32_t KindsOf(const WatchWord (&words)[kCount], uint32_t bits) {
  uint32_t kinds = 0;
  for (const WatchWord& word : words) kinds |= (bits & word.bits) != 0 ? word.kind : 0u;
  return kinds;
}

template <size_t kCount>
constexpr uint32_t BitsOf(const WatchWord (&words)[kCount], uint32_t kinds) {
  uint32_t bits = 0;
  for (const WatchWord& word : words) bits |= (kinds & word.kind) != 0 ? word.bits : 0u;
  return bits;
}

}  // namespace fdpoll
