#include "config.h"

#ifdef FDPOLL_SYSTEM_BSD

#include <fcntl.h>
#include <sys/stat.h>

#include <map>
#include <utility>

#include "core/kqueue_system.h"
#include "core/os.h"
#include "core/owned_fd.h"
#include "core/syscall.h"
#include "core/watch_words.h"
#include "core/watched_path.h"
#include "core/watches.h"

namespace fdpoll {

namespace {

constexpr size_t kBatch = 256;

// macOS: for events only, which does not keep a volume from being unmounted.
#ifdef O_EVTONLY
constexpr int kOpenFlags = O_EVTONLY | O_NONBLOCK | O_CLOEXEC;
#else
constexpr int kOpenFlags = O_RDONLY | O_NONBLOCK | O_CLOEXEC;
#endif

// FreeBSD and NetBSD tell of these; 0 where the system does not. The numbers mean other things
// elsewhere.
#ifdef NOTE_OPEN
constexpr uint32_t kNoteOpen = NOTE_OPEN;
#else
constexpr uint32_t kNoteOpen = 0;
#endif
#ifdef NOTE_CLOSE
constexpr uint32_t kNoteClose = NOTE_CLOSE;
#else
constexpr uint32_t kNoteClose = 0;
#endif
#ifdef NOTE_CLOSE_WRITE
constexpr uint32_t kNoteCloseWrite = NOTE_CLOSE_WRITE;
#else
constexpr uint32_t kNoteCloseWrite = 0;
#endif
#ifdef NOTE_READ
constexpr uint32_t kNoteRead = NOTE_READ;
#else
constexpr uint32_t kNoteRead = 0;
#endif
#ifdef NOTE_TRUNCATE
constexpr uint32_t kNoteTruncate = NOTE_TRUNCATE;  // OpenBSD
#else
constexpr uint32_t kNoteTruncate = 0;
#endif
#ifdef NOTE_FUNLOCK
constexpr uint32_t kNoteUnlock = NOTE_FUNLOCK;  // macOS
#else
constexpr uint32_t kNoteUnlock = 0;
#endif

constexpr uint32_t kModified = NOTE_WRITE | NOTE_EXTEND | kNoteTruncate;
constexpr uint32_t kAttributes = NOTE_ATTRIB | NOTE_LINK;
constexpr uint32_t kEnds = NOTE_DELETE | NOTE_RENAME | NOTE_REVOKE;
// Without these the end of a watch would pass unnoticed.
constexpr uint32_t kAlways = kEnds | kAttributes;
constexpr uint32_t kAllNotes =
    kModified | kAlways | kNoteOpen | kNoteClose | kNoteCloseWrite | kNoteRead | kNoteUnlock;

constexpr uint32_t kEntries = kWatchCreate | kWatchDelete | kWatchMoveFrom | kWatchMoveTo;
constexpr uint32_t kAllKinds = kEntries | kWatchModify | kWatchCloseWrite | kWatchAttributes |
                               kWatchGone | kWatchOverflow | kWatchOpen | kWatchAccess |
                               kWatchCloseNoWrite;

constexpr WatchWord kWords[] = {
    {kWatchModify, kModified},
    {kWatchAttributes, kAttributes},
    {kWatchOpen, kNoteOpen},
    {kWatchAccess, kNoteRead},
    {kWatchCloseWrite, kNoteCloseWrite},
    {kWatchCloseNoWrite, kNoteClose},
};

// A descriptor each: the file is held, so its numbers are nobody else's as long as it is watched.
struct Watch {
  OwnedFd file;
  uint32_t wanted = 0;  // NOTE_*
  std::string path;     // absolute
  os::Identity identity;
};

class KqueueWatches final : public Watches {
 public:
  explicit KqueueWatches(OwnedFd queue) : queue_(std::move(queue)) {}

  int fd() const override { return queue_.get(); }
  size_t size() const override { return watches_.size(); }

  Status Add(int32_t number, const std::string& path, uint32_t kinds, uint32_t mask) override {
    if (path.empty()) return Status::Failed(Call::kOpen, ENOENT);
    if (path.find('\0') != std::string::npos) return Status::Failed(Call::kOpen, EINVAL);
    if ((kinds & ~kAllKinds) != 0 || (mask & ~kAllNotes) != 0) return Refused(EINVAL);
    if ((kinds & ~uint32_t{kWatchOverflow}) == 0 && mask == 0) return Refused(EINVAL);
    if (BitsOf(kWords, kinds) == 0 && mask == 0 && (kinds & (kEntries | kWatchGone)) == 0) {
      return Refused(ENOTSUP);
    }
    if (watches_.count(number) != 0) return Refused(EEXIST);

    Watch watch;
    watch.file.Reset(RetryOnInterrupt([&] { return ::open(path.c_str(), kOpenFlags); }));
    if (!watch.file.valid()) return Status::Failed(Call::kOpen, -watch.file.get());
    struct stat facts {};
    const Sight sight =
        SightOf(RetryOnInterrupt([&] { return ::fstat(watch.file.get(), &facts); }), facts);
    if (sight.error != 0) return Status::Failed(Call::kFstat, sight.error);
    // All that is told of entries.
    if (sight.is_folder && (kinds & kEntries) != 0) kinds |= kWatchModify;
    watch.wanted = BitsOf(kWords, kinds) | mask;
    watch.identity = sight.identity;
    watch.path = Absolute(path);
    const kq::Event change = kq::Make(static_cast<uintptr_t>(watch.file.get()),
                                      EVFILT_VNODE,
                                      EV_ADD | EV_CLEAR,
                                      watch.wanted | kAlways,
                                      static_cast<uint32_t>(number));
    const timespec none{};
    const int result = kq::Kevent(queue_.get(), &change, 1, nullptr, 0, &none);
    if (result < 0) return Check(Call::kKevent, result);
    watches_.emplace(number, std::move(watch));
    return Status::Ok();
  }

  // The events go with the descriptor.
  void Remove(int32_t number) override { watches_.erase(number); }

  Status Drain(std::vector<Change>* out) override {
    kq::Event events[kBatch];
    const timespec none{};
    const int count = kq::Kevent(queue_.get(), nullptr, 0, events, kBatch, &none);
    if (count == -EINTR) return Status::Ok();
    if (count < 0) return Check(Call::kKevent, count);
    for (int i = 0; i < count; i++) Tell(events[i], out);
    return Status::Ok();
  }

 private:
  static Status Refused(int error) { return Status::Failed(Call::kKevent, error); }

  void Tell(const kq::Event& event, std::vector<Change>* out) {
    const auto number = static_cast<int32_t>(static_cast<uint32_t>(kq::TokenOf(event)));
    const auto found = watches_.find(number);
    if (found == watches_.end()) return;
    const auto notes = static_cast<uint32_t>(event.fflags);
    const bool gone = Ends(found->second, notes);
    const uint32_t told = notes & found->second.wanted;
    if (!gone && told == 0) return;
    out->push_back({number, KindsOf(kWords, told) | (gone ? kWatchGone : 0u), notes, 0, {}});
    if (gone) watches_.erase(found);
  }

  // Whether the path no longer leads to what is watched. Of several links to a file it may be
  // another one that went, and without a note of the end the path may have been given to another
  // file.
  static bool Ends(const Watch& watch, uint32_t notes) {
    if ((notes & NOTE_REVOKE) != 0) return true;
    if ((notes & kAlways) == 0) return false;
    const Sight sight = Look(watch.path, true);
    if ((notes & kEnds) != 0 && !sight.linked) return true;
    return sight.error != 0 ? IsAbsent(sight.error) : !(sight.identity == watch.identity);
  }

  OwnedFd queue_;
  std::map<int32_t, Watch> watches_;
};

}  // namespace

Result<std::unique_ptr<Watches>> Watches::Open() {
  Result<OwnedFd> queue = kq::Open();
  if (!queue.ok()) return queue.status;
  return std::unique_ptr<Watches>(std::make_unique<KqueueWatches>(std::move(queue.value)));
}

}  // namespace fdpoll

#endif
