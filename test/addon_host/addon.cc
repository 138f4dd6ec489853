#include "addon.h"

#include <dirent.h>
#include <dlfcn.h>
#include <sys/socket.h>

#include <cstdio>
#include <cstring>

#include "../native/check.h"

namespace host {

Initializer Load(const char* path) {
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) Die(dlerror());
  const auto version =
      reinterpret_cast<int32_t (*)()>(dlsym(library, "node_api_module_get_api_version_v1"));
  const auto initialize = reinterpret_cast<Initializer>(dlsym(library, "napi_register_module_v1"));
  if (version == nullptr || initialize == nullptr) Die("the addon has no entry of Node-API's");
  if (version() != 8) Die("the addon is not of Node-API 8");
  return initialize;
}

Addon::Addon(Initializer initialize) {
  {
    const HandleScope scope(&env_);
    napi_value exports = env_.Push(exports_);
    exports_ = env_.At(initialize(&env_, exports));
  }
  const Callable probe = [this](const std::vector<ValuePtr>&) {
    probes_++;
    return Make(Undefined{});
  };
  constexpr bool kHasUvLoop = false;
  CHECK(Number("configure", Make(probe), kHasUvLoop) == 0);
}

ValuePtr Addon::CallList(const char* name, const std::vector<ValuePtr>& arguments) {
  const ValuePtr function = exports_->As<Object>()->properties[name];
  if (function == nullptr) Die((std::string("the addon has no function ") + name).c_str());
  const size_t handles = env_.handles.size();
  const ValuePtr result = env_.Call(function, arguments);
  // Errors are numbers: nothing is ever thrown.
  CHECK(env_.exception == nullptr && env_.handles.size() == handles);
  return result;
}

int64_t Addon::ToNumber(const ValuePtr& value, const char* name) {
  if (value == nullptr || value->As<double>() == nullptr)
    Die((std::string("no number comes from ") + name).c_str());
  return static_cast<int64_t>(*value->As<double>());
}

std::vector<int64_t> Addon::ToNumbers(const ValuePtr& value, const char* name) {
  if (value == nullptr || value->As<Array>() == nullptr)
    Die((std::string("no list comes from ") + name).c_str());
  std::vector<int64_t> numbers;
  for (const ValuePtr& element : value->As<Array>()->elements)
    numbers.push_back(ToNumber(element, name));
  return numbers;
}

std::string Addon::Tell(int64_t answer) {
  CHECK(answer <= -4096);
  const ValuePtr described = Call("describeErrno", -answer % 4096);
  const ValuePtr call = Call("callName", -answer / 4096);
  return *described->As<Array>()->elements[0]->As<std::string>() + ' ' + *call->As<std::string>();
}

TestPoller::TestPoller(Addon* addon, const std::string& backend)
    : addon_(addon),
      handle_(addon->Number("openPoller", backend, kCapacity)),
      columns_(Make(Memory(7 * sizeof(int32_t) * kCapacity))) {
  CHECK(handle_ >= 0);
}

void TestPoller::Close() {
  CHECK(addon_->Number("closePoller", handle_) == 0);
}

int64_t TestPoller::Begin(int64_t answer) {
  if (answer < 0) return answer;
  count_ = static_cast<int>(answer & 0xffffff);
  woken_ = (answer >> 24 & 1) != 0;
  return count_;
}

int32_t TestPoller::At(int column, int event) const {
  CHECK(event < count_);
  int32_t number = 0;
  const Memory& memory = *columns_->As<Memory>();
  std::memcpy(&number, memory.data() + sizeof number * (column * kCapacity + event), sizeof number);
  return number;
}

TestPair::TestPair(Addon* addon) : addon_(addon) {
  const std::vector<int64_t> handles = addon->Numbers("openSocketPair", SOCK_STREAM);
  CHECK(handles.size() == 2);
  a = handles[0];
  b = handles[1];
  fd_of_a = addon->Number("socketFd", a);
}

TestPair::~TestPair() {
  // A check may have closed one.
  for (const int64_t socket : {a, b}) {
    const int64_t answer = addon_->Number("closeSocket", socket);
    CHECK(answer == 0 || answer == kClosedHandle);
  }
}

int64_t SendText(Addon* addon, int64_t socket, const std::string& text) {
  const ValuePtr buffer = Make(Memory(text.begin(), text.end()));
  return addon->Number("send", socket, MakeView(buffer, 0, text.size()));
}

std::string ReceiveText(Addon* addon, int64_t socket) {
  constexpr size_t kSize = 64;
  const ValuePtr buffer = Make(Memory(kSize));
  const int64_t count = addon->Number("recv", socket, MakeView(buffer, 0, kSize));
  CHECK(count >= 0 || count == kWouldBlock);
  const Memory& memory = *buffer->As<Memory>();
  return {memory.begin(), memory.begin() + (count < 0 ? 0 : count)};
}

int CountDescriptors() {
  DIR* folder = opendir("/proc/self/fd");
  CHECK(folder != nullptr);
  int count = 0;
  while (readdir(folder) != nullptr) count++;
  closedir(folder);
  return count;
}

}  // namespace host
