// Signals under Node: a uv_signal_t on a private loop, whose own descriptor any poller can watch.
// libuv's handler is the process's already; one of our own would lose to `process.on`.
#pragma once

#include <node_api.h>

#include <memory>

#include "core/feed.h"
#include "core/status.h"

namespace fdpoll::binding {

// One loop for each signal of each poller: a loop delivers two kinds over one pipe, and a storm of
// one would lose the other. EINVAL for what cannot be caught; EMFILE: a loop takes five descriptors.
Result<std::unique_ptr<Feed>> OpenUvSignal(int signal);

}  // namespace fdpoll::binding
