#include "core/backends.h"

#include "config.h"

namespace fdpoll {

#ifdef HAVE_EPOLL
extern const Traits kEpollTraits;
Result<std::unique_ptr<Backend>> OpenEpoll();
#define FDPOLL_EPOLL &kEpollTraits, OpenEpoll
#else
#define FDPOLL_EPOLL nullptr, nullptr
#endif

#ifdef HAVE_KQUEUE
extern const Traits kKqueueTraits;
Result<std::unique_ptr<Backend>> OpenKqueue();
#define FDPOLL_KQUEUE &kKqueueTraits, OpenKqueue
#else
#define FDPOLL_KQUEUE nullptr, nullptr
#endif

#ifdef HAVE_POLL
extern const Traits kPollTraits;
Result<std::unique_ptr<Backend>> OpenPoll();
#define FDPOLL_POLL &kPollTraits, OpenPoll
#else
#define FDPOLL_POLL nullptr, nullptr
#endif

#ifdef HAVE_SELECT
extern const Traits kSelectTraits;
Result<std::unique_ptr<Backend>> OpenSelect();
#define FDPOLL_SELECT &kSelectTraits, OpenSelect
#else
#define FDPOLL_SELECT nullptr, nullptr
#endif

namespace {

constexpr BackendEntry kBackends[] = {
    {"epoll",
     FDPOLL_EPOLL,
     "not compiled in: epoll is Linux's, or this build was made with FDPOLL_DISABLE_EPOLL"},
    {"kqueue",
     FDPOLL_KQUEUE,
     "not compiled in: kqueue is macOS's and the BSDs', on Linux it needs libkqueue at build time, "
     "or this build "
     "was made with FDPOLL_DISABLE_KQUEUE"},
    {"poll", FDPOLL_POLL, "not compiled in: this build was made with FDPOLL_DISABLE_POLL"},
    {"select", FDPOLL_SELECT, "not compiled in: this build was made with FDPOLL_DISABLE_SELECT"},
};

}  // namespace

BackendTable AllBackends() {
  return {kBackends, sizeof(kBackends) / sizeof(kBackends[0])};
}

const BackendEntry* FindBackend(std::string_view name) {
  for (const BackendEntry& entry : kBackends) {
    if (name == entry.name) return &entry;
  }
  return nullptr;
}

}  // namespace fdpoll
