// Counts what the addon gets from operator new and has not given back. That of std::nothrow fails when it is told to;
// the other cannot, since there are no exceptions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <new>
#include <unordered_set>
#include <utility>

#include "kinds.h"

// What the C++ library frees for the addon, or gives it to free, is nobody's here.
struct Blocks {
  std::mutex mutex;
  std::unordered_set<void*> live;
  size_t largest = 0;
  static thread_local inline size_t asked = 0;
  static Blocks& All() {
    static Blocks* blocks = new Blocks();
    return *blocks;
  }
  static void* Add(void* block) {
    const std::lock_guard<std::mutex> lock(All().mutex);
    if (block != nullptr) All().live.insert(block);
    return block;
  }
  // Asked for a moment ago, by who cannot hand over what it got (native/core/room.h).
  static void Asked(size_t size) { asked = size; }
  static void Unasked(size_t size) {
    if (std::exchange(asked, 0) == size) return;
    const std::lock_guard<std::mutex> lock(All().mutex);
    All().largest = std::max(All().largest, size);
  }
  static void* Remove(void* block) {
    const std::lock_guard<std::mutex> lock(All().mutex);
    All().live.erase(block);
    return block;
  }
};

template <int>
struct New {
  static inline void* (*original)(size_t) = nullptr;
  static void* Call(size_t size) {
    Blocks::Unasked(size);
    return Blocks::Add(original(size));
  }
};

template <int>
struct AskedNew {
  static inline void* (*original)(size_t, const std::nothrow_t&) = nullptr;
  static void* Call(size_t size, const std::nothrow_t& tag) {
    if (Verdict(k_memory) > 0) return nullptr;
    Blocks::Asked(size);
    return Blocks::Add(original(size, tag));
  }
};

template <int, typename... More>
struct Delete {
  static inline void (*original)(void*, More...) = nullptr;
  static void Call(void* block, More... more) { original(Blocks::Remove(block), more...); }
};
