// What holds whatever is called and whatever the kernel answers. Where it does not after all, it is an error
// like others, ERR_FDPOLL_INTERNAL to JavaScript, before anything is read or written by what is wrong: the
// process goes on, and its author reads which it was.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/status.h"

namespace fdpoll {

// X(constant, "what is wrong").
#define FDPOLL_INVARIANTS(X)                                          \
  X(kEvents, "the kernel gave more events than it was asked for")     \
  X(kMessages, "the kernel gave more messages than it was asked for") \
  X(kNumber, "a registration lies under another number than its own")

enum class Invariant : int {
  kHolds,  // an error of 0 is none
#define FDPOLL_INVARIANT(constant, text) constant,
  FDPOLL_INVARIANTS(FDPOLL_INVARIANT)
#undef FDPOLL_INVARIANT
};

inline Status Broken(Invariant invariant) {
  return Status::Failed(Call::kInvariant, static_cast<int>(invariant));
}

// The kernel tells of no more than it was asked for: whatever it counts is looked at before it is used.
inline Status CheckCount(Invariant invariant, int64_t told, size_t asked) {
  return told > 0 && static_cast<uint64_t>(told) > asked ? Broken(invariant) : Status::Ok();
}

// What is wrong, or "" for a number that is no invariant's.
const char* InvariantText(uint32_t number);

}  // namespace fdpoll
