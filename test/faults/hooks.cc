// What the addon calls in the place of the C library: counts, and fails when it is told to.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <new>

#include "kernel_events.h"
#include "kinds.h"
#include "memory.h"

namespace {

// Only a stream or a pipe may move less than it is asked to; of an eventfd or inotify that is an error.
bool Streams(long fd) {
  struct stat facts {};
  if (fstat(static_cast<int>(fd), &facts) != 0) return false;
  if (S_ISFIFO(facts.st_mode)) return true;
  int type = 0;
  socklen_t size = sizeof(type);
  return S_ISSOCK(facts.st_mode) &&
         getsockopt(static_cast<int>(fd), SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
         type == SOCK_STREAM;
}

// A function that takes up to six words and whose failure changes nothing.
template <Kind kind, typename... Arguments>
struct Plain {
  static inline int (*original)(Arguments...) = nullptr;
  static int Call(Arguments... arguments) {
    return Refused(Verdict(kind)) ? -1 : original(arguments...);
  }
};

// The work is done all the same: a descriptor that close(2) complains about is free, and a connection goes
// on that was interrupted.
template <Kind kind, typename... Arguments>
struct Done {
  static inline int (*original)(Arguments...) = nullptr;
  static int Call(Arguments... arguments) {
    const int verdict = Verdict(kind);
    const int result = original(arguments...);
    return Refused(verdict) ? -1 : result;
  }
};

struct Connect {
  static inline int (*original)(int, const sockaddr*, socklen_t) = nullptr;
  static int Call(int fd, const sockaddr* address, socklen_t length) {
    const int verdict = Verdict(k_connect);
    const bool goes_on = verdict == EINTR || verdict == EINPROGRESS;
    if (!goes_on && Refused(verdict)) return -1;
    const int result = original(fd, address, length);
    return Refused(verdict) ? -1 : result;
  }
};

struct EpollCtl {
  static inline int (*original)(int, int, int, epoll_event*) = nullptr;
  static int Call(int set, int operation, int fd, epoll_event* event) {
    const Kind kind = operation == EPOLL_CTL_ADD   ? k_epoll_ctl_add
                      : operation == EPOLL_CTL_MOD ? k_epoll_ctl_mod
                                                   : k_epoll_ctl_del;
    const int verdict = Verdict(kind);
    if (verdict > 0 && operation == EPOLL_CTL_ADD) {
      // That it is there already is said before anything can run out.
      if (original(set, operation, fd, event) < 0 && errno == EEXIST) return -1;
      original(set, EPOLL_CTL_DEL, fd, event);
    }
    // What complains of a removal is that it was not there any more.
    if (verdict > 0 && operation == EPOLL_CTL_DEL) original(set, operation, fd, event);
    return Refused(verdict) ? -1 : original(set, operation, fd, event);
  }
};

struct EpollWait {
  static inline int (*original)(int, epoll_event*, int, int) = nullptr;
  static int Call(int set, epoll_event* events, int most, int timeout) {
    const int verdict = Verdict(k_epoll_wait);
    if (Refused(verdict)) return -1;
    if (verdict == kLong) return most + 1;
    return original(set, events, verdict == kShort ? 1 : most, timeout);
  }
};

struct Fcntl {
  static inline int (*original)(int, int, ...) = nullptr;
  static int Call(int fd, int command, long argument) {
    const Kind kind = command == F_GETFL   ? k_fcntl_getfl
                      : command == F_SETFL ? k_fcntl_setfl
                      : command == F_SETFD ? k_fcntl_setfd
                                           : k_fcntl_dupfd;
    return Refused(Verdict(kind)) ? -1 : original(fd, command, argument);
  }
};

struct Open {
  static inline int (*original)(const char*, int, ...) = nullptr;
  static int Call(const char* path, int flags, unsigned mode) {
    return Refused(Verdict(k_open)) ? -1 : original(path, flags, mode);
  }
};

struct GetCwd {
  static inline char* (*original)(char*, size_t) = nullptr;
  static char* Call(char* buffer, size_t size) {
    return Refused(Verdict(k_getcwd)) ? nullptr : original(buffer, size);
  }
};

// Its error is what it returns.
struct PthreadCreate {
  static inline int (*original)(pthread_t*,
                                const pthread_attr_t*,
                                void* (*)(void*),
                                void*) = nullptr;
  static int Call(pthread_t* thread,
                  const pthread_attr_t* with,
                  void* (*run)(void*),
                  void* argument) {
    const int verdict = Verdict(k_pthread_create);
    return verdict > 0 ? verdict : original(thread, with, run, argument);
  }
};

// An eventfd or an inotify instance, of which less can go wrong.
bool IsAnonymous(int fd) {
  struct stat facts {};
  return fstat(fd, &facts) == 0 && (facts.st_mode & S_IFMT) == 0;
}

template <Kind kind, Kind of_event, typename Buffer>
struct Move {
  static inline ssize_t (*original)(int, Buffer, size_t) = nullptr;
  static ssize_t Call(int fd, Buffer buffer, size_t length) {
    const int verdict = Verdict(IsAnonymous(fd) ? of_event : kind);
    if (Refused(verdict)) return -1;
    return original(fd, buffer, verdict == kShort && length > 0 && Streams(fd) ? 1 : length);
  }
};

// The first byte of the first part that has one.
struct FirstByte {
  iovec part{};
  bool found = false;
  FirstByte(const iovec* parts, long count) {
    for (long i = 0; i < count && !found; i++) {
      if (parts[i].iov_len == 0) continue;
      part = {parts[i].iov_base, 1};
      found = true;
    }
  }
};

template <Kind kind>
struct MoveParts {
  static inline ssize_t (*original)(int, const iovec*, int) = nullptr;
  static ssize_t Call(int fd, const iovec* parts, int count) {
    const int verdict = Verdict(kind);
    if (Refused(verdict)) return -1;
    const FirstByte first(parts, count);
    const bool is_short = verdict == kShort && first.found && Streams(fd);
    return is_short ? original(fd, &first.part, 1) : original(fd, parts, count);
  }
};

struct Sendmsg {
  static inline ssize_t (*original)(int, const msghdr*, int) = nullptr;
  static ssize_t Call(int fd, const msghdr* message, int flags) {
    return Refused(Verdict(k_sendmsg)) ? -1 : original(fd, message, flags);
  }
};

struct Splice {
  static inline ssize_t (*original)(int, void*, int, void*, size_t, unsigned) = nullptr;
  static ssize_t Call(int from, void* at, int to, void* target, size_t count, unsigned flags) {
    const int verdict = Verdict(k_splice);
    if (Refused(verdict)) return -1;
    return original(from, at, to, target, verdict == kShort && count > 0 ? 1 : count, flags);
  }
};

Kind KindOf(long number) {
  switch (number) {
    case 441:
      return k_epoll_pwait2;
    case 434:
      return k_pidfd_open;
    case SYS_ioctl:
      return k_ioctl;
    case SYS_memfd_create:
      return k_memfd_create;
    case SYS_pwritev2:
      return k_pwritev2;
    case SYS_recvfrom:
      return k_recvfrom;
    case SYS_recvmmsg:
      return k_recvmmsg;
    case SYS_recvmsg:
      return k_recvmsg;
    case SYS_sendfile:
      return k_sendfile;
    case SYS_sendmmsg:
      return k_sendmmsg;
    case SYS_sendmsg:
      return k_sendmsg;
    case SYS_sendto:
      return k_sendto;
    case 452:
      return k_fchmodat2;
    default:
      return k_unknown_syscall;
  }
}

constexpr long kOpenBound = 0x89E0;  // SIOCUNIXFILE (linux/un.h)

struct Syscall {
  static inline long (*original)(long, ...) = nullptr;
  static long Call(long number, long a, long b, long c, long d, long e, long f) {
    const bool unixfile = number == SYS_ioctl && b == kOpenBound;
    const Kind kind = unixfile ? k_ioctl_unixfile : KindOf(number);
    const int verdict = Verdict(kind);
    if (Refused(verdict)) return -1;
    // Those that count what the third argument bounds.
    if (verdict == kLong) return c + 1;
    if (verdict != kShort) return original(number, a, b, c, d, e, f);
    switch (kind) {
      case k_epoll_pwait2:
      case k_recvmmsg:
      case k_sendmmsg:
        return original(number, a, b, 1L, d, e, f);
      case k_recvfrom:
      case k_sendto:
        return original(number, a, b, c > 0 && Streams(a) ? 1L : c, d, e, f);
      case k_sendfile:
        return original(number, a, b, c, d > 0 ? 1L : d, e, f);
      case k_pwritev2: {
        const FirstByte first(reinterpret_cast<const iovec*>(b), c);
        if (!first.found || !Streams(a)) return original(number, a, b, c, d, e, f);
        return original(number, a, &first.part, 1L, d, e, f);
      }
      default:
        return original(number, a, b, c, d, e, f);
    }
  }
};

// Of libuv, which answers with a negative errno.
template <Kind kind, typename... Arguments>
struct Looked {
  static inline int (*original)(Arguments...) = nullptr;
  static int Call(Arguments... arguments) {
    const int verdict = Verdict(kind);
    return verdict > 0 ? -verdict : original(arguments...);
  }
};

template <typename Wrapper>
void* Instead(void* found) {
  if (found == nullptr) return nullptr;
  Wrapper::original = reinterpret_cast<decltype(Wrapper::original)>(found);
  return reinterpret_cast<void*>(&Wrapper::Call);
}

struct Dlsym {
  static inline void* (*original)(void*, const char*) = nullptr;
  static void* Call(void* where, const char* name) {
    // As in a runtime that does without.
    if (Verdict(k_dlsym) > 0) return nullptr;
    void* found = original(where, name);
    const auto is = [name](const char* other) { return std::strcmp(name, other) == 0; };
    if (is("uv_loop_close")) return Instead<Looked<k_uv_loop_close, void*>>(found);
    if (is("uv_loop_init")) return Instead<Looked<k_uv_loop_init, void*>>(found);
    if (is("uv_poll_init")) return Instead<Looked<k_uv_poll_init, void*, void*, int>>(found);
    if (is("uv_poll_start")) return Instead<Looked<k_uv_poll_start, void*, int, void*>>(found);
    if (is("uv_signal_init")) return Instead<Looked<k_uv_signal_init, void*, void*>>(found);
    if (is("uv_signal_start")) return Instead<Looked<k_uv_signal_start, void*, void*, int>>(found);
    return found;
  }
};

template <typename Wrapper>
Hook Of(const char* name, bool fails = true) {
  return {name,
          reinterpret_cast<void*>(&Wrapper::Call),
          reinterpret_cast<void**>(&Wrapper::original),
          fails};
}

using Sockaddr = sockaddr*;
using Length = socklen_t*;

const Hook kHooks[] = {
    Of<Plain<k_accept4, int, Sockaddr, Length, int>>("accept4"),
    Of<Plain<k_bind, int, const sockaddr*, socklen_t>>("bind"),
    Of<Plain<k_chmod, const char*, unsigned>>("chmod"),
    Of<Done<k_close, int>>("close"),
    Of<Connect>("connect"),
    Of<Plain<k_dup3, int, int, int>>("dup3"),
    Of<Plain<k_epoll_create1, int>>("epoll_create1"),
    Of<EpollCtl>("epoll_ctl"),
    Of<EpollWait>("epoll_wait"),
    Of<Plain<k_eventfd, unsigned, int>>("eventfd"),
    Of<Plain<k_fchmod, int, unsigned>>("fchmod"),
    Of<Fcntl>("fcntl"),
    Of<Fcntl>("fcntl64"),
    Of<Plain<k_fstat, int, void*>>("fstat"),
    Of<Plain<k_fstat, int, void*>>("fstat64"),
    Of<GetCwd>("getcwd"),
    Of<Plain<k_getpeername, int, Sockaddr, Length>>("getpeername"),
    Of<Plain<k_getsockname, int, Sockaddr, Length>>("getsockname"),
    Of<Plain<k_getsockopt, int, int, int, void*, Length>>("getsockopt"),
    Of<Plain<k_inotify_add_watch, int, const char*, uint32_t>>("inotify_add_watch"),
    Of<Plain<k_inotify_init1, int>>("inotify_init1"),
    Of<Plain<k_inotify_rm_watch, int, int>>("inotify_rm_watch"),
    Of<KernelEvents>("kevent"),
    Of<Plain<k_kqueue>>("kqueue"),
    Of<Plain<k_listen, int, int>>("listen"),
    Of<Plain<k_lstat, const char*, void*>>("lstat"),
    Of<Plain<k_lstat, const char*, void*>>("lstat64"),
    Of<Open>("open"),
    Of<Open>("open64"),
    Of<Plain<k_pipe2, int*, int>>("pipe2"),
    Of<Plain<k_ppoll, void*, unsigned long, const timespec*, const sigset_t*>>("ppoll"),
    Of<Plain<k_pselect, int, void*, void*, void*, const timespec*, const sigset_t*>>("pselect"),
    Of<PthreadCreate>("pthread_create"),
    Of<Move<k_read, k_read_event, void*>>("read"),
    Of<MoveParts<k_readv>>("readv"),
    Of<Sendmsg>("sendmsg"),
    Of<Plain<k_setsockopt, int, int, int, const void*, socklen_t>>("setsockopt"),
    Of<Plain<k_shutdown, int, int>>("shutdown"),
    Of<Plain<k_sigaction, int, const void*, void*>>("sigaction"),
    Of<Plain<k_sigtimedwait, const sigset_t*, siginfo_t*, const timespec*>>("sigtimedwait"),
    Of<Plain<k_sockatmark, int>>("sockatmark"),
    Of<Plain<k_socket, int, int, int>>("socket"),
    Of<Plain<k_socketpair, int, int, int, int*>>("socketpair"),
    Of<Splice>("splice"),
    Of<Plain<k_stat, const char*, void*>>("stat"),
    Of<Plain<k_stat, const char*, void*>>("stat64"),
    Of<Syscall>("syscall"),
    Of<Plain<k_timerfd_create, int, int>>("timerfd_create"),
    Of<Plain<k_timerfd_settime, int, int, const void*, void*>>("timerfd_settime"),
    Of<Plain<k_waitid, int, unsigned, void*, int>>("waitid"),
    Of<Move<k_write, k_write_event, const void*>>("write"),
    Of<MoveParts<k_writev>>("writev"),
    Of<Dlsym>("dlsym"),
    Of<New<0>>("_Znwm", false),
    Of<New<1>>("_Znam", false),
    Of<AskedNew<0>>("_ZnwmRKSt9nothrow_t"),
    Of<AskedNew<1>>("_ZnamRKSt9nothrow_t"),
    Of<Delete<0>>("_ZdlPv", false),
    Of<Delete<1>>("_ZdaPv", false),
    Of<Delete<2, size_t>>("_ZdlPvm", false),
    Of<Delete<3, size_t>>("_ZdaPvm", false),
};

}  // namespace

const char* const kKindNames[kKinds] = {
#define FAULT_NAME(name) #name,
    FAULT_KINDS(FAULT_NAME)
#undef FAULT_NAME
};

const Hook* FindHook(const char* name) {
  for (const Hook& hook : kHooks) {
    if (std::strcmp(hook.name, name) == 0) return &hook;
  }
  return nullptr;
}

long LargestUnasked() {
  const std::lock_guard<std::mutex> lock(Blocks::All().mutex);
  return static_cast<long>(std::exchange(Blocks::All().largest, 0));
}

long LiveBlocks() {
  const std::lock_guard<std::mutex> lock(Blocks::All().mutex);
  return static_cast<long>(Blocks::All().live.size());
}
