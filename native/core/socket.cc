#include "core/socket.h"

#include <cerrno>

#include "core/moved.h"
#include "core/os.h"
#include "core/syscall.h"

namespace fdpoll {

namespace {

// More dead connections in a row than any backlog holds: then would-block, so that a strange kernel
// cannot keep the call for ever.
constexpr int kDeadPeersMax = 65536;

// EOPNOTSUPP is on Linux' list too, but is also what accept says of a socket that cannot accept at
// all.
bool PeerIsGone(int error) {
  switch (error) {
    case ECONNABORTED:
    case EPROTO:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENETUNREACH:
#ifdef ENONET
    case ENONET:
#endif
      return true;
    default:
      return false;
  }
}

template <typename Ask>
Result<Address> NameFrom(Call call, Ask&& ask) {
  Address address;
  address.length = sizeof(address.storage);
  const int result = ask(&address);
  if (result < 0) return Check(call, result);
  if (address.length > sizeof(address.storage)) address.length = sizeof(address.storage);
  return address;
}

}  // namespace

Result<Accepted> Accept(int listener) {
  Accepted accepted;
  for (int dead = 0; dead < kDeadPeersMax; dead++) {
    Result<OwnedFd> fd = os::AcceptSocket(listener);
    if (fd.ok()) {
      accepted.fd = std::move(fd.value);
      return accepted;
    }
    if (fd.status.error == EAGAIN) break;
    if (!PeerIsGone(fd.status.error)) return fd.status;
  }
  accepted.would_block = true;
  return accepted;
}

Status Bind(int fd, const Address& address) {
  return Check(Call::kBind,
               RetryOnInterrupt([&] { return ::bind(fd, address.get(), address.length); }));
}

Status Listen(int fd, int backlog) {
  return Check(Call::kListen, RetryOnInterrupt([&] { return ::listen(fd, backlog); }));
}

Result<bool> Connect(int fd, const Address& address) {
  // Not repeated on EINTR: the connection goes on by itself (connect(2)).
  const int result =
      InterruptIsAnswer([&] { return ::connect(fd, address.get(), address.length); });
  if (result == -EINPROGRESS || result == -EINTR) return false;
  if (result < 0) return Check(Call::kConnect, result);
  return true;
}

Status Disconnect(int fd) {
  sockaddr nobody{};
  nobody.sa_family = AF_UNSPEC;
  const int result = RetryOnInterrupt(
      [&] { return ::connect(fd, &nobody, static_cast<socklen_t>(sizeof(nobody))); });
  // macOS and FreeBSD do it and complain about the family all the same.
  if (result == -EAFNOSUPPORT && RemoteAddress(fd).status.error == ENOTCONN) return Status::Ok();
  return Check(Call::kConnect, result);
}

Status LingerNot(int fd) {
  linger value{};
  value.l_onoff = 1;
  return Check(Call::kSetsockopt, RetryOnInterrupt([&] {
                 return ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &value, sizeof(value));
               }));
}

Status Shutdown(int fd, int how) {
  return Check(Call::kShutdown, RetryOnInterrupt([&] { return ::shutdown(fd, how); }));
}

Result<Address> LocalAddress(int fd) {
  return NameFrom(Call::kGetsockname, [&](Address* out) {
    return RetryOnInterrupt([&] { return ::getsockname(fd, out->get(), &out->length); });
  });
}

Result<Address> RemoteAddress(int fd) {
  return NameFrom(Call::kGetpeername, [&](Address* out) {
    return RetryOnInterrupt([&] { return ::getpeername(fd, out->get(), &out->length); });
  });
}

Result<int> TakeError(int fd) {
  int error = 0;
  socklen_t size = sizeof(error);
  const int result =
      RetryOnInterrupt([&] { return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size); });
  if (result < 0) return Check(Call::kGetsockopt, result);
  return error;
}

// MSG_DONTWAIT although the descriptor is non-blocking: whoever shares the open file could change
// that.
Result<int64_t> Receive(int fd, void* buffer, size_t length, int flags) {
  return Moved(Call::kRecv, os::Receive(fd, buffer, length, flags | MSG_DONTWAIT));
}

Result<int64_t> Send(int fd, const void* buffer, size_t length, int flags) {
  return Moved(Call::kSend, os::Send(fd, buffer, length, flags | MSG_DONTWAIT));
}

}  // namespace fdpoll
