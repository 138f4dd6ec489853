#include <algorithm>

#include "binding/convert.h"
#include "core/descriptor.h"
#include "core/socket.h"

namespace fdpoll::binding {

namespace {

constexpr int64_t kMostBytes = int64_t{1} << 53;
// As far as the view goes.
constexpr int64_t kRest = -1;

napi_value ToValue(napi_env env, const Result<int64_t>& moved) {
  return binding::ToValue(env, moved.ok() ? moved.value : ToAnswer(moved.status));
}

napi_value Refuse(napi_env env) {
  return binding::ToValue(env, kBadArgument);
}

size_t ToSize(int64_t count) {
  return static_cast<size_t>(std::min<uint64_t>(static_cast<uint64_t>(count), SIZE_MAX));
}

// (fd, view[, offset[, length]]) → bytes, -1 when it would block. What is left out is not read.
template <typename Transfer>
napi_value Move(napi_env env, napi_callback_info info, Transfer&& transfer) {
  const Arguments arguments(env, info);
  int fd = -1;
  int64_t offset = 0;
  int64_t length = kRest;
  Bytes bytes;
  if (!arguments.Descriptor(0, &fd) || (arguments.count() > 2 && !arguments.Int64(2, &offset)) ||
      (arguments.count() > 3 && !arguments.Int64(3, &length)) || !arguments.View(1, &bytes)) {
    return Refuse(env);
  }
  const auto size = static_cast<int64_t>(bytes.length);
  // First, since the difference from a number that is far below zero would overflow.
  if (offset < 0 || offset > size) return Refuse(env);
  if (length == kRest) length = size - offset;
  if (length < 0 || length > size - offset) return Refuse(env);
  return ToValue(env, transfer(fd, bytes.data + offset, static_cast<size_t>(length)));
}

napi_value JS_read(napi_env env, napi_callback_info info) {
  return Move(env, info, Read);
}

napi_value JS_write(napi_env env, napi_callback_info info) {
  return Move(env, info, Write);
}

// (fd, array of views) → bytes, -1 when it would block. The first 1024 views; an empty array is one
// empty view, since systems differ about none.
template <typename Transfer>
napi_value MoveParts(napi_env env, napi_callback_info info, Transfer&& transfer) {
  const Arguments arguments(env, info);
  int fd = -1;
  uint32_t given = 0;
  if (!arguments.Descriptor(0, &fd) ||
      napi_get_array_length(env, arguments.at(1), &given) != napi_ok) {
    return Refuse(env);
  }
  const uint32_t count = std::min(given, static_cast<uint32_t>(kPartsMax));
  // All elements before the first address: reading one may run code.
  napi_value views[kPartsMax];
  for (uint32_t i = 0; i < count; i++) {
    if (napi_get_element(env, arguments.at(1), i, &views[i]) != napi_ok) return Refuse(env);
  }
  iovec parts[kPartsMax];
  parts[0] = {};
  for (uint32_t i = 0; i < count; i++) {
    Bytes bytes;
    if (!ToView(env, views[i], &bytes)) return Refuse(env);
    parts[i].iov_base = bytes.data;
    parts[i].iov_len = bytes.length;
  }
  return ToValue(env, transfer(fd, parts, std::max(count, 1U)));
}

napi_value JS_readv(napi_env env, napi_callback_info info) {
  return MoveParts(env, info, ReadParts);
}

napi_value JS_writev(napi_env env, napi_callback_info info) {
  return MoveParts(env, info, WriteParts);
}

// (from, to, count) → bytes, -1 when it would block
napi_value JS_splice(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  int from = -1;
  int to = -1;
  int64_t count = 0;
  if (!arguments.Descriptor(0, &from) || !arguments.Descriptor(1, &to) ||
      !arguments.Integer(2, 0, kMostBytes, &count)) {
    return Refuse(env);
  }
  return ToValue(env, Splice(from, to, ToSize(count)));
}

// (socket handle, fd of a file, offset in it, count) → bytes, 0 at its end, -1 when it would block
napi_value JS_sendFile(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const SocketEntry* socket = arguments.FindSocket(0);
  if (socket == nullptr) return binding::ToValue(env, kClosedHandle);
  int file = -1;
  int64_t offset = 0;
  int64_t count = 0;
  if (!arguments.Descriptor(1, &file) || !arguments.Integer(2, 0, kMostBytes, &offset) ||
      !arguments.Integer(3, 0, kMostBytes, &count)) {
    return Refuse(env);
  }
  return ToValue(env, SendFile(socket->get(), file, offset, ToSize(count)));
}

constexpr Function kReadWriteFunctions[] = {
    {"read", JS_read},
    {"write", JS_write},
    {"readv", JS_readv},
    {"writev", JS_writev},
    {"splice", JS_splice},
    {"sendFile", JS_sendFile},
};

}  // namespace

void DefineReadWrite(napi_env env, napi_value exports, Environment* environment) {
  Define(env, exports, environment, kReadWriteFunctions);
}

}  // namespace fdpoll::binding
