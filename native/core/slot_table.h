// Handles that JavaScript may hold: a 20-bit slot and an 11-bit generation in one positive 32-bit
// number. A handle that is stale, forged or for another table finds nothing; it never reaches
// another object's memory.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "core/room.h"

namespace fdpoll {

template <typename T>
class SlotTable {
 public:
  static constexpr int32_t kFull = -1;      // a million are taken
  static constexpr int32_t kNoMemory = -2;  // for one more

  // A handle, or one of the above; then the value is as it was.
  int32_t Insert(T&& value) {
    if (free_.empty()) {
      const size_t count = slots_.size() + 1;
      if (slots_.size() > kSlotMask) return kFull;
      // Taking must not need any memory.
      if (!MakeRoom(&slots_, count) || !MakeRoom(&free_, count)) return kNoMemory;
      free_.push_back(static_cast<uint32_t>(slots_.size()));
      slots_.emplace_back();
    }
    const uint32_t index = free_.back();
    free_.pop_back();
    Slot& slot = slots_[index];
    slot.value = std::move(value);
    slot.taken = true;
    return static_cast<int32_t>(slot.generation << kSlotBits | index);
  }

  T* Find(int32_t handle) {
    const uint32_t index = static_cast<uint32_t>(handle) & kSlotMask;
    if (handle < 0 || index >= slots_.size()) return nullptr;
    Slot& slot = slots_[index];
    const bool current =
        slot.taken && slot.generation == static_cast<uint32_t>(handle) >> kSlotBits;
    return current ? &slot.value : nullptr;
  }

  // The value, or an empty one when the handle finds nothing.
  T Take(int32_t handle) {
    T* found = Find(handle);
    if (found == nullptr) return T{};
    T value = std::exchange(*found, T{});
    const uint32_t index = static_cast<uint32_t>(handle) & kSlotMask;
    slots_[index].taken = false;
    slots_[index].generation = (slots_[index].generation + 1) & kGenerationMask;
    free_.push_back(index);
    return value;
  }

  template <typename Visitor>
  void ForEach(Visitor&& visit) {
    for (Slot& slot : slots_) {
      if (slot.taken) visit(slot.value);
    }
  }

 private:
  static constexpr uint32_t kSlotBits = 20;
  static constexpr uint32_t kSlotMask = (1u << kSlotBits) - 1;
  static constexpr uint32_t kGenerationMask = (1u << 11) - 1;

  struct Slot {
    T value{};
    uint32_t generation = 0;
    bool taken = false;
  };
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
};

}  // namespace fdpoll
