// Runs a test over every backend that this build contains and this system opens.
#pragma once

#include <cstdio>

#include "check.h"
#include "core/backends.h"
#include "core/os.h"
#include "core/poller.h"

namespace fdpoll {

template <typename Test>
void OnEachBackend(const char* name, Test&& test) {
  int ran = 0;
  const BackendTable table = AllBackends();
  for (size_t i = 0; i < table.count; i++) {
    if (table.entries[i].open == nullptr) continue;
    std::fprintf(stdout, "%s, on %s\n", name, table.entries[i].name);
    test(table.entries[i]);
    ran++;
  }
  CHECK(ran > 0);
}

#define RUN_ON_EACH(test) ::fdpoll::OnEachBackend(#test, test)

struct Pipe {
  OwnedFd ends[2];
  Pipe() { CHECK(os::OpenPipe(ends).ok()); }
  int reader() const { return ends[0].get(); }
  int writer() const { return ends[1].get(); }
};

inline std::unique_ptr<Poller> OpenPoller(const BackendEntry& backend, size_t capacity = 64) {
  Result<std::unique_ptr<Poller>> poller = Poller::Open(backend, capacity);
  CHECK(poller.ok());
  return std::move(poller.value);
}

}  // namespace fdpoll
