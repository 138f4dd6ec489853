#include "core/stream_batch.h"

#include <sys/socket.h>

#include <cerrno>

#include "core/os.h"

namespace fdpoll {

namespace {

int32_t ToColumn(int64_t result) {
  return static_cast<int32_t>(result == -EAGAIN ? -1 : result);
}

}  // namespace

int32_t StreamBatch::ReceiveOne(int fd, void* buffer, size_t length) {
  return ToColumn(os::Receive(fd, buffer, length, MSG_DONTWAIT));
}

int32_t StreamBatch::SendOne(int fd, const void* buffer, size_t length) {
  return ToColumn(os::Send(fd, buffer, length, MSG_DONTWAIT));
}

}  // namespace fdpoll
