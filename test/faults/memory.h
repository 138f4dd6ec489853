// Counts what the addon gets from operator new and has not given back.
#pragma once

#include <cstddef>
#include <mutex>
#include <unordered_set>

// What the C++ library frees for the addon, or gives it to free, is nobody's here.
struct Blocks {
  std::mutex mutex;
  std::unordered_set<void*> live;
  static Blocks& All() {
    static Blocks* blocks = new Blocks();
    return *blocks;
  }
  static void* Add(void* block) {
    const std::lock_guard<std::mutex> lock(All().mutex);
    if (block != nullptr) All().live.insert(block);
    return block;
  }
  static void* Remove(void* block) {
    const std::lock_guard<std::mutex> lock(All().mutex);
    All().live.erase(block);
    return block;
  }
};

template <int, typename... More>
struct New {
  static inline void* (*original)(size_t, More...) = nullptr;
  static void* Call(size_t size, More... more) { return Blocks::Add(original(size, more...)); }
};

template <int, typename... More>
struct Delete {
  static inline void (*original)(void*, More...) = nullptr;
  static void Call(void* block, More... more) { original(Blocks::Remove(block), more...); }
};
