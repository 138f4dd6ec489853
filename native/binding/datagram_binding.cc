// socket.recvBatch, sendBatch and sendSegments: one crossing for many datagrams.
#include <cerrno>

#include "binding/convert.h"
#include "core/datagram_batch.h"
#include "core/socket.h"

namespace fdpoll::binding {

namespace {

bool ToColumns(const Arguments& arguments, size_t i, DatagramColumns* out) {
  Bytes memory;
  if (!arguments.Buffer(i, &memory)) return false;
  const size_t capacity = memory.length / DatagramColumns::kBytesEach;
  if (capacity == 0 || capacity > kDatagramsMax) return false;
  if (capacity * DatagramColumns::kBytesEach != memory.length) return false;
  *out = DatagramColumns::Of(memory.data, capacity);
  return true;
}

bool ToArena(const Arguments& arguments, size_t i, Arena* out) {
  Bytes bytes;
  if (!arguments.View(i, &bytes)) return false;
  *out = {bytes.data, bytes.length};
  return true;
}

// On a stream nothing says where a datagram ends, and the end of the stream would fill every slot.
int64_t Refusal(const SocketEntry& socket, Call call) {
  return socket.stream ? ToAnswer(Status::Failed(call, ENOTSUP)) : 0;
}

int64_t ToAnswer(const Result<int64_t>& moved) {
  if (!moved.ok()) return binding::ToAnswer(moved.status);
  return moved.value == DatagramScratch::kBadSlot ? kBadArgument : moved.value;
}

// (socket, ArrayBuffer of the columns, arena, bytes a slot) → datagrams, -1 when it would block
napi_value JS_recvBatch(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  SocketEntry* socket = arguments.FindSocket(0);
  if (socket == nullptr) return ToValue(env, kClosedHandle);
  const int64_t refusal = Refusal(*socket, os::kReceiveMessages);
  if (refusal != 0) return ToValue(env, refusal);
  uint32_t size = 0;
  DatagramColumns columns{};
  Arena arena;
  if (!arguments.Uint32(3, &size) || !ToColumns(arguments, 1, &columns) ||
      !ToArena(arguments, 2, &arena) || size == 0 || size > arena.length / columns.capacity) {
    return ToValue(env, kBadArgument);
  }
  return ToValue(env,
                 ToAnswer(arguments.environment().datagrams.Receive(
                     socket->get(), columns, arena, size, &socket->deferred_error)));
}

// (socket, ArrayBuffer of the columns, arena, from, count) → datagrams, -1 when it would block
napi_value JS_sendBatch(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const SocketEntry* socket = arguments.FindSocket(0);
  if (socket == nullptr) return ToValue(env, kClosedHandle);
  const int64_t refusal = Refusal(*socket, os::kSendMessages);
  if (refusal != 0) return ToValue(env, refusal);
  uint32_t from = 0;
  uint32_t count = 0;
  DatagramColumns columns{};
  Arena arena;
  if (!arguments.Uint32(3, &from) || !arguments.Uint32(4, &count) ||
      !ToColumns(arguments, 1, &columns) || !ToArena(arguments, 2, &arena) || from > count ||
      count > columns.capacity) {
    return ToValue(env, kBadArgument);
  }
  return ToValue(
      env,
      ToAnswer(arguments.environment().datagrams.Send(socket->get(), columns, arena, from, count)));
}

// (socket, view, bytes a segment, bytes of a sockaddr) → bytes, -1 when it would block
napi_value JS_sendSegments(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const SocketEntry* socket = arguments.FindSocket(0);
  if (socket == nullptr) return ToValue(env, kClosedHandle);
  const int64_t refusal = Refusal(*socket, os::kSendMessages);
  if (refusal != 0) return ToValue(env, refusal);
  uint32_t segment = 0;
  Bytes to;
  Arena data;
  Address address;
  if (!arguments.Uint32(2, &segment) || segment == 0 || segment > UINT16_MAX ||
      !arguments.View(3, &to) || !ToArena(arguments, 1, &data) ||
      EncodeRaw({reinterpret_cast<const char*>(to.data), to.length}, &address) != Encoded::kOk) {
    return ToValue(env, kBadArgument);
  }
  return ToValue(env,
                 ToAnswer(arguments.environment().datagrams.SendSegments(
                     socket->get(), data, static_cast<uint16_t>(segment), address)));
}

constexpr Function kDatagramFunctions[] = {
    {"recvBatch", JS_recvBatch},
    {"sendBatch", JS_sendBatch},
    {"sendSegments", JS_sendSegments},
};

}  // namespace

void DefineDatagram(napi_env env, napi_value exports, Environment* environment) {
  Define(env, exports, environment, kDatagramFunctions);
}

}  // namespace fdpoll::binding
