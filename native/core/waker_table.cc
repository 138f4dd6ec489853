#include "core/waker_table.h"

namespace fdpoll {

WakerTable& WakerTable::OfProcess() {
  static WakerTable* table = new WakerTable();  // NOLINT(cppcoreguidelines-owning-memory)
  return *table;
}

int64_t WakerTable::Insert(Poller* poller) {
  const std::lock_guard<std::mutex> lock(mutex_);
  pollers_.emplace(++last_, poller);
  return last_;
}

void WakerTable::Remove(int64_t handle) {
  const std::lock_guard<std::mutex> lock(mutex_);
  pollers_.erase(handle);
}

bool WakerTable::Wake(int64_t handle) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = pollers_.find(handle);
  if (found == pollers_.end()) return false;
  found->second->Wake();
  return true;
}

}  // namespace fdpoll
