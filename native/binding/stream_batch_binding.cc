// events.receive and events.send: one crossing for all connections of a batch.
#include "binding/convert.h"

namespace fdpoll::binding {

namespace {

constexpr size_t kColumns = 7;
// A length has to fit into a column.
constexpr uint32_t kEachMax = INT32_MAX;

// What both functions are called with: (poller handle, ArrayBuffer of the columns, slab, ...).
struct Batching {
  PollerEntry* entry = nullptr;
  StreamBatch::Columns columns{};
  Bytes slab;
  int64_t refusal = 0;
};

Batching ToBatching(const Arguments& arguments) {
  Batching result;
  result.entry = arguments.FindPoller(0);
  if (result.entry == nullptr) {
    result.refusal = kClosedHandle;
    return result;
  }
  const Poller& poller = *result.entry->get();
  const size_t capacity = poller.capacity();
  Bytes columns;
  if (!arguments.Buffer(1, &columns) || columns.length != kColumns * sizeof(int32_t) * capacity ||
      !arguments.View(2, &result.slab) || result.slab.length > UINT32_MAX) {
    result.refusal = kBadArgument;
    return result;
  }
  auto* numbers = reinterpret_cast<int32_t*>(columns.data);
  result.columns.offsets = reinterpret_cast<uint32_t*>(numbers + 4 * capacity);
  result.columns.lengths = numbers + 5 * capacity;
  result.columns.sent = numbers + 6 * capacity;
  result.columns.count = poller.events().size();
  return result;
}

// Event i's descriptor when a connected stream Socket of this thread is behind it, else -1. From
// the poller's own copy of the batch: the columns are JavaScript's to write. What was removed meanwhile has no flags left.
int DescriptorOf(Environment& environment, const Poller& poller, size_t i, uint32_t wanted) {
  const Ready& event = poller.events()[i];
  if ((event.flags & wanted) == 0) return -1;
  const SocketEntry* socket = environment.sockets.Find(poller.OwnerOf(event));
  if (socket == nullptr || !socket->stream || socket->listening) return -1;
  return socket->get() == event.fd ? event.fd : -1;
}

// (poller, columns, slab, each) → how many were read
napi_value JS_pollerReceive(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  uint32_t each = 0;
  if (!arguments.Uint32(3, &each) || each == 0 || each > kEachMax)
    return ToValue(env, kBadArgument);
  const Batching asked = ToBatching(arguments);
  if (asked.refusal != 0) return ToValue(env, asked.refusal);
  const Poller& poller = *asked.entry->get();
  Environment& environment = arguments.environment();
  if (!asked.entry->batch.Prepare(asked.columns.count)) {
    return ToValue(env, ToAnswer(OutOfMemory()));
  }
  const size_t read = asked.entry->batch.Receive(
      asked.columns, asked.slab.data, asked.slab.length, each, [&](size_t i) {
        return DescriptorOf(environment, poller, i, kReadable);
      });
  return ToValue(env, static_cast<int64_t>(read));
}

// (poller, columns, slab) → how many went whole
napi_value JS_pollerSend(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const Batching asked = ToBatching(arguments);
  if (asked.refusal != 0) return ToValue(env, asked.refusal);
  const Poller& poller = *asked.entry->get();
  Environment& environment = arguments.environment();
  size_t complete = 0;
  const bool fits = asked.entry->batch.Send(
      asked.columns,
      asked.slab.data,
      asked.slab.length,
      [&](size_t i) { return DescriptorOf(environment, poller, i, ~uint32_t{0}); },
      &complete);
  return ToValue(env, fits ? static_cast<int64_t>(complete) : kBadArgument);
}

constexpr Function kStreamBatchFunctions[] = {
    {"pollerReceive", JS_pollerReceive},
    {"pollerSend", JS_pollerSend},
};

}  // namespace

void DefineStreamBatch(napi_env env, napi_value exports, Environment* environment) {
  Define(env, exports, environment, kStreamBatchFunctions);
}

}  // namespace fdpoll::binding
