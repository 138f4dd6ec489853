#include "core/slot_table.h"

#include <memory>

#include "check.h"

using namespace fdpoll;

namespace {

void AHandleFindsItsValueUntilItIsTaken() {
  SlotTable<std::unique_ptr<int>> table;
  const int32_t handle = table.Insert(std::make_unique<int>(7));
  CHECK(handle >= 0 && table.Find(handle) != nullptr && **table.Find(handle) == 7);
  CHECK(*table.Take(handle) == 7);
  CHECK(table.Find(handle) == nullptr);
  CHECK(table.Take(handle) == nullptr);
}

void AStaleHandleDoesNotFindTheNextOwnerOfItsSlot() {
  SlotTable<int> table;
  const int32_t first = table.Insert(1);
  table.Take(first);
  const int32_t second = table.Insert(2);
  CHECK(first != second && table.Find(first) == nullptr && *table.Find(second) == 2);
}

void ForgedHandlesFindNothing() {
  SlotTable<int> table;
  table.Insert(1);
  for (const int32_t forged : {-1, INT32_MIN, INT32_MAX, 1, 1 << 20, 0xfffff}) {
    CHECK(table.Find(forged) == nullptr);
  }
}

void AMillionFitAndNoMore() {
  SlotTable<char> table;
  for (int i = 0; i < 1 << 20; i++) CHECK(table.Insert('x') >= 0);
  CHECK(table.Insert('x') == -1);
  int visited = 0;
  table.ForEach([&](char) { visited++; });
  CHECK(visited == 1 << 20);
}

}  // namespace

int main() {
  RUN(AHandleFindsItsValueUntilItIsTaken);
  RUN(AStaleHandleDoesNotFindTheNextOwnerOfItsSlot);
  RUN(ForgedHandlesFindNothing);
  RUN(AMillionFitAndNoMore);
}
