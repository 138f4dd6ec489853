// The addon's entry: one Environment for each JavaScript environment that loads it, and its
// functions.
#include <napi.h>

#include <memory>

#include "binding/convert.h"
#include "binding/environment.h"

namespace fdpoll::binding {

namespace {

void Destroy(napi_env env, void* data, void*) {
  const std::unique_ptr<Environment> last(static_cast<Environment*>(data));
  last->Forget(env);
}

Napi::Object Initialize(Napi::Env env, Napi::Object exports) {
  auto environment = std::make_unique<Environment>();
  // Runs when the environment ends: closes the pollers and sockets that are still open.
  if (napi_set_instance_data(env, environment.get(), Destroy, nullptr) != napi_ok) return exports;
  Environment* owned_by_env = environment.release();
  DefinePoller(env, exports, owned_by_env);
  DefineHosting(env, exports, owned_by_env);
  DefineSource(env, exports, owned_by_env);
  DefineReadiness(env, exports, owned_by_env);
  DefineStreamBatch(env, exports, owned_by_env);
  DefineSocket(env, exports, owned_by_env);
  DefineReadWrite(env, exports, owned_by_env);
  DefineOption(env, exports, owned_by_env);
  DefineMessage(env, exports, owned_by_env);
  DefineDatagram(env, exports, owned_by_env);
  DefineDescriptor(env, exports, owned_by_env);
  DefineAddress(env, exports, owned_by_env);
  DefineSystem(env, exports, owned_by_env);
  return exports;
}

}  // namespace

NODE_API_MODULE(fdpoll, Initialize)

}  // namespace fdpoll::binding
