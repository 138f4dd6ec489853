// The sources of a poller for lib/sources.ts. A source is known by its SourceId, a whole number of
// at most 53 bits that is not given out twice before its slot was used half a billion times.
#include <cerrno>

#include "binding/convert.h"
#include "binding/uv_signal.h"
#include "core/process.h"
#include "core/signals.h"

namespace fdpoll::binding {

namespace {

constexpr int64_t kLargestId = (int64_t{1} << 53) - 1;

// Milliseconds from now as a number, or a point in time of the monotonic clock as a BigInt of
// nanoseconds.
bool ToDeadline(const Arguments& arguments, size_t i, Nanoseconds* out) {
  bool lossless = false;
  int64_t point = 0;
  if (napi_get_value_bigint_int64(arguments.env(), arguments.at(i), &point, &lossless) == napi_ok) {
    // Of more than 64 bits only the sign is of interest.
    int sign = 0;
    size_t words = 1;
    uint64_t word = 0;
    if (!lossless) {
      napi_get_value_bigint_words(arguments.env(), arguments.at(i), &sign, &words, &word);
    }
    *out = lossless ? std::max<int64_t>(0, point) : sign != 0 ? 0 : kForever;
    return true;
  }
  Nanoseconds after = 0;
  if (!arguments.Timeout(i, &after)) return false;
  const Nanoseconds now = Now();
  *out = after >= kForever - now ? kForever : now + after;
  return true;
}

napi_value ToIdValue(napi_env env, const Result<SourceId>& added) {
  return ToValue(env, added.ok() ? added.value : ToAnswer(added.status));
}

// (poller, when, period in milliseconds) → id
napi_value JS_addTimer(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  Nanoseconds at = 0;
  Nanoseconds every = 0;
  const PollerEntry* poller = arguments.FindPoller(0);
  if (!ToDeadline(arguments, 1, &at) || !arguments.Timeout(2, &every)) {
    return ToValue(env, kBadArgument);
  }
  if (poller == nullptr) return ToValue(env, kClosedHandle);
  return ToIdValue(env, poller->get()->AddTimer(at, every));
}

// (poller, id, when, period in milliseconds) → 0, or -1 when it has ended
napi_value JS_setTimer(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  int64_t id = -1;
  Nanoseconds at = 0;
  Nanoseconds every = 0;
  const PollerEntry* poller = arguments.FindPoller(0);
  if (!arguments.Integer(1, 0, kLargestId, &id) || !ToDeadline(arguments, 2, &at) ||
      !arguments.Timeout(3, &every)) {
    return ToValue(env, kBadArgument);
  }
  if (poller == nullptr) return ToValue(env, kClosedHandle);
  const Status status = poller->get()->SetTimer(id, at, every);
  return ToValue(env, status.error == ENOENT ? -1 : ToAnswer(status));
}

// (poller, number of the signal, whether others hear, too) → id
napi_value JS_addSignal(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  int64_t signal = 0;
  bool pass_on = true;
  const PollerEntry* poller = arguments.FindPoller(0);
  if (!arguments.Integer(1, 1, INT32_MAX, &signal) || !arguments.Boolean(2, &pass_on)) {
    return ToValue(env, kBadArgument);
  }
  if (poller == nullptr) return ToValue(env, kClosedHandle);
  const int number = static_cast<int>(signal);
  Result<std::unique_ptr<Feed>> feed =
      arguments.environment().has_uv_loop() ? OpenUvSignal(number) : OpenSignal(number, pass_on);
  if (!feed.ok()) return ToValue(env, ToAnswer(feed.status));
  return ToIdValue(env, poller->get()->AddFeed(std::move(feed.value)));
}

// (poller, process) → id
napi_value JS_addProcess(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  int64_t pid = 0;
  const PollerEntry* poller = arguments.FindPoller(0);
  if (!arguments.Integer(1, 1, INT32_MAX, &pid)) return ToValue(env, kBadArgument);
  if (poller == nullptr) return ToValue(env, kClosedHandle);
  Result<std::unique_ptr<Feed>> feed = OpenProcess(static_cast<int>(pid));
  if (!feed.ok()) return ToValue(env, ToAnswer(feed.status));
  return ToIdValue(env, poller->get()->AddFeed(std::move(feed.value)));
}

// (poller, path, kinds, mask) → id
napi_value JS_addWatch(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  std::string path;
  uint32_t kinds = 0;
  uint32_t mask = 0;
  const PollerEntry* poller = arguments.FindPoller(0);
  if (!arguments.Text(1, &path) || !arguments.Uint32(2, &kinds) || !arguments.Uint32(3, &mask)) {
    return ToValue(env, kBadArgument);
  }
  if (poller == nullptr) return ToValue(env, kClosedHandle);
  return ToIdValue(env, poller->get()->AddWatch(path, kinds, mask));
}

// (poller, id) → its place in the current batch, now silenced, or -1; also when it has ended
napi_value JS_closeSource(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  int64_t id = -1;
  const PollerEntry* poller = arguments.FindPoller(0);
  if (poller == nullptr || !arguments.Integer(1, 0, kLargestId, &id)) return ToValue(env, -1);
  return ToValue(env, poller->get()->RemoveSource(id));
}

void Append(std::string* out, uint32_t number) {
  out->append(reinterpret_cast<const char*>(&number), sizeof(number));
}

// (poller, id) → what has happened to a watch in the current batch, for lib/watch_changes.ts: for
// each change kinds, mask, cookie and the length of the name in bytes as four numbers of 32 bits,
// then the name, padded to a multiple of four
napi_value JS_watchChanges(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  int64_t id = -1;
  const PollerEntry* poller = arguments.FindPoller(0);
  if (!arguments.Integer(1, 0, kLargestId, &id)) return ToValue(env, kBadArgument);
  if (poller == nullptr) return ToValue(env, kClosedHandle);
  std::string frame;
  const std::vector<Change>* changes = poller->get()->ChangesOf(id);
  for (size_t i = 0; changes != nullptr && i < changes->size(); i++) {
    const Change& change = (*changes)[i];
    for (const uint32_t number : {change.kinds, change.mask, change.cookie}) Append(&frame, number);
    Append(&frame, static_cast<uint32_t>(change.name.size()));
    frame.append(change.name);
    frame.resize((frame.size() + 3) & ~size_t{3});
  }
  return ToBytes(env, frame);
}

// () → the monotonic clock, as a BigInt of nanoseconds
napi_value JS_monotonicTime(napi_env env, napi_callback_info) {
  napi_value result = nullptr;
  napi_create_bigint_int64(env, Now(), &result);
  return result;
}

constexpr Function kSourceFunctions[] = {
    {"addTimer", JS_addTimer},
    {"setTimer", JS_setTimer},
    {"addSignal", JS_addSignal},
    {"addProcess", JS_addProcess},
    {"addWatch", JS_addWatch},
    {"closeSource", JS_closeSource},
    {"watchChanges", JS_watchChanges},
    {"monotonicTime", JS_monotonicTime},
};

}  // namespace

void DefineSource(napi_env env, napi_value exports, Environment* environment) {
  Define(env, exports, environment, kSourceFunctions);
}

}  // namespace fdpoll::binding
