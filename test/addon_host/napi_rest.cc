// What the addon imports and the checks have no need of: a call of one is said, and fails the program. Node-API's headers
// are not included, since the arguments do not matter.
#include "refused.h"

#include <cstdio>
#include <cstdlib>

namespace {

constexpr int kGenericFailure = 9;  // napi_generic_failure
int refused = 0;

int Refuse(const char* name) {
  std::fprintf(stderr, "addon_host: %s is called, which this host does not have\n", name);
  refused++;
  return kGenericFailure;
}

}  // namespace

int host::Refused() {
  return refused;
}

#define NOT_HERE(name)    \
  extern "C" int name() { \
    return Refuse(#name); \
  }

// Hosting on libuv's loop.
NOT_HERE(napi_add_async_cleanup_hook)
NOT_HERE(napi_async_destroy)
NOT_HERE(napi_async_init)
NOT_HERE(napi_close_callback_scope)
NOT_HERE(napi_get_uv_event_loop)
NOT_HERE(napi_make_callback)
NOT_HERE(napi_remove_async_cleanup_hook)

// Views that this host has not, and integers that do not fit.
NOT_HERE(napi_get_dataview_info)
NOT_HERE(napi_get_value_bigint_words)

// Of node-addon-api, for modules that throw.
NOT_HERE(napi_close_escapable_handle_scope)
NOT_HERE(napi_create_error)
NOT_HERE(napi_create_type_error)
NOT_HERE(napi_define_properties)
NOT_HERE(napi_escape_handle)
NOT_HERE(napi_get_global)
NOT_HERE(napi_get_last_error_info)
NOT_HERE(napi_get_property)
NOT_HERE(napi_has_property)
NOT_HERE(napi_open_escapable_handle_scope)
NOT_HERE(napi_throw)

extern "C" [[noreturn]] void napi_fatal_error() {
  Refuse("napi_fatal_error");
  std::abort();
}
