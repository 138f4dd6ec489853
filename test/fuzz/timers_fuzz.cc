// The heap of deadlines, against a list that is searched from end to end.
#include "core/timers.h"

#include <vector>

#include "fuzz.h"

using namespace fdpoll;

namespace {

constexpr int32_t kSlots = 24;

struct Entry {
  int32_t slot;
  Nanoseconds at;
  Nanoseconds every;
};

// In the order of arming.
class List {
 public:
  void Set(int32_t slot, Nanoseconds at, Nanoseconds every) {
    Remove(slot);
    if (at != kForever) entries_.push_back({slot, std::max<Nanoseconds>(0, at), every});
  }
  void Remove(int32_t slot) {
    entries_.erase(std::remove_if(entries_.begin(),
                                  entries_.end(),
                                  [&](const Entry& entry) { return entry.slot == slot; }),
                   entries_.end());
  }
  const Entry* First() const {
    const auto first = std::min_element(entries_.begin(),
                                        entries_.end(),
                                        [](const Entry& a, const Entry& b) { return a.at < b.at; });
    return first == entries_.end() ? nullptr : &*first;
  }
  size_t size() const { return entries_.size(); }

 private:
  std::vector<Entry> entries_;
};

// Small numbers, so that deadlines meet, and those at the ends of what there is.
Nanoseconds Time(Input* input) {
  const auto choice = input->Take<uint8_t>();
  if (choice == 255) return kForever;
  if (choice == 254) return kForever - 1 - input->Take<uint8_t>();
  if (choice == 253) return -1;
  return choice % 32;
}

void PopsTheSame(Nanoseconds now, Timers* timers, List* list) {
  const Entry* found = list->First();
  Timers::Due due;
  const bool popped = timers->Pop(now, &due);
  HOLDS(popped == (found != nullptr && found->at <= now));
  if (!popped) return;
  const Entry first = *found;
  HOLDS(due.slot == first.slot && due.again == (first.every > 0));
  HOLDS(due.count >= 1);
  list->Remove(first.slot);
  if (first.every == 0) {
    HOLDS(due.count == 1);
    return;
  }
  const Nanoseconds missed = (now - first.at) / first.every;
  HOLDS(due.count == (missed < INT32_MAX ? missed + 1 : INT32_MAX));
  const Nanoseconds last = first.at + missed * first.every;
  if (first.every < kForever - last) list->Set(first.slot, last + first.every, first.every);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  Timers timers;
  List list;
  Nanoseconds now = 0;
  while (input.left() > 0) {
    const auto slot = static_cast<int32_t>(input.Below(kSlots));
    switch (input.Take<uint8_t>() % 4) {
      case 0:
      case 1: {
        const Nanoseconds at = Time(&input);
        const Nanoseconds every = std::max<Nanoseconds>(0, Time(&input));
        timers.Set(slot, at, every);
        list.Set(slot, at, every);
        break;
      }
      case 2:
        timers.Remove(slot);
        list.Remove(slot);
        break;
      default:
        now = std::max(now, Time(&input));
        PopsTheSame(now, &timers, &list);
    }
    HOLDS(timers.size() == list.size());
    const Entry* first = list.First();
    HOLDS(timers.Next() == (first == nullptr ? kForever : first->at));
  }
  return 0;
}
