// What a transfer of bytes answers: how many, or kWouldBlock.
#pragma once

#include <cerrno>
#include <cstdint>

#include "core/socket.h"
#include "core/status.h"
#include "core/syscall.h"

namespace fdpoll {

// Of what WouldBlockIsAnswer returned.
inline Result<int64_t> Moved(Call call, int64_t result) {
  if (result == -EAGAIN) return kWouldBlock;
  if (result < 0) return Check(call, result);
  return result;
}

}  // namespace fdpoll
