// The table of backends: every one that this build contains, best first, and the names of those it
// does not.
#pragma once

#include <memory>
#include <string_view>

#include "core/backend.h"
#include "core/status.h"

namespace fdpoll {

struct BackendEntry {
  const char* name;
  const Traits* traits;                        // nullptr: not compiled in
  Result<std::unique_ptr<Backend>> (*open)();  // nullptr: not compiled in
  const char* absent_because;                  // what to say when it is not compiled in
};

struct BackendTable {
  const BackendEntry* entries;
  size_t count;
};

// In order of preference: the first one that opens is the default.
BackendTable AllBackends();
const BackendEntry* FindBackend(std::string_view name);

}  // namespace fdpoll
