// The only place that decides what this build contains: override first, then detect, then #error.
// A HAVE_* is defined or absent, never 0, and is tested with #ifdef. It appears here, as the
// guard of its own file, and in core/backends.cc; nowhere else.
//
// Overrides (compiler definitions):
//   FDPOLL_DISABLE_EPOLL    leave a mechanism out although the system has it;
//                           likewise FDPOLL_DISABLE_KQUEUE, _POLL, _SELECT and _INOTIFY
//   FDPOLL_DISABLE_EVENTFD  wake through a pipe, as systems without eventfd do
//   FDPOLL_LIBKQUEUE        on Linux: kqueue is to be had from libkqueue (the build files ask
//                           pkg-config)
#pragma once

#if defined(__linux__)
#define FDPOLL_SYSTEM_LINUX 1
#elif defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__)
#define FDPOLL_SYSTEM_BSD 1
#else
#error "fdpoll knows Linux, macOS, FreeBSD, NetBSD and OpenBSD; this system is none of them"
#endif

#if defined(FDPOLL_SYSTEM_LINUX) && !defined(FDPOLL_DISABLE_EPOLL)
#define HAVE_EPOLL 1
#endif

#if (defined(FDPOLL_SYSTEM_BSD) || defined(FDPOLL_LIBKQUEUE)) && !defined(FDPOLL_DISABLE_KQUEUE)
#define HAVE_KQUEUE 1
#endif

#if defined(FDPOLL_SYSTEM_LINUX) && !defined(FDPOLL_DISABLE_INOTIFY)
#define HAVE_INOTIFY 1
#endif

#if defined(FDPOLL_SYSTEM_LINUX) && !defined(FDPOLL_DISABLE_EVENTFD)
#define HAVE_EVENTFD 1
#endif

#if !defined(FDPOLL_DISABLE_POLL)
#define HAVE_POLL 1
#endif

#if !defined(FDPOLL_DISABLE_SELECT)
#define HAVE_SELECT 1
#endif

#if !defined(HAVE_EPOLL) && !defined(HAVE_KQUEUE) && !defined(HAVE_POLL) && !defined(HAVE_SELECT)
#error "every backend is disabled: leave at least one of epoll, kqueue, poll and select"
#endif
