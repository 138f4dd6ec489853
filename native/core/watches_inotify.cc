#include "config.h"

#ifdef HAVE_INOTIFY

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/inotify_records.h"
#include "core/os.h"
#include "core/owned_fd.h"
#include "core/syscall.h"
#include "core/watch_words.h"
#include "core/watched_path.h"
#include "core/watches.h"

namespace fdpoll {

namespace {

constexpr size_t kBufferSize = size_t{64} * 1024;

// How to look for a path, and how long to watch it; what else `mask` may have is events.
constexpr uint32_t kLookup = IN_ONLYDIR | IN_DONT_FOLLOW;
constexpr uint32_t kOptions = kLookup | IN_EXCL_UNLINK | IN_ONESHOT;
// Without these the end of a watch would pass unnoticed.
constexpr uint32_t kAlways = IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;
// The file, its file system or the kernel's watch is no more.
constexpr uint32_t kEnded = IN_DELETE_SELF | IN_UNMOUNT | IN_IGNORED;

constexpr WatchWord kWords[] = {
    {kWatchCreate, IN_CREATE},
    {kWatchDelete, IN_DELETE},
    {kWatchModify, IN_MODIFY},
    {kWatchCloseWrite, IN_CLOSE_WRITE},
    {kWatchAttributes, IN_ATTRIB},
    {kWatchMoveFrom, IN_MOVED_FROM},
    {kWatchMoveTo, IN_MOVED_TO},
    {kWatchOpen, IN_OPEN},
    {kWatchAccess, IN_ACCESS},
    {kWatchCloseNoWrite, IN_CLOSE_NOWRITE},
};

constexpr uint32_t kAllKinds = KindsOf(kWords, IN_ALL_EVENTS) | kWatchGone | kWatchOverflow;

struct Watch {
  int32_t number = 0;
  int wd = -1;
  uint32_t wanted = 0;   // IN_* events
  uint32_t options = 0;  // IN_* options
  std::string path;      // absolute
  os::Identity identity;
};

Sight See(const Watch& watch) {
  return Look(watch.path, (watch.options & IN_DONT_FOLLOW) == 0);
}

// Whether the kernel says itself, further on in the buffer, that the watch has ended.
bool EndsLater(int wd, std::string_view bytes) {
  InotifyRecord record;
  while (const size_t taken = ReadInotifyRecord(bytes, &record)) {
    if (record.wd == wd && (record.mask & kEnded) != 0) return true;
    bytes.remove_prefix(taken);
  }
  return false;
}

// The kernel has one wd for each inode, whatever the paths to it: watches share it, its mask holds
// what any of them asked for (and only grows as long as it lives), and each is told of its own. A
// number is given out again only after 2^31 others, so what the queue holds of a removed one
// belongs to nobody.
class InotifyWatches final : public Watches {
 public:
  explicit InotifyWatches(OwnedFd fd)
      : fd_(std::move(fd)), buffer_(std::make_unique<char[]>(kBufferSize)) {}

  int fd() const override { return fd_.get(); }
  size_t size() const override { return watches_.size(); }

  Status Add(int32_t number, const std::string& path, uint32_t kinds, uint32_t mask) override {
    constexpr Call kCall = Call::kInotifyAddWatch;
    if (path.empty()) return Status::Failed(kCall, ENOENT);
    if (path.find('\0') != std::string::npos) return Status::Failed(kCall, EINVAL);
    if ((kinds & ~kAllKinds) != 0) return Status::Failed(kCall, EINVAL);
    if ((mask & ~(IN_ALL_EVENTS | kOptions)) != 0) return Status::Failed(kCall, EINVAL);
    Watch watch;
    watch.number = number;
    watch.wanted = BitsOf(kWords, kinds) | (mask & IN_ALL_EVENTS);
    watch.options = mask & kOptions;
    if (watch.wanted == 0 && (kinds & kWatchGone) == 0) return Status::Failed(kCall, EINVAL);
    if (watches_.count(number) != 0) return Status::Failed(kCall, EEXIST);

    // Before it is watched: should it be replaced just then, StillNames asks the kernel.
    watch.identity = Look(path, (mask & IN_DONT_FOLLOW) == 0).identity;
    watch.wd = Ask(path, watch.wanted | (mask & kLookup));
    if (watch.wd < 0) return Check(kCall, watch.wd);
    if ((mask & IN_EXCL_UNLINK) != 0 && sharers_.count(watch.wd) == 0) {
      const int again = Ask(path, mask & (kLookup | IN_EXCL_UNLINK));
      if (again != watch.wd) DropUnshared(again);  // replaced just then, which will be told
    }
    watch.path = Absolute(path);
    Watch& kept = watches_.emplace(number, std::move(watch)).first->second;
    sharers_[kept.wd].push_back(&kept);
    return Status::Ok();
  }

  void Remove(int32_t number) override {
    const auto found = watches_.find(number);
    if (found != watches_.end()) Forget(&found->second);
  }

  Status Drain(std::vector<Change>* out) override {
    const int64_t got = WouldBlockIsAnswer(
        [&]() -> int64_t { return ::read(fd_.get(), buffer_.get(), kBufferSize); });
    if (got == -EAGAIN) return Status::Ok();
    if (got < 0) return Check(Call::kRead, got);
    std::string_view bytes(buffer_.get(), static_cast<size_t>(got));
    InotifyRecord record;
    while (const size_t taken = ReadInotifyRecord(bytes, &record)) {
      bytes.remove_prefix(taken);
      ended_.clear();
      if ((record.mask & IN_Q_OVERFLOW) != 0) {
        TellOverflow(out);
      } else if (const auto found = sharers_.find(record.wd); found != sharers_.end()) {
        for (Watch* watch : found->second) Tell(watch, record, bytes, out);
      }
      for (Watch* watch : ended_) Forget(watch);
    }
    return Status::Ok();
  }

 private:
  // The wd, or a negative errno. With IN_MASK_ADD a wd that there is keeps its bits.
  int Ask(const std::string& path, uint32_t mask) {
    return RetryOnInterrupt(
        [&] { return ::inotify_add_watch(fd_.get(), path.c_str(), mask | kAlways | IN_MASK_ADD); });
  }

  // Fails when the kernel has ended it by itself. IN_IGNORED comes later and is nobody's.
  void DropUnshared(int wd) {
    if (wd < 0 || sharers_.count(wd) != 0) return;
    static_cast<void>(RetryOnInterrupt([&] { return ::inotify_rm_watch(fd_.get(), wd); }));
  }

  void Forget(Watch* watch) {
    const auto found = sharers_.find(watch->wd);
    std::vector<Watch*>& sharers = found->second;
    sharers.erase(std::find(sharers.begin(), sharers.end(), watch));
    if (sharers.empty()) {
      sharers_.erase(found);
      DropUnshared(watch->wd);
    }
    watches_.erase(watch->number);
  }

  void Tell(Watch* watch,
            const InotifyRecord& record,
            std::string_view rest,
            std::vector<Change>* out) {
    const bool gone = Ends(watch, record, rest);
    if (!gone && (record.mask & watch->wanted) == 0) return;
    const uint32_t kinds = KindsOf(kWords, record.mask & watch->wanted) | (gone ? kWatchGone : 0u);
    out->push_back({watch->number, kinds, record.mask, record.cookie, std::string(record.name)});
    // Not the kernel's IN_ONESHOT, which would end the wd for all who share it.
    const bool only = (watch->options & IN_ONESHOT) != 0;
    if (only && !gone) out->push_back({watch->number, kWatchGone, IN_IGNORED, 0, {}});
    if (gone || only) ended_.push_back(watch);
  }

  bool Ends(Watch* watch, const InotifyRecord& record, std::string_view rest) {
    if ((record.mask & kEnded) != 0) return true;
    if ((record.mask & IN_MOVE_SELF) != 0) {
      // Of several links to a file it may be another one that was renamed.
      return !See(*watch).linked || !StillNames(watch);
    }
    // Nothing else is told of a file whose name went to another, or away, while it is in use.
    if ((record.mask & IN_ATTRIB) == 0 || !record.name.empty()) return false;
    return !StillNames(watch) && !EndsLater(watch->wd, rest);
  }

  // Whether the path leads to what is watched.
  bool StillNames(Watch* watch) {
    const Sight sight = See(*watch);
    if (sight.error != 0) return !IsAbsent(sight.error);
    return sight.identity == watch->identity || KernelNames(watch);
  }

  // The same by the kernel's word, which cannot be mistaken: what the path leads to has this wd.
  // (Numbers of inodes are given out again, and change in some overlays.)
  bool KernelNames(Watch* watch) {
    const int wd = Ask(watch->path, watch->options & kLookup);
    if (wd >= 0 && wd != watch->wd) DropUnshared(wd);
    if (wd == -ENOSPC || (wd >= 0 && wd != watch->wd)) return false;  // it needs another wd
    const Sight sight = See(*watch);
    if (sight.error != 0) return !IsAbsent(sight.error);
    if (wd == watch->wd) watch->identity = sight.identity;
    return sight.identity == watch->identity;  // there, and perhaps no longer ours to read
  }

  // Among what was dropped may be the end of any.
  void TellOverflow(std::vector<Change>* out) {
    for (auto& [number, watch] : watches_) {
      const bool gone = !KernelNames(&watch);
      out->push_back({number, kWatchOverflow | (gone ? kWatchGone : 0u), IN_Q_OVERFLOW, 0, {}});
      if (gone) ended_.push_back(&watch);
    }
  }

  OwnedFd fd_;
  std::unique_ptr<char[]> buffer_;
  std::map<int32_t, Watch> watches_;
  std::unordered_map<int, std::vector<Watch*>> sharers_;  // by wd
  std::vector<Watch*> ended_;                             // by the record at hand
};

}  // namespace

Result<std::unique_ptr<Watches>> Watches::Open() {
  OwnedFd fd(RetryOnInterrupt([] { return ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK); }));
  if (!fd.valid()) return Check(Call::kInotifyInit, fd.get());
  return std::unique_ptr<Watches>(std::make_unique<InotifyWatches>(std::move(fd)));
}

}  // namespace fdpoll

#endif
