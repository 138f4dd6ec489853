#include "config.h"

#ifdef FDPOLL_SYSTEM_LINUX

#include <netinet/in.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/datagram_batch.h"
#include "core/receive_flags_linux.h"
#include "core/syscall.h"

namespace fdpoll::os {

const Call kReceiveMessages = Call::kRecvmmsg;
const Call kSendMessages = Call::kSendmmsg;

// By number: a C library may emulate them, and its own struct msghdr may be another than the
// kernel's.
int64_t ReceiveMessages(int fd, DatagramMessage* messages, size_t count, int*) {
  return ReceiveCloseOnExec(fd, [&](int close_on_exec) {
    return WouldBlockIsAnswer([&] {
      return ::syscall(SYS_recvmmsg,
                       fd,
                       messages,
                       static_cast<unsigned>(count),
                       MSG_DONTWAIT | close_on_exec,
                       nullptr);
    });
  });
}

int64_t SendMessages(int fd, DatagramMessage* messages, size_t count) {
  return WouldBlockIsAnswer([&] {
    return ::syscall(
        SYS_sendmmsg, fd, messages, static_cast<unsigned>(count), MSG_DONTWAIT | MSG_NOSIGNAL);
  });
}

// A kernel before 4.18, and a socket that is not UDP, would pass the control message over and send
// one datagram.
Status CheckSegments(int fd) {
  constexpr int kUdpSegment = 103;
  int value = 0;
  socklen_t size = sizeof(value);
  const int result =
      RetryOnInterrupt([&] { return ::getsockopt(fd, IPPROTO_UDP, kUdpSegment, &value, &size); });
  if (result == -ENOPROTOOPT || result == -EOPNOTSUPP)
    return Status::Failed(kSendMessages, ENOTSUP);
  return Check(Call::kGetsockopt, result);
}

}  // namespace fdpoll::os

#endif
