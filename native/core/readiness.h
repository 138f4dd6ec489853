// Readiness without a poller: poll(2), once, in the words of interest and flags.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/clock.h"
#include "core/status.h"

namespace fdpoll {

// Waits until one of `count` descriptors is ready and writes what holds beside each; the value is
// how many are. A negative descriptor is passed over, as poll(2) does; a closed one is ready with
// kError. Interrupted waits return 0 early: the caller has the deadline.
Result<size_t> WaitForReadiness(const int32_t* fds,
                                const uint32_t* interests,
                                uint32_t* flags,
                                size_t count,
                                Nanoseconds timeout);

// For one descriptor: the flags, 0 when the time is over or the wait was interrupted. EBADF for a
// closed one.
Result<uint32_t> WaitForReadiness(int fd, uint32_t interest, Nanoseconds timeout);

}  // namespace fdpoll
