// Signals as feeds, for runtimes whose own signal handling cannot be shared: a handler that is
// chained before the one that was there. Under Node libuv's takes its place (binding/uv_signal.h).
//
// What a process does with a signal belongs to the whole process, so the table behind this is one of
// the two things that are not owned by an environment (the other is the table of wakers). Nothing of
// it is ever destroyed: a signal may come while the process exits.
#pragma once

#include <memory>

#include "core/feed.h"
#include "core/status.h"

namespace fdpoll {

// Tells how often the signal came since the last time; several that are pending at once may count as
// one, as signals do. The default action does not happen meanwhile. With the last feed of a signal
// the handler before comes back, unless somebody has replaced ours since. EINVAL for a signal that
// cannot be caught; a handler that is installed later by others takes the signal away.
// Without `pass_on` the handler before is not called as long as this feed is open: where it stands for
// the default action.
Result<std::unique_ptr<Feed>> OpenSignal(int signal, bool pass_on = true);

// What is done with a signal while others, as libuv, handle it: libuv leaves the default action behind
// where something else was before. As SIGPIPE, which Node ignores, or Node's own handler of SIGTERM,
// which gives the terminal back. Counted for each signal: the last one restores.
class KeptDisposition {
 public:
  explicit KeptDisposition(int signal);
  KeptDisposition(const KeptDisposition&) = delete;
  KeptDisposition& operator=(const KeptDisposition&) = delete;
  ~KeptDisposition();

  // The others' handler is in place: if it was before, there is nothing to keep.
  void Installed() const;

 private:
  int signal_;
};

}  // namespace fdpoll
