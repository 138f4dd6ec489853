// The facts that core/kqueue_system.h builds on, held when it is compiled: each system's own
// headers answer.
#include "core/kqueue_system.h"

#include <type_traits>

namespace {

using namespace fdpoll;

// What the backend's file uses everywhere.
static_assert(EV_RECEIPT != 0 && EV_DISPATCH != 0 && EV_CLEAR != 0 && EV_EOF != 0, "flags");
static_assert(NOTE_TRIGGER != 0, "EVFILT_USER can be triggered");
static_assert(static_cast<kq::Filter>(EVFILT_USER) != static_cast<kq::Filter>(EVFILT_READ),
              "filters differ");
static_assert(std::is_pointer<decltype(kq::Event::udata)>::value, "udata is a pointer");

#if defined(__APPLE__) || defined(__OpenBSD__)
static_assert(kq::kHasExcept && EVFILT_USER == -10, "macOS and OpenBSD have EVFILT_EXCEPT");
#elif defined(__NetBSD__)
static_assert(!kq::kHasExcept && EVFILT_USER == 8U && EVFILT_READ == 0,
              "NetBSD's filters are unsigned, READ is 0");
static_assert(std::is_unsigned<kq::Filter>::value && std::is_same<kq::Count, size_t>::value,
              "and so are its counts");
#else
static_assert(!kq::kHasExcept && EVFILT_USER == -11, "FreeBSD's numbers, which libkqueue shares");
#endif

}  // namespace

int main() {
}
