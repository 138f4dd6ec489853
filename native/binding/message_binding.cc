// Datagrams and messages. What comes with the bytes crosses in one view, as core/ancillary.h lays
// it out and lib/message_frame.ts reads and writes it.
#include <cerrno>
#include <cstring>
#include <vector>

#include "binding/convert.h"
#include "core/message.h"

namespace fdpoll::binding {

namespace {

// The frame's fixed part, and what is behind it.
struct Frame {
  Ancillary ancillary;
  uint8_t* rest = nullptr;
  size_t rest_size = 0;
};

bool ToFrame(const Bytes& bytes, Frame* out) {
  if (bytes.length < sizeof(Ancillary)) return false;
  out->rest = bytes.data + sizeof(Ancillary);
  out->rest_size = bytes.length - sizeof(Ancillary);
  return true;
}

void Fill(const Bytes& bytes, const Ancillary& ancillary) {
  std::memcpy(bytes.data, &ancillary, sizeof(ancillary));
}

// The views of a call: one, or an array of them.
class Parts {
 public:
  // Reads what is in an array, which may run code: before anything else is looked at. False for too
  // many (EMSGSIZE), else nothing is judged yet.
  bool Gather(const Arguments& arguments, size_t i) {
    bool is_array = false;
    if (napi_is_array(arguments.env(), arguments.at(i), &is_array) != napi_ok || !is_array) {
      values_[0] = arguments.at(i);
      count_ = 1;
      return true;
    }
    uint32_t length = 0;
    if (napi_get_array_length(arguments.env(), arguments.at(i), &length) != napi_ok) length = 0;
    if (length > kPartsMax) return false;
    for (uint32_t k = 0; k < length; k++) {
      if (napi_get_element(arguments.env(), arguments.at(i), k, &values_[k]) != napi_ok)
        values_[k] = nullptr;
    }
    count_ = length;
    return true;
  }

  // Their memory: after it no code of JavaScript runs. False when one of them is no view.
  bool Locate(napi_env env) {
    for (size_t k = 0; k < count_; k++) {
      Bytes bytes;
      if (values_[k] == nullptr || !ToView(env, values_[k], &bytes)) return false;
      list_[k] = {bytes.data, bytes.length};
    }
    return true;
  }

  iovec* list() { return list_; }
  size_t count() const { return count_; }

 private:
  // Without value until they are set: 24 KiB.
  napi_value values_[kPartsMax];
  iovec list_[kPartsMax];
  size_t count_ = 0;
};

bool ToAddress(const Bytes& bytes, Address* out) {
  return EncodeRaw({reinterpret_cast<const char*>(bytes.data), bytes.length}, out) == Encoded::kOk;
}

bool IsGiven(const Arguments& arguments, size_t i) {
  napi_valuetype type = napi_undefined;
  return napi_typeof(arguments.env(), arguments.at(i), &type) == napi_ok && type != napi_undefined;
}

bool Arrived(const Result<int64_t>& moved) {
  return moved.ok() && moved.value >= 0;
}

napi_value Answer(napi_env env, const Result<int64_t>& moved) {
  return ToValue(env, moved.ok() ? moved.value : ToAnswer(moved.status));
}

// They are JavaScript's from here on.
void GiveAway(std::vector<OwnedFd>* arriving) {
  for (OwnedFd& fd : *arriving) static_cast<void>(fd.Release());
  arriving->clear();
}

// A Worker may be terminated before it has read the first number: then they are closed with it.
void Keep(const Frame& frame, std::vector<OwnedFd>* arriving) {
  for (size_t i = 0; i < frame.ancillary.fd_count; i++) {
    int32_t fd = -1;
    std::memcpy(&fd, frame.rest + i * sizeof(fd), sizeof(fd));
    arriving->emplace_back(fd);
  }
}

// (handle, view, frame, flags) → bytes, -1 when it would block; the address is in the frame
napi_value JS_recvFrom(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const SocketEntry* socket = arguments.FindSocket(0);
  if (socket == nullptr) return ToValue(env, kClosedHandle);
  int32_t flags = 0;
  Bytes buffer;
  Bytes bytes;
  Frame frame;
  if (!arguments.Int32(3, &flags) || !arguments.View(1, &buffer) || !arguments.View(2, &bytes) ||
      !ToFrame(bytes, &frame)) {
    return ToValue(env, kBadArgument);
  }
  Address from;
  const Result<int64_t> moved =
      ReceiveFrom(socket->get(), buffer.data, buffer.length, flags, &from);
  if (Arrived(moved)) {
    frame.ancillary.address_length = from.length;
    std::memcpy(frame.ancillary.address, &from.storage, from.length);
    Fill(bytes, frame.ancillary);
  }
  return Answer(env, moved);
}

// (handle, view, bytes of a sockaddr, flags) → bytes, -1 when it would block
napi_value JS_sendTo(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const SocketEntry* socket = arguments.FindSocket(0);
  if (socket == nullptr) return ToValue(env, kClosedHandle);
  int32_t flags = 0;
  Bytes buffer;
  Bytes sockaddr;
  Address to;
  if (!arguments.Int32(3, &flags) || !arguments.View(1, &buffer) || !arguments.View(2, &sockaddr) ||
      !ToAddress(sockaddr, &to)) {
    return ToValue(env, kBadArgument);
  }
  return Answer(env, SendTo(socket->get(), buffer.data, buffer.length, flags, to));
}

// (handle, view or array of views, frame, flags) → bytes, -1 when it would block. The control space
// is what the frame has behind its fixed part, less the margin. The descriptors are the environment's
// until takeDescriptors or closeDescriptors.
napi_value JS_recvMessage(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  int32_t flags = 0;
  if (!arguments.Int32(3, &flags)) return ToValue(env, kBadArgument);
  Parts parts;
  const bool few = parts.Gather(arguments, 1);
  const SocketEntry* socket = arguments.FindSocket(0);
  if (socket == nullptr) return ToValue(env, kClosedHandle);
  if (!few) return Answer(env, Status::Failed(Call::kRecvmsg, EMSGSIZE));
  Bytes bytes;
  Frame frame;
  if (!arguments.View(2, &bytes) || !ToFrame(bytes, &frame) || frame.rest_size < kRestMargin ||
      !parts.Locate(env)) {
    return ToValue(env, kBadArgument);
  }
  std::vector<OwnedFd>& arriving = arguments.environment().arriving;
  GiveAway(&arriving);
  const Result<int64_t> moved = ReceiveMessage(socket->get(),
                                               parts.list(),
                                               parts.count(),
                                               flags,
                                               &frame.ancillary,
                                               frame.rest,
                                               frame.rest_size - kRestMargin);
  if (Arrived(moved)) {
    Keep(frame, &arriving);
    Fill(bytes, frame.ancillary);
  }
  return Answer(env, moved);
}

// () → 0; the descriptors of the last message are the caller's
napi_value JS_takeDescriptors(napi_env env, napi_callback_info info) {
  GiveAway(&Arguments(env, info).environment().arriving);
  return ToValue(env, 0);
}

// () → 0; closes the descriptors of the last message, which nobody wants
napi_value JS_closeDescriptors(napi_env env, napi_callback_info info) {
  Arguments(env, info).environment().arriving.clear();
  return ToValue(env, 0);
}

// (handle, view or array of views, bytes of a sockaddr or undefined, frame or undefined, flags) →
// bytes, -1 when it would block
napi_value JS_sendMessage(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  int32_t flags = 0;
  if (!arguments.Int32(4, &flags)) return ToValue(env, kBadArgument);
  Parts parts;
  const bool few = parts.Gather(arguments, 1);
  const SocketEntry* socket = arguments.FindSocket(0);
  if (socket == nullptr) return ToValue(env, kClosedHandle);
  if (!few) return Answer(env, Status::Failed(Call::kSendmsg, EMSGSIZE));
  Outgoing message;
  message.stream = socket->stream;
  Bytes bytes;
  Address to;
  if (IsGiven(arguments, 2)) {
    if (!arguments.View(2, &bytes) || !ToAddress(bytes, &to)) return ToValue(env, kBadArgument);
    message.to = &to;
  }
  Frame frame;
  SourceAddress source;
  if (IsGiven(arguments, 3)) {
    if (!arguments.View(3, &bytes) || !ToFrame(bytes, &frame)) return ToValue(env, kBadArgument);
    std::memcpy(&frame.ancillary, bytes.data, sizeof(frame.ancillary));
    if (!RestIsSound(frame.ancillary, frame.rest, frame.rest_size) ||
        !ParseSource(frame.ancillary, &source)) {
      return ToValue(env, kBadArgument);
    }
    message.with = &frame.ancillary;
    message.rest = frame.rest;
    message.source = &source;
  }
  if (!parts.Locate(env)) return ToValue(env, kBadArgument);
  message.parts = parts.list();
  message.count = parts.count();
  return Answer(env, SendMessage(socket->get(), message, flags));
}

// (handle) → 1 or 0
napi_value JS_atMark(napi_env env, napi_callback_info info) {
  const SocketEntry* socket = Arguments(env, info).FindSocket(0);
  if (socket == nullptr) return ToValue(env, kClosedHandle);
  const Result<bool> mark = AtMark(socket->get());
  if (!mark.ok()) return ToValue(env, ToAnswer(mark.status));
  return ToValue(env, mark.value ? 1 : 0);
}

constexpr Function kMessageFunctions[] = {
    {"recvFrom", JS_recvFrom},
    {"sendTo", JS_sendTo},
    {"recvMessage", JS_recvMessage},
    {"takeDescriptors", JS_takeDescriptors},
    {"closeDescriptors", JS_closeDescriptors},
    {"sendMessage", JS_sendMessage},
    {"atMark", JS_atMark},
};

}  // namespace

void DefineMessage(napi_env env, napi_value exports, Environment* environment) {
  Define(env, exports, environment, kMessageFunctions);
}

}  // namespace fdpoll::binding
