#include "config.h"

#ifdef FDPOLL_SYSTEM_BSD

#include <sys/types.h>
// After sys/types.h: NetBSD's and OpenBSD's need it.
#include <sys/event.h>

#include "core/constants.h"

#define FDPOLL_TEXT_OF(text) #text
#define FDPOLL_CONSTANT(name) \
  { #name, FDPOLL_TEXT_OF(name) }

namespace fdpoll {

namespace {

// Those of EVFILT_VNODE, of which each system has others.
constexpr MacroText kWatches[] = {
    FDPOLL_CONSTANT(NOTE_ATTRIB),
    FDPOLL_CONSTANT(NOTE_CLOSE),
    FDPOLL_CONSTANT(NOTE_CLOSE_WRITE),
    FDPOLL_CONSTANT(NOTE_DELETE),
    FDPOLL_CONSTANT(NOTE_EXTEND),
    FDPOLL_CONSTANT(NOTE_FUNLOCK),
    FDPOLL_CONSTANT(NOTE_LINK),
    FDPOLL_CONSTANT(NOTE_OPEN),
    FDPOLL_CONSTANT(NOTE_READ),
    FDPOLL_CONSTANT(NOTE_RENAME),
    FDPOLL_CONSTANT(NOTE_REVOKE),
    FDPOLL_CONSTANT(NOTE_TRUNCATE),
    FDPOLL_CONSTANT(NOTE_WRITE),
};

}  // namespace

void AppendWatchConstants(std::vector<Constant>* out) {
  AppendKnown(kWatches, out);
}

}  // namespace fdpoll

#endif
