#include "core/timers.h"

#include <algorithm>

#include "core/room.h"

namespace fdpoll {

bool Timers::Set(int32_t slot, Nanoseconds at, Nanoseconds every) {
  const size_t count = static_cast<size_t>(slot) + 1;
  if (at != kForever && (!MakeRoom(&places_, count) || !MakeRoom(&heap_, heap_.size() + 1))) {
    return false;
  }
  Remove(slot);
  if (at == kForever) return true;
  if (places_.size() < count) places_.resize(places_.capacity(), -1);
  // What is before the beginning of time is due as well, and nothing overflows.
  const Entry entry = {std::max<Nanoseconds>(0, at), every, armed_++, slot};
  heap_.push_back(entry);
  Up(heap_.size() - 1, entry);
  return true;
}

void Timers::Remove(int32_t slot) {
  if (places_.size() <= static_cast<size_t>(slot)) return;
  const int32_t place = places_[static_cast<size_t>(slot)];
  if (place >= 0) RemoveAt(static_cast<size_t>(place));
}

bool Timers::Pop(Nanoseconds now, Due* out) {
  if (heap_.empty() || heap_.front().at > now) return false;
  Entry entry = heap_.front();
  *out = {entry.slot, 1, entry.every > 0};
  if (!out->again) {
    RemoveAt(0);
    return true;
  }
  // From the deadline, not from now, so that a period does not drift.
  const Nanoseconds missed = (now - entry.at) / entry.every;
  out->count = static_cast<int32_t>(std::min<Nanoseconds>(missed, INT32_MAX - 1) + 1);
  const Nanoseconds reached = entry.at + missed * entry.every;
  entry.at = entry.every >= kForever - reached ? kForever : reached + entry.every;
  entry.order = armed_++;
  if (entry.at == kForever) {
    RemoveAt(0);
  } else {
    Down(0, entry);
  }
  return true;
}

void Timers::Place(size_t index, const Entry& entry) {
  heap_[index] = entry;
  places_[static_cast<size_t>(entry.slot)] = static_cast<int32_t>(index);
}

void Timers::Up(size_t index, const Entry& entry) {
  while (index > 0) {
    const size_t parent = (index - 1) / 2;
    if (!entry.Before(heap_[parent])) break;
    Place(index, heap_[parent]);
    index = parent;
  }
  Place(index, entry);
}

void Timers::Down(size_t index, const Entry& entry) {
  for (;;) {
    size_t child = 2 * index + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1].Before(heap_[child])) child++;
    if (!heap_[child].Before(entry)) break;
    Place(index, heap_[child]);
    index = child;
  }
  Place(index, entry);
}

void Timers::RemoveAt(size_t index) {
  places_[static_cast<size_t>(heap_[index].slot)] = -1;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (index == heap_.size()) return;
  // Into the hole, then wherever it belongs from there.
  if (index > 0 && last.Before(heap_[(index - 1) / 2])) {
    Up(index, last);
  } else {
    Down(index, last);
  }
}

}  // namespace fdpoll
