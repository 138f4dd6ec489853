// A socket address as JavaScript gets it from the addon; `NativeAddress` in lib/native.ts.
#pragma once

#include <node_api.h>

#include "core/address.h"

namespace fdpoll::binding {

// { family, and what it says: host and port, scopeId, flowInfo | path, bytes | cid, port | pid,
// groups | interface, protocol, address | interface }. What could not be taken apart is
// { family, bytes }. Nothing but these is allocated.
napi_value ToObject(napi_env env, const Address& address);

}  // namespace fdpoll::binding
