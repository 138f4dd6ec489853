#include "core/waker_table.h"

namespace fdpoll {

WakerTable& WakerTable::OfProcess() {
  static WakerTable* table = new WakerTable();  // NOLINT(cppcoreguidelines-owning-memory)
  return *table;
}

int32_t WakerTable::Insert(Poller* poller) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return pollers_.Insert(poller);
}

void WakerTable::Remove(int32_t handle) {
  const std::lock_guard<std::mutex> lock(mutex_);
  pollers_.Take(handle);
}

bool WakerTable::Wake(int32_t handle) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Poller** poller = pollers_.Find(handle);
  if (poller == nullptr) return false;
  (*poller)->Wake();
  return true;
}

}  // namespace fdpoll
