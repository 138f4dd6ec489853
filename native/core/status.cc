#include "core/status.h"

#include <cerrno>
#include <iterator>

#include "core/invariant.h"

namespace fdpoll {

namespace {

constexpr const char* kCallNames[] = {
#define FDPOLL_CALL(constant, name) name,
    FDPOLL_CALLS(FDPOLL_CALL)
#undef FDPOLL_CALL
};

struct ErrnoEntry {
  int error;
  const char* name;
  const char* text;
};

// The texts are our own, so that a message is the same on glibc, musl and the BSDs.
constexpr ErrnoEntry kErrnos[] = {
    {EPERM, "EPERM", "operation not permitted"},
    {ENOENT, "ENOENT", "no such file or directory"},
    {ESRCH, "ESRCH", "no such process"},
    {EINTR, "EINTR", "interrupted system call"},
    {EIO, "EIO", "input/output error"},
    {ENXIO, "ENXIO", "no such device or address"},
    {E2BIG, "E2BIG", "argument list too long"},
    {EBADF, "EBADF", "bad file descriptor"},
    {ECHILD, "ECHILD", "no child process"},
    {EAGAIN, "EAGAIN", "resource temporarily unavailable"},
    {ENOMEM, "ENOMEM", "not enough memory"},
    {EACCES, "EACCES", "permission denied"},
    {EFAULT, "EFAULT", "bad address"},
    {EBUSY, "EBUSY", "device or resource busy"},
    {EEXIST, "EEXIST", "file already exists"},
    {EXDEV, "EXDEV", "invalid cross-device link"},
    {ENODEV, "ENODEV", "no such device"},
    {ENOTDIR, "ENOTDIR", "not a directory"},
    {EISDIR, "EISDIR", "is a directory"},
    {EINVAL, "EINVAL", "invalid argument"},
    {ENFILE, "ENFILE", "too many open files in the system"},
    {EMFILE, "EMFILE", "too many open files"},
    {ENOTTY, "ENOTTY", "inappropriate ioctl for the device"},
    {ETXTBSY, "ETXTBSY", "text file busy"},
    {EFBIG, "EFBIG", "file too large"},
    {ENOSPC, "ENOSPC", "no space left on the device"},
    {ESPIPE, "ESPIPE", "illegal seek"},
    {EROFS, "EROFS", "read-only file system"},
    {EMLINK, "EMLINK", "too many links"},
    {EPIPE, "EPIPE", "broken pipe"},
    {EDOM, "EDOM", "argument out of the function's domain"},
    {ERANGE, "ERANGE", "number out of range"},
    {EDEADLK, "EDEADLK", "resource deadlock avoided"},
    {ENAMETOOLONG, "ENAMETOOLONG", "name too long"},
    {ENOLCK, "ENOLCK", "no locks available"},
    {ENOSYS, "ENOSYS", "function not implemented"},
    {ENOTEMPTY, "ENOTEMPTY", "directory not empty"},
    {ELOOP, "ELOOP", "too many levels of symbolic links or of nested pollers"},
    {ENOTSUP, "ENOTSUP", "operation not supported"},
    {EOPNOTSUPP, "EOPNOTSUPP", "operation not supported on the socket"},
    {EOVERFLOW, "EOVERFLOW", "value too large"},
    {ENOTSOCK, "ENOTSOCK", "not a socket"},
    {EDESTADDRREQ, "EDESTADDRREQ", "destination address required"},
    {EMSGSIZE, "EMSGSIZE", "message too long"},
    {EPROTO, "EPROTO", "protocol error"},
    {EPROTOTYPE, "EPROTOTYPE", "wrong protocol type for the socket"},
    {ENOPROTOOPT, "ENOPROTOOPT", "protocol option not available"},
    {EPROTONOSUPPORT, "EPROTONOSUPPORT", "protocol not supported"},
    {ESOCKTNOSUPPORT, "ESOCKTNOSUPPORT", "socket type not supported"},
    {EPFNOSUPPORT, "EPFNOSUPPORT", "protocol family not supported"},
    {EAFNOSUPPORT, "EAFNOSUPPORT", "address family not supported"},
    {EADDRINUSE, "EADDRINUSE", "address already in use"},
    {EADDRNOTAVAIL, "EADDRNOTAVAIL", "address not available"},
    {ENETDOWN, "ENETDOWN", "network is down"},
    {ENETUNREACH, "ENETUNREACH", "network is unreachable"},
    {ENETRESET, "ENETRESET", "connection reset by the network"},
    {ECONNABORTED, "ECONNABORTED", "software caused connection abort"},
    {ECONNRESET, "ECONNRESET", "connection reset by peer"},
    {ENOBUFS, "ENOBUFS", "no buffer space available"},
    {EISCONN, "EISCONN", "socket is already connected"},
    {ENOTCONN, "ENOTCONN", "socket is not connected"},
    {ESHUTDOWN, "ESHUTDOWN", "cannot send after the socket was shut down"},
    {ETOOMANYREFS, "ETOOMANYREFS", "too many references: cannot splice"},
    {ETIMEDOUT, "ETIMEDOUT", "connection timed out"},
    {ECONNREFUSED, "ECONNREFUSED", "connection refused"},
    {EHOSTDOWN, "EHOSTDOWN", "host is down"},
    {EHOSTUNREACH, "EHOSTUNREACH", "host is unreachable"},
    {EALREADY, "EALREADY", "operation already in progress"},
    {EINPROGRESS, "EINPROGRESS", "operation now in progress"},
    {ESTALE, "ESTALE", "stale file handle"},
    {EDQUOT, "EDQUOT", "disk quota exceeded"},
    {ECANCELED, "ECANCELED", "operation canceled"},
    {EILSEQ, "EILSEQ", "illegal byte sequence"},
    {EBADMSG, "EBADMSG", "bad message"},
    {EUSERS, "EUSERS", "too many users"},
#ifdef ENODATA
    {ENODATA, "ENODATA", "no data available"},
#endif
#ifdef ENOKEY
    {ENOKEY, "ENOKEY", "required key not available"},
#endif
#ifdef EBADFD
    {EBADFD, "EBADFD", "descriptor in a bad state"},
#endif
#ifdef EREMOTEIO
    {EREMOTEIO, "EREMOTEIO", "remote input/output error"},
#endif
};

const ErrnoEntry* FindErrno(int error) {
  for (const ErrnoEntry& entry : kErrnos) {
    if (entry.error == error) return &entry;
  }
  return nullptr;
}

}  // namespace

const char* CallName(uint32_t call) {
  return call < sizeof(kCallNames) / sizeof(kCallNames[0]) ? kCallNames[call] : "";
}

const char* ErrnoName(int error) {
  const ErrnoEntry* entry = FindErrno(error);
  return entry == nullptr ? nullptr : entry->name;
}

const char* ErrnoText(int error) {
  const ErrnoEntry* entry = FindErrno(error);
  return entry == nullptr ? "unknown error" : entry->text;
}

const char* InvariantText(uint32_t number) {
  constexpr const char* kTexts[] = {"",
#define FDPOLL_INVARIANT(constant, text) text,
                                    FDPOLL_INVARIANTS(FDPOLL_INVARIANT)
#undef FDPOLL_INVARIANT
  };
  return number < std::size(kTexts) ? kTexts[number] : "";
}

}  // namespace fdpoll
