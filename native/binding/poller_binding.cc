#include <cstring>

#include "binding/convert.h"
#include "binding/hosting.h"
#include "binding/waiting.h"
#include "core/backends.h"

namespace fdpoll::binding {

namespace {

// How numbers are packed for lib/poller.ts: a slot has 24 bits.
constexpr int64_t kSlotSpan = int64_t{1} << 24;
constexpr int32_t kWoken = 1 << 24;
constexpr int32_t kSources = 1 << 25;
constexpr uint32_t kKeepMode = 8;
constexpr uint32_t kEventsMax = 1u << 20;
constexpr size_t kColumns = 7;

Mode ToMode(uint32_t bits) {
  Mode mode;
  mode.edge = (bits & 1) != 0;
  mode.one_shot = (bits & 2) != 0;
  mode.exclusive = (bits & 4) != 0;
  return mode;
}

// (name, maxEvents) → handle
napi_value JS_openPoller(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  std::string name;
  uint32_t capacity = 0;
  if (!arguments.Text(0, &name) || !arguments.Uint32(1, &capacity))
    return ToValue(env, kBadArgument);
  const BackendEntry* backend = FindBackend(name);
  if (backend == nullptr || backend->open == nullptr || capacity == 0 || capacity > kEventsMax) {
    return ToValue(env, kBadArgument);
  }
  Result<std::unique_ptr<Poller>> poller = Poller::Open(*backend, capacity);
  if (!poller.ok()) return ToValue(env, ToAnswer(poller.status));
  PollerEntry entry(std::move(poller.value));
  return ToValue(env, HandleAnswer(arguments.environment().pollers.Insert(std::move(entry))));
}

// (handle) → 0; also when it was closed before
napi_value JS_closePoller(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  int32_t handle = -1;
  if (arguments.Int32(0, &handle)) arguments.environment().pollers.Take(handle);
  return ToValue(env, 0);
}

// (handle, whether somebody is going to wait for it) → descriptor, or -1 where the backend has none
napi_value JS_pollerFd(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  bool show = false;
  PollerEntry* entry = arguments.FindPoller(0);
  if (entry == nullptr) return ToValue(env, kClosedHandle);
  const int fd = entry->get()->backend().pollable_fd();
  if (fd >= 0 && arguments.Boolean(1, &show) && show && !entry->shown) {
    const Status status = entry->get()->Expose();
    if (!status.ok()) return ToValue(env, ToAnswer(status));
    entry->shown = true;
  }
  return ToValue(env, fd);
}

// (handle) → how many descriptors are registered
napi_value JS_pollerSize(napi_env env, napi_callback_info info) {
  const PollerEntry* poller = Arguments(env, info).FindPoller(0);
  return ToValue(env,
                 poller == nullptr ? kClosedHandle : static_cast<int64_t>(poller->get()->size()));
}

// (handle) → the handle of its waker
napi_value JS_pollerWaker(napi_env env, napi_callback_info info) {
  PollerEntry* poller = Arguments(env, info).FindPoller(0);
  if (poller == nullptr) return ToValue(env, kClosedHandle);
  return ToValue(env, poller->Waker());
}

// What add and modify are called with: (handle, fd, interest, mode bits[, socket handle]).
struct Registering {
  Poller* poller = nullptr;
  int fd = -1;
  uint32_t interest = 0;
  uint32_t mode = 0;
  int32_t owner = -1;
  int64_t refusal = 0;  // what to answer when it is no poller or no arguments
};

Registering ToRegistering(const Arguments& arguments) {
  Registering result;
  const bool good = arguments.Descriptor(1, &result.fd) && arguments.Uint32(2, &result.interest) &&
                    arguments.Uint32(3, &result.mode) && (result.interest & ~kInterestMask) == 0;
  if (arguments.count() > 4 && !arguments.Int32(4, &result.owner)) result.owner = -1;
  const PollerEntry* entry = arguments.FindPoller(0);
  if (entry != nullptr) result.poller = entry->get();
  result.refusal = !good ? kBadArgument : entry == nullptr ? kClosedHandle : 0;
  return result;
}

// (handle, fd, interest, mode bits[, socket handle]) → slot, plus kSlotSpan when it silenced an event of the batch
napi_value JS_pollerAdd(napi_env env, napi_callback_info info) {
  const Registering asked = ToRegistering(Arguments(env, info));
  if (asked.refusal != 0) return ToValue(env, asked.refusal);
  const Result<Poller::Added> added =
      asked.poller->Add(asked.fd, asked.interest, ToMode(asked.mode), asked.owner);
  if (!added.ok()) return ToValue(env, ToAnswer(added.status));
  return ToValue(env, added.value.slot + (added.value.replaced ? kSlotSpan : 0));
}

// (handle, fd, interest, mode bits or kKeepMode) → slot
napi_value JS_pollerModify(napi_env env, napi_callback_info info) {
  const Registering asked = ToRegistering(Arguments(env, info));
  if (asked.refusal != 0) return ToValue(env, asked.refusal);
  const Result<int32_t> slot =
      (asked.mode & kKeepMode) != 0
          ? asked.poller->Modify(asked.fd, asked.interest)
          : asked.poller->Modify(asked.fd, asked.interest, ToMode(asked.mode));
  return ToValue(env, slot.ok() ? slot.value : ToAnswer(slot.status));
}

// (handle, fd) → slot + (event + 1) * kSlotSpan, where event is its place in the batch or -1; -1
// when unknown
napi_value JS_pollerDelete(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  int fd = -1;
  if (!arguments.Descriptor(1, &fd)) return ToValue(env, -1);
  const PollerEntry* poller = arguments.FindPoller(0);
  if (poller == nullptr) return ToValue(env, kClosedHandle);
  const Poller::Removed removed = poller->get()->Remove(fd);
  return ToValue(env, removed.slot < 0 ? -1 : removed.slot + (removed.event + 1) * kSlotSpan);
}

// (handle, fd) → 1 or 0
napi_value JS_pollerHas(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  int fd = -1;
  const PollerEntry* poller = arguments.FindPoller(0);
  if (poller == nullptr) return ToValue(env, kClosedHandle);
  return ToValue(env, arguments.Descriptor(1, &fd) && poller->get()->Has(fd) ? 1 : 0);
}

// The columns of lib/events.ts, each `capacity` numbers of 32 bits: descriptors, flags, available,
// slots; then those of stream_batch_binding.cc.
// The number of events, plus kSources when some are of sources, plus kWoken.
int64_t WriteColumns(const std::vector<Ready>& events,
                     bool woken,
                     size_t capacity,
                     uint8_t* columns) {
  auto* fds = reinterpret_cast<int32_t*>(columns);
  auto* flags = reinterpret_cast<uint32_t*>(columns) + capacity;
  int32_t* available = fds + 2 * capacity;
  int32_t* slots = fds + 3 * capacity;
  int32_t sources = 0;
  for (size_t i = 0; i < events.size(); i++) {
    fds[i] = events[i].fd;
    sources |= events[i].fd;
    flags[i] = events[i].flags;
    available[i] = events[i].available;
    slots[i] = events[i].slot;
  }
  return static_cast<int64_t>(events.size()) + (woken ? kWoken : 0) + (sources < 0 ? kSources : 0);
}

// (handle, timeout, ArrayBuffer of the columns) → number of events, plus kWoken, plus kSources
napi_value JS_pollerWait(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  Environment& environment = arguments.environment();
  Nanoseconds timeout = 0;
  if (!arguments.Timeout(1, &timeout)) return ToValue(env, kBadArgument);
  PollerEntry* entry = arguments.FindPoller(0);
  if (entry == nullptr) return ToValue(env, kClosedHandle);
  Poller* poller = entry->get();
  if (entry->host != nullptr) return ToValue(env, kBadArgument);
  Bytes columns;
  if (!arguments.Buffer(2, &columns) ||
      columns.length != kColumns * sizeof(int32_t) * poller->capacity()) {
    return ToValue(env, kBadArgument);
  }
  if (environment.loop_fd() >= 0 && !entry->watches_interrupts && timeout > 0 &&
      environment.hosted_on_loop == 0) {
    entry->watches_interrupts = true;
    poller->AddInterruptSource(environment.loop_fd());
  }

  entry->batch.Forget();
  Poller::Outcome outcome;
  const bool running = WaitInSlices(env, environment, timeout, [&](Nanoseconds slice) {
    outcome = poller->Wait(slice);
    if (outcome.renewed) environment.PollerWasRenewed(poller->backend().pollable_fd());
    return !outcome.status.ok() || outcome.woken || !poller->events().empty();
  });
  if (!running) return nullptr;
  if (!outcome.status.ok()) return ToValue(env, ToAnswer(outcome.status));
  return ToValue(env,
                 WriteColumns(poller->events(), outcome.woken, poller->capacity(), columns.data));
}

constexpr Function kPollerFunctions[] = {
    {"openPoller", JS_openPoller},
    {"closePoller", JS_closePoller},
    {"pollerFd", JS_pollerFd},
    {"pollerSize", JS_pollerSize},
    {"pollerWaker", JS_pollerWaker},
    {"pollerAdd", JS_pollerAdd},
    {"pollerModify", JS_pollerModify},
    {"pollerDelete", JS_pollerDelete},
    {"pollerHas", JS_pollerHas},
    {"pollerWait", JS_pollerWait},
};

}  // namespace

int64_t FillColumns(const Poller& poller, bool woken, const Bytes& columns) {
  if (columns.length != kColumns * sizeof(int32_t) * poller.capacity()) return kBadArgument;
  return WriteColumns(poller.events(), woken, poller.capacity(), columns.data);
}

void DefinePoller(napi_env env, napi_value exports, Environment* environment) {
  Define(env, exports, environment, kPollerFunctions);
}

}  // namespace fdpoll::binding
