#include "config.h"

#ifdef FDPOLL_SYSTEM_BSD

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/datagram_batch.h"
#include "core/socket.h"
#include "core/syscall.h"

namespace fdpoll::os {

// macOS has neither recvmmsg nor sendmmsg, and in the others' C libraries they are these loops.
const Call kReceiveMessages = Call::kRecvmsg;
const Call kSendMessages = Call::kSendmsg;

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif
#ifndef MSG_CMSG_CLOEXEC
#define MSG_CMSG_CLOEXEC 0
#endif

int64_t ReceiveMessages(int fd, DatagramMessage* messages, size_t count, int* deferred) {
  const int before = std::exchange(*deferred, 0);
  if (before != 0) return -before;
  for (size_t i = 0; i < count; i++) {
    const int64_t result = WouldBlockIsAnswer(
        [&] { return ::recvmsg(fd, &messages[i].header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC); });
    if (result < 0) {
      if (i == 0) return result;
      // Taken from the socket, so nobody would hear of it again.
      if (result != -EAGAIN) *deferred = static_cast<int>(-result);
      return static_cast<int64_t>(i);
    }
    messages[i].length = static_cast<unsigned>(result);
  }
  return static_cast<int64_t>(count);
}

namespace {

int64_t SendOne(int fd, const MessageHeader& header) {
  return WouldBlockIsAnswer([&] { return ::sendmsg(fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL); });
}

bool IsPeer(int fd, const MessageHeader& header) {
  const Result<Address> peer = RemoteAddress(fd);
  return peer.ok() && peer.value.length == header.msg_namelen &&
         std::memcmp(peer.value.get(), header.msg_name, header.msg_namelen) == 0;
}

}  // namespace

int64_t SendMessages(int fd, DatagramMessage* messages, size_t count) {
  for (size_t i = 0; i < count; i++) {
    MessageHeader& header = messages[i].header;
    int64_t result = SendOne(fd, header);
    // A connected socket takes no address here, not even that of its peer, to whom a reply goes.
    if (result == -EISCONN && header.msg_name != nullptr && IsPeer(fd, header)) {
      header.msg_name = nullptr;
      header.msg_namelen = 0;
      result = SendOne(fd, header);
    }
    if (result < 0) return i == 0 ? result : static_cast<int64_t>(i);
    messages[i].length = static_cast<unsigned>(result);
  }
  return static_cast<int64_t>(count);
}

Status CheckSegments(int) {
  return Status::Failed(kSendMessages, ENOTSUP);
}

}  // namespace fdpoll::os

#endif
