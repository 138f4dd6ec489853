// Memory whose size somebody else decides: how many descriptors, events and sockets there are, how long
// a text is. The C++ library ends the process when it has none, as there are no exceptions to answer
// with. So it is asked for beforehand, and what follows does not allocate. A few bytes for an object of
// ours are not asked for: who is out of those is a process that V8 ends anyway.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <new>
#include <vector>

#include "core/status.h"

namespace fdpoll {

inline Status OutOfMemory() {
  return Status::Failed(Call::kMalloc, ENOMEM);
}

// Whether the vector can hold `count` from here on without allocating.
template <typename T>
bool MakeRoom(std::vector<T>* vector, size_t count) {
  if (count <= vector->capacity()) return true;
  const size_t wanted = std::max(count, 2 * vector->capacity());
  if (wanted > vector->max_size()) return false;
  // Given back at once: what the vector takes is of the same size, and only another thread may come between.
  void* block = ::operator new(wanted * sizeof(T), std::nothrow);
  if (block == nullptr) return false;
  ::operator delete(block);
  vector->reserve(wanted);
  return true;
}

}  // namespace fdpoll
