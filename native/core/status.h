// Errors are data until the last frame: a core function returns a Status or a Result, never throws,
// never prints.
#pragma once

#include <cstdint>
#include <utility>

namespace fdpoll {

// The system calls that can fail, by the names that users know. X(constant, "name in errors").
#define FDPOLL_CALLS(X)                    \
  X(kNone, "")                             \
  X(kAccept, "accept")                     \
  X(kBind, "bind")                         \
  X(kChmod, "chmod")                       \
  X(kClose, "close")                       \
  X(kConnect, "connect")                   \
  X(kDup, "dup")                           \
  X(kEpollCreate, "epoll_create1")         \
  X(kEpollCtl, "epoll_ctl")                \
  X(kEpollWait, "epoll_wait")              \
  X(kEventfd, "eventfd")                   \
  X(kFchmod, "fchmod")                     \
  X(kFcntl, "fcntl")                       \
  X(kFstat, "fstat")                       \
  X(kGetpeername, "getpeername")           \
  X(kGetsockname, "getsockname")           \
  X(kGetsockopt, "getsockopt")             \
  X(kIfIndex, "if_nametoindex")            \
  X(kIfName, "if_indextoname")             \
  X(kInotifyAddWatch, "inotify_add_watch") \
  X(kInotifyInit, "inotify_init1")         \
  X(kInvariant, "invariant")               \
  X(kIoctl, "ioctl")                       \
  X(kKevent, "kevent")                     \
  X(kKqueue, "kqueue")                     \
  X(kListen, "listen")                     \
  X(kMalloc, "malloc")                     \
  X(kMemfd, "memfd_create")                \
  X(kOpen, "open")                         \
  X(kPidfdOpen, "pidfd_open")              \
  X(kPipe, "pipe")                         \
  X(kPoll, "poll")                         \
  X(kPread, "pread")                       \
  X(kRead, "read")                         \
  X(kReadv, "readv")                       \
  X(kRecv, "recv")                         \
  X(kRecvfrom, "recvfrom")                 \
  X(kRecvmmsg, "recvmmsg")                 \
  X(kRecvmsg, "recvmsg")                   \
  X(kSelect, "select")                     \
  X(kSend, "send")                         \
  X(kSendfile, "sendfile")                 \
  X(kSendmmsg, "sendmmsg")                 \
  X(kSendmsg, "sendmsg")                   \
  X(kSendto, "sendto")                     \
  X(kSetsockopt, "setsockopt")             \
  X(kShutdown, "shutdown")                 \
  X(kSigaction, "sigaction")               \
  X(kSocket, "socket")                     \
  X(kSocketpair, "socketpair")             \
  X(kSplice, "splice")                     \
  X(kThread, "pthread_create")             \
  X(kTimerfdCreate, "timerfd_create")      \
  X(kTimerfdSettime, "timerfd_settime")    \
  X(kUvSignal, "uv_signal_start")          \
  X(kWrite, "write")                       \
  X(kWritev, "writev")

enum class Call : uint16_t {
#define FDPOLL_CALL(constant, name) constant,
  FDPOLL_CALLS(FDPOLL_CALL)
#undef FDPOLL_CALL
};

// The name of a call, or "" for a number that is none.
const char* CallName(uint32_t call);

// The symbolic name of an errno ("ECONNRESET"), or nullptr for a number that this table lacks.
const char* ErrnoName(int error);

// What an errno means, in lower case and without a full stop ("connection reset by peer").
const char* ErrnoText(int error);

// A system call that succeeded, or the errno of the one that did not.
struct [[nodiscard]] Status {
  int error = 0;
  Call call = Call::kNone;

  bool ok() const { return error == 0; }
  static Status Ok() { return {}; }
  static Status Failed(Call call, int error) { return {error, call}; }
};

template <typename T>
struct [[nodiscard]] Result {
  Status status;
  T value{};

  Result(Status failed) : status(failed) {}             // NOLINT(google-explicit-constructor)
  Result(T succeeded) : value(std::move(succeeded)) {}  // NOLINT(google-explicit-constructor)
  bool ok() const { return status.ok(); }
};

}  // namespace fdpoll
