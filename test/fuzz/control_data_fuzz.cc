// Control data as bytes: walked through, and written anew.
#include "core/control_data.h"

#include <vector>

#include "fuzz.h"

using namespace fdpoll;

namespace {

std::vector<ControlItem> ReadAll(const Block& control) {
  std::vector<ControlItem> items;
  ControlItem item;
  const uint8_t* before = control.get();
  for (ControlReader reader(control.get(), control.size); reader.Next(&item);) {
    HOLDS(control.Contains(item.data, item.size));
    HOLDS(item.data > before);
    before = item.data;
    items.push_back(item);
    // Twelve bytes is the smallest header that a system has.
    HOLDS(items.size() <= control.size / 12);
  }
  return items;
}

size_t WriteAll(const std::vector<ControlItem>& items, uint8_t* bytes, size_t capacity) {
  ControlWriter writer(bytes, capacity);
  for (const ControlItem& item : items) writer.Add(item.level, item.type, item.data, item.size);
  return writer.length();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const size_t less = input.Below(64);
  const Block control = input.Rest();
  const std::vector<ControlItem> items = ReadAll(control);

  const size_t counted = WriteAll(items, nullptr, 0);
  const Block written(counted);
  HOLDS(WriteAll(items, written.get(), written.size) == counted);
  const std::vector<ControlItem> again = ReadAll(written);
  HOLDS(again.size() == items.size());
  for (size_t i = 0; i < items.size(); i++) {
    HOLDS(again[i].level == items[i].level && again[i].type == items[i].type);
    HOLDS(again[i].size == items[i].size);
    HOLDS(items[i].size == 0 || std::memcmp(again[i].data, items[i].data, items[i].size) == 0);
  }

  // With too little room it says how much it would have taken, and writes nothing beyond.
  const Block small(counted - std::min(counted, less));
  HOLDS(WriteAll(items, small.get(), small.size) == counted);
  return 0;
}
