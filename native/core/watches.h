// All file watches of one poller behind one descriptor: inotify on Linux (watches_inotify.cc),
// EVFILT_VNODE in a kqueue of its own on macOS and the BSDs (watches_bsd.cc); watches_none.cc for
// builds without inotify, where Open fails with ENOTSUP.
//
// inotify tells of a path and, of a directory, of the entries in it, by name. EVFILT_VNODE tells of
// the path only: of a directory it says that an entry came, went or was renamed, and no more. That
// is kWatchModify with an empty name, also for who asked for create, delete or moves only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/status.h"

namespace fdpoll {

// What may happen to a watched path, in words that all systems share; the numbers cross to
// JavaScript.
enum WatchKinds : uint32_t {
  kWatchCreate = 1 << 0,
  kWatchDelete = 1 << 1,
  kWatchModify = 1 << 2,
  kWatchCloseWrite = 1 << 3,  // Linux, FreeBSD, NetBSD
  kWatchAttributes = 1 << 4,
  kWatchMoveFrom = 1 << 5,
  kWatchMoveTo = 1 << 6,
  // The path names something else now, or nothing: the end of the watch, which is forgotten.
  kWatchGone = 1 << 7,
  // The kernel dropped changes (of any watch): look again.
  kWatchOverflow = 1 << 8,
  kWatchOpen = 1 << 9,           // Linux, FreeBSD, NetBSD
  kWatchAccess = 1 << 10,        // likewise
  kWatchCloseNoWrite = 1 << 11,  // likewise
};

struct Change {
  int32_t watch = 0;
  uint32_t kinds = 0;   // 0: only the mask tells
  uint32_t mask = 0;    // the system's own bits: IN_* or NOTE_*
  uint32_t cookie = 0;  // the same for the two halves of a rename; else 0
  std::string name;  // of the entry, bytes that need not be UTF-8; empty: the watched path itself
};

class Watches {
 public:
  // inotify_init1(2), or kqueue(2). EMFILE and ENFILE when there are too many, ENOTSUP when this
  // build has none.
  static Result<std::unique_ptr<Watches>> Open();
  virtual ~Watches() = default;

  // To be watched for reading: ready for as long as there is something to drain.
  virtual int fd() const = 0;

  // `watch` is the caller's number; one in use is refused with EEXIST. `kinds` is what it wants to
  // hear; gone and overflow come in any case, and kWatchGone alone is enough to ask for. `mask` is
  // the system's own bits, added to those of `kinds`: on Linux IN_ONLYDIR, IN_DONT_FOLLOW,
  // IN_EXCL_UNLINK and IN_ONESHOT, too.
  //
  // ENOENT for an empty path, EINVAL for one with a NUL inside, for bits that nobody knows
  // (IN_MASK_ADD and IN_MASK_CREATE are of no use here) and when nothing is asked for, ENOTSUP when
  // the system has nothing of what is, and else what inotify_add_watch(2), or open(2) and kevent(2)
  // say. A call that fails leaves everything as it was.
  //
  // Watches of one file share what the kernel keeps of it and hear of their own bits all the same.
  // One exception: IN_EXCL_UNLINK is the kernel's to heed, and the first watch of a directory says
  // whether it does.
  virtual Status Add(int32_t watch, const std::string& path, uint32_t kinds, uint32_t mask) = 0;

  // A number that is not in use: nothing. Changes of it that the kernel has in its queue are lost.
  virtual void Remove(int32_t watch) = 0;

  // Appends what the kernel has, at most one buffer of it, and never blocks. A watch is forgotten
  // by the time that its change has kWatchGone, which comes once and last.
  virtual Status Drain(std::vector<Change>* out) = 0;

  virtual size_t size() const = 0;
};

}  // namespace fdpoll
