#include <sys/socket.h>

#include <algorithm>

#include "binding/convert.h"
#include "core/os.h"
#include "core/path_mode.h"
#include "core/socket.h"

namespace fdpoll::binding {

namespace {

napi_value Insert(napi_env env, Environment& environment, SocketEntry entry) {
  return ToValue(env, HandleAnswer(environment.sockets.Insert(std::move(entry))));
}

bool ToAddress(const Arguments& arguments, size_t i, Address* out) {
  Bytes bytes;
  if (!arguments.View(i, &bytes)) return false;
  return EncodeRaw({reinterpret_cast<const char*>(bytes.data), bytes.length}, out) == Encoded::kOk;
}

// (domain, type, protocol) → handle
napi_value JS_openSocket(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  int32_t domain = 0;
  int32_t type = 0;
  int32_t protocol = 0;
  if (!arguments.Int32(0, &domain) || !arguments.Int32(1, &type) ||
      !arguments.Int32(2, &protocol)) {
    return ToValue(env, kBadArgument);
  }
  Result<OwnedFd> fd = os::OpenSocket(domain, type, protocol);
  if (!fd.ok()) return ToValue(env, ToAnswer(fd.status));
  return Insert(env, arguments.environment(), {std::move(fd.value), type == SOCK_STREAM, false});
}

// (type) → [handle, handle] or a negative number
napi_value JS_openSocketPair(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  int32_t type = 0;
  if (!arguments.Int32(0, &type)) return ToValue(env, kBadArgument);
  OwnedFd ends[2];
  const Status status = os::OpenSocketPair(AF_UNIX, type, 0, ends);
  if (!status.ok()) return ToValue(env, ToAnswer(status));
  Environment& environment = arguments.environment();
  const bool stream = type == SOCK_STREAM;
  const int32_t first = environment.sockets.Insert({std::move(ends[0]), stream, false});
  const int32_t second = environment.sockets.Insert({std::move(ends[1]), stream, false});
  if (first < 0 || second < 0) {
    environment.sockets.Take(first);
    environment.sockets.Take(second);
    return ToValue(env, HandleAnswer(std::min(first, second)));
  }
  napi_value handles = nullptr;
  napi_create_array_with_length(env, 2, &handles);
  napi_set_element(env, handles, 0, ToValue(env, first));
  napi_set_element(env, handles, 1, ToValue(env, second));
  return handles;
}

// (fd) → handle; the descriptor is owned from here on
napi_value JS_adoptSocket(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  int fd = -1;
  if (!arguments.Descriptor(0, &fd)) return ToValue(env, kBadArgument);
  const Result<os::SocketFacts> facts = os::DescribeSocket(fd);
  if (!facts.ok()) return ToValue(env, ToAnswer(facts.status));
  const Status status = os::PrepareAdopted(fd);
  if (!status.ok()) return ToValue(env, ToAnswer(status));
  SlotTable<SocketEntry>& sockets = arguments.environment().sockets;
  const int32_t handle =
      sockets.Insert({OwnedFd(), facts.value.type == SOCK_STREAM, facts.value.listening});
  // Without a place it is the caller's still.
  if (SocketEntry* entry = sockets.Find(handle)) entry->fd.Reset(fd);
  return ToValue(env, HandleAnswer(handle));
}

// (handle) → descriptor
napi_value JS_socketFd(napi_env env, napi_callback_info info) {
  const SocketEntry* socket = Arguments(env, info).FindSocket(0);
  return ToValue(env, socket == nullptr ? kClosedHandle : socket->get());
}

// (handle) → [domain, type, protocol, 1 when it listens] or a negative number
napi_value JS_socketFacts(napi_env env, napi_callback_info info) {
  const SocketEntry* socket = Arguments(env, info).FindSocket(0);
  if (socket == nullptr) return ToValue(env, kClosedHandle);
  const Result<os::SocketFacts> facts = os::DescribeSocket(socket->get());
  if (!facts.ok()) return ToValue(env, ToAnswer(facts.status));
  const os::SocketFacts& value = facts.value;
  const int answers[] = {value.domain, value.type, value.protocol, value.listening ? 1 : 0};
  napi_value list = nullptr;
  napi_create_array_with_length(env, 4, &list);
  for (uint32_t i = 0; i < 4; i++) napi_set_element(env, list, i, ToValue(env, answers[i]));
  return list;
}

// (handle) → 0 or a failure; the handle is gone either way
napi_value JS_closeSocket(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  int32_t handle = -1;
  if (!arguments.Int32(0, &handle)) return ToValue(env, kBadArgument);
  OwnedFd fd = std::move(arguments.environment().sockets.Take(handle).fd);
  return ToValue(env, fd.valid() ? ToAnswer(CloseDescriptor(fd.Release())) : kClosedHandle);
}

// (handle) → descriptor, the caller's from here on
napi_value JS_detachSocket(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  int32_t handle = -1;
  if (!arguments.Int32(0, &handle)) return ToValue(env, kBadArgument);
  OwnedFd fd = std::move(arguments.environment().sockets.Take(handle).fd);
  return ToValue(env, fd.valid() ? fd.Release() : kClosedHandle);
}

// (handle, bytes of a sockaddr[, permissions of its path]) → 0
napi_value JS_bind(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const SocketEntry* socket = arguments.FindSocket(0);
  if (socket == nullptr) return ToValue(env, kClosedHandle);
  int64_t mode = 0;
  const bool with_mode = arguments.count() > 2;
  Address address;
  if ((with_mode && !arguments.Integer(2, 0, 0777, &mode)) || !ToAddress(arguments, 1, &address))
    return ToValue(env, kBadArgument);
  const Status status = with_mode
                            ? BindWithMode(socket->get(), address, static_cast<uint32_t>(mode))
                            : Bind(socket->get(), address);
  return ToValue(env, ToAnswer(status));
}

// (handle, backlog) → 0
napi_value JS_listen(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  int32_t backlog = 0;
  SocketEntry* socket = arguments.FindSocket(0);
  if (socket == nullptr) return ToValue(env, kClosedHandle);
  if (!arguments.Int32(1, &backlog)) return ToValue(env, kBadArgument);
  const Status status = Listen(socket->get(), backlog);
  socket->listening |= status.ok();
  return ToValue(env, ToAnswer(status));
}

// (handle) → handle, -1 when nobody waits
napi_value JS_accept(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const SocketEntry* socket = arguments.FindSocket(0);
  if (socket == nullptr) return ToValue(env, kClosedHandle);
  Result<Accepted> accepted = Accept(socket->get());
  if (!accepted.ok()) return ToValue(env, ToAnswer(accepted.status));
  if (accepted.value.would_block) return ToValue(env, kWouldBlockAnswer);
  return Insert(
      env, arguments.environment(), {std::move(accepted.value.fd), socket->stream, false});
}

// (handle, bytes of a sockaddr) → 1 connected, 0 in progress
napi_value JS_connect(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const SocketEntry* socket = arguments.FindSocket(0);
  if (socket == nullptr) return ToValue(env, kClosedHandle);
  Address address;
  if (!ToAddress(arguments, 1, &address)) return ToValue(env, kBadArgument);
  const Result<bool> connected = Connect(socket->get(), address);
  if (!connected.ok()) return ToValue(env, ToAnswer(connected.status));
  return ToValue(env, connected.value ? 1 : 0);
}

// (handle) → 0
napi_value JS_disconnect(napi_env env, napi_callback_info info) {
  const SocketEntry* socket = Arguments(env, info).FindSocket(0);
  if (socket == nullptr) return ToValue(env, kClosedHandle);
  return ToValue(env, ToAnswer(Disconnect(socket->get())));
}

// (handle) → 0
napi_value JS_abortive(napi_env env, napi_callback_info info) {
  const SocketEntry* socket = Arguments(env, info).FindSocket(0);
  if (socket == nullptr) return ToValue(env, kClosedHandle);
  return ToValue(env, ToAnswer(LingerNot(socket->get())));
}

// (handle, 0 read, 1 write, 2 both) → 0
napi_value JS_shutdown(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  int32_t how = -1;
  const SocketEntry* socket = arguments.FindSocket(0);
  if (socket == nullptr) return ToValue(env, kClosedHandle);
  if (!arguments.Int32(1, &how) || how < 0 || how > 2) return ToValue(env, kBadArgument);
  constexpr int kHow[] = {SHUT_RD, SHUT_WR, SHUT_RDWR};
  return ToValue(env, ToAnswer(Shutdown(socket->get(), kHow[how])));
}

// As far as the view goes.
constexpr int64_t kRest = -1;

// (handle, view[, offset[, length[, flags]]]) → bytes, -1 when it would block. What is left out is
// not read: each value that crosses costs. The two calls differ in the direction only.
template <typename Transfer>
napi_value Move(napi_env env, napi_callback_info info, Transfer&& transfer) {
  const Arguments arguments(env, info);
  const SocketEntry* socket = arguments.FindSocket(0);
  if (socket == nullptr) return ToValue(env, kClosedHandle);
  const size_t given = arguments.count();
  Bytes bytes;
  int64_t offset = 0;
  int64_t length = kRest;
  int32_t flags = 0;
  if ((given > 2 && !arguments.Int64(2, &offset)) || (given > 3 && !arguments.Int64(3, &length)) ||
      (given > 4 && !arguments.Int32(4, &flags)) || !arguments.View(1, &bytes)) {
    return ToValue(env, kBadArgument);
  }
  const auto size = static_cast<int64_t>(bytes.length);
  // First, since the difference from a number that is far below zero would overflow.
  if (offset < 0 || offset > size) return ToValue(env, kBadArgument);
  if (length == kRest) length = size - offset;
  if (length < 0 || length > size - offset) return ToValue(env, kBadArgument);
  const Result<int64_t> moved =
      transfer(socket->get(), bytes.data + offset, static_cast<size_t>(length), flags);
  return ToValue(env, moved.ok() ? moved.value : ToAnswer(moved.status));
}

napi_value JS_recv(napi_env env, napi_callback_info info) {
  return Move(env, info, Receive);
}

napi_value JS_send(napi_env env, napi_callback_info info) {
  return Move(env, info, Send);
}

// (handle) → the pending errno, taken; 0 for none
napi_value JS_takeError(napi_env env, napi_callback_info info) {
  const SocketEntry* socket = Arguments(env, info).FindSocket(0);
  if (socket == nullptr) return ToValue(env, kClosedHandle);
  const Result<int> error = TakeError(socket->get());
  return ToValue(env, error.ok() ? error.value : ToAnswer(error.status));
}

constexpr Function kSocketFunctions[] = {
    {"openSocket", JS_openSocket},
    {"openSocketPair", JS_openSocketPair},
    {"adoptSocket", JS_adoptSocket},
    {"socketFd", JS_socketFd},
    {"socketFacts", JS_socketFacts},
    {"closeSocket", JS_closeSocket},
    {"detachSocket", JS_detachSocket},
    {"bind", JS_bind},
    {"listen", JS_listen},
    {"accept", JS_accept},
    {"connect", JS_connect},
    {"disconnect", JS_disconnect},
    {"abortive", JS_abortive},
    {"shutdown", JS_shutdown},
    {"recv", JS_recv},
    {"send", JS_send},
    {"takeError", JS_takeError},
};

}  // namespace

void DefineSocket(napi_env env, napi_value exports, Environment* environment) {
  Define(env, exports, environment, kSocketFunctions);
}

}  // namespace fdpoll::binding
