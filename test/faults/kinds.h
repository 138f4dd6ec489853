// The kinds of calls that can be made to fail: those that the addon makes by the name of a function, those by
// number through syscall(2), and those of libuv that it looks up. What a call does is told apart where it
// matters to what may go wrong.
#pragma once

#include <errno.h>

// X(function of the C library): int f(...) that returns -1 and sets errno.
#define FAULT_KINDS(X) \
  X(accept4)           \
  X(bind)              \
  X(chmod)             \
  X(close)             \
  X(connect)           \
  X(dlsym)             \
  X(dup3)              \
  X(epoll_create1)     \
  X(epoll_ctl_add)     \
  X(epoll_ctl_mod)     \
  X(epoll_ctl_del)     \
  X(epoll_pwait2)      \
  X(epoll_wait)        \
  X(eventfd)           \
  X(fchmod)            \
  X(fchmodat2)         \
  X(fcntl_dupfd)       \
  X(fcntl_getfl)       \
  X(fcntl_setfd)       \
  X(fcntl_setfl)       \
  X(fstat)             \
  X(getcwd)            \
  X(getpeername)       \
  X(getsockname)       \
  X(getsockopt)        \
  X(inotify_add_watch) \
  X(inotify_init1)     \
  X(inotify_rm_watch)  \
  X(ioctl)             \
  X(ioctl_unixfile)    \
  X(kevent_add)        \
  X(kevent_delete)     \
  X(kevent_wait)       \
  X(kqueue)            \
  X(listen)            \
  X(lstat)             \
  X(memfd_create)      \
  X(memory)            \
  X(open)              \
  X(pidfd_open)        \
  X(pipe2)             \
  X(ppoll)             \
  X(pselect)           \
  X(pthread_create)    \
  X(pwritev2)          \
  X(read)              \
  X(read_event)        \
  X(readv)             \
  X(recvfrom)          \
  X(recvmmsg)          \
  X(recvmsg)           \
  X(sendfile)          \
  X(sendmmsg)          \
  X(sendmsg)           \
  X(sendto)            \
  X(setsockopt)        \
  X(shutdown)          \
  X(sigaction)         \
  X(sigtimedwait)      \
  X(sockatmark)        \
  X(socket)            \
  X(socketpair)        \
  X(splice)            \
  X(stat)              \
  X(timerfd_create)    \
  X(timerfd_settime)   \
  X(uv_loop_close)     \
  X(uv_loop_init)      \
  X(uv_poll_init)      \
  X(uv_poll_start)     \
  X(uv_signal_init)    \
  X(uv_signal_start)   \
  X(waitid)            \
  X(write)             \
  X(write_event)       \
  X(writev)            \
  X(unknown_syscall)

enum Kind {
#define FAULT_KIND(name) k_##name,
  FAULT_KINDS(FAULT_KIND)
#undef FAULT_KIND
      kKinds
};

extern const char* const kKindNames[kKinds];

// What is to happen to a call: 0 nothing, an errno, or the least that the kernel may do of it, or more.
constexpr int kShort = -1;
// More than was asked for, which no kernel does.
constexpr int kLong = -2;
int Verdict(Kind kind);
// Whether the call fails, with its errno set.
inline bool Refused(int verdict) {
  if (verdict > 0) errno = verdict;
  return verdict > 0;
}

// What stands in for a function that an addon imports, or nullptr for one that is left alone. Of those
// of memory, which only count what is alive, `fails` is false.
struct Hook {
  const char* name;
  void* function;
  void** original;
  bool fails;
};
const Hook* FindHook(const char* name);

// How many blocks of memory there are that the addon has got from operator new.
long LiveBlocks();
// The largest since the last time of those that may not fail, in bytes.
long LargestUnasked();
