// Owns registrations and hands out batches of events. Everything here is the owner's thread's.
//
//     by_fd_           registrations_ (slots)           kernel
//     fd 7 ──────────▶ slot 2: fd 7, generation 5 ◀──── event {slot 2, generation 5}  delivered
//     fd 9 ──────────▶ slot 0: fd 9, generation 8 ◀─ ✗  event {slot 0, generation 7}  thrown away
//
// The kernel knows a registration by slot and generation, never by its number, so an event of a
// descriptor that was removed, or closed and its number used again, cannot reach the new owner of
// the number.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/backend.h"
#include "core/backends.h"
#include "core/harvester.h"
#include "core/os.h"
#include "core/sources.h"

namespace fdpoll {

// One event of the current batch. Removing its descriptor sets `flags` to 0. For a source `fd` is -1
// and `available` its payload: expirations, signals, how a process ended, or 1 for the end of a watch.
struct Ready {
  int32_t slot;
  int32_t fd;
  uint32_t flags;
  int32_t available;
};

class Poller {
 public:
  // `capacity` is the most events that one Wait delivers.
  static Result<std::unique_ptr<Poller>> Open(const BackendEntry& backend, size_t capacity);

  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;
  ~Poller() = default;

  struct Added {
    int32_t slot = -1;
    bool replaced =
        false;  // the slot of a dead registration under the same number, silenced in the batch
  };
  // ENOTSUP for what the backend lacks, EEXIST for what is registered, else as Backend::Add.
  // `owner` is a number of the caller's that OwnerOf gives back.
  Result<Added> Add(int fd, uint32_t interest, Mode mode, int32_t owner = -1);

  // The slot. ENOENT for what is unknown or dead, EINVAL for an exclusive registration, else as
  // Backend::Modify.
  Result<int32_t> Modify(int fd, uint32_t interest, Mode mode);
  // The same with the mode that it has.
  Result<int32_t> Modify(int fd, uint32_t interest);

  struct Removed {
    int32_t slot = -1;   // -1: was not registered
    int32_t event = -1;  // its place in the current batch, now silenced; its slot stays taken until
                         // the next Wait
  };
  Removed Remove(int fd);

  bool Has(int fd) const { return Find(fd) != nullptr; }
  size_t size() const { return size_; }
  size_t capacity() const { return raw_.size(); }
  const Backend& backend() const { return *backend_; }

  struct Outcome {
    Status status;
    bool woken = false;
    bool interrupted = false;  // the interrupt source became ready
    bool renewed = false;      // pollable_fd names another kernel object now
  };
  // Until something happens or the time is over; interrupted waits go on with what is left.
  Outcome Wait(Nanoseconds timeout);
  const std::vector<Ready>& events() const { return events_; }
  // Of an event of the current batch.
  int32_t OwnerOf(const Ready& event) const {
    return registrations_[static_cast<size_t>(event.slot)].owner;
  }

  // From any thread.
  void Wake() {
    woken_.store(true);
    backend_->Wake();
  }

  // The same in two halves: a helper thread harvests, and calls `notify` once for each batch; the
  // owner's thread takes the batch, delivers it and acknowledges it. Nothing is harvested before
  // the first Acknowledge, and Wait is out of bounds until StopHarvest.
  Status StartHarvest(Harvester::Notify notify, void* context);
  // With nothing to tell, its events are empty; acknowledge all the same.
  Outcome Take();
  void Acknowledge();
  // What was harvested and not taken will be reported by the next Wait or Take.
  void StopHarvest();

  // What the batch holds from its place `from` on was not handled: edge-triggered and one-shot
  // registrations report it again.
  void Rearm(size_t from);

  // Lets Wait return when a foreign descriptor becomes readable. False where the backend has no
  // edge mode, since nobody would read it.
  bool AddInterruptSource(int fd);
  void RemoveInterruptSource();

  // Another kernel object is behind a registered poller's number: watch that instead.
  void Readd(int fd);

  // Sources (poller_sources.cc). `at` is a point in time of Now(), kForever for never; `every` a
  // period, 0 for none. A source that ends is removed once the batch that tells of it is over.
  Result<SourceId> AddTimer(Nanoseconds at, Nanoseconds every);
  // Arms it anew. ENOENT when it has ended.
  Status SetTimer(SourceId timer, Nanoseconds at, Nanoseconds every);
  Result<SourceId> AddFeed(std::unique_ptr<Feed> feed);
  Result<SourceId> AddWatch(const std::string& path, uint32_t kinds, uint32_t mask);
  // Its place in the current batch, now silenced, or -1.
  int32_t RemoveSource(SourceId source);
  // What has happened to a watch that the current batch has; nullptr when it has nothing.
  const std::vector<Change>* ChangesOf(SourceId watch) const;

  // Somebody else waits for pollable_fd: a thread, an event loop, another poller. From then on it
  // becomes readable for timers, too. Counted; fails only where it has timers already.
  Status Expose();
  void Conceal();

 private:
  enum class State : uint8_t {
    kFree,     // the slot is nobody's
    kLeaving,  // removed while in the current batch: free at the next Wait
    kWatched,  // in the kernel
    kParked,   // empty interest: not in the kernel
    kSpent,    // one-shot that has fired: disarmed in the kernel or taken out of it
    kMuted,    // hung up with nothing that the interest asks for: taken out, or it would spin
    kDead,     // found closed: taken out
    kSource,   // no descriptor of the caller's
  };

  struct Registration {
    int fd = -1;
    uint32_t generation = 0;
    uint32_t interest = 0;
    int32_t event = -1;  // place in the current batch
    int32_t owner = -1;
    Mode mode;
    State state = State::kFree;
    bool in_kernel = false;
    uint8_t seen = 0;  // counts events up to the next look at whether the descriptor is still there
    SourceKind kind = SourceKind::kNone;
    bool untold = false;    // has an entry in Sources::untold
    os::Identity identity;  // where the kernel cannot be asked, and while parked
  };

  explicit Poller(std::unique_ptr<Backend> backend);

  Registration* Find(int fd);
  const Registration* Find(int fd) const;
  Token TokenFor(const Registration& registration) const;
  Registration* FromToken(Token token);
  Registration* TakeSlot(int fd);
  void FreeSlot(Registration* registration);
  int32_t SlotOf(const Registration& registration) const;

  Status Supports(Mode mode, uint32_t interest) const;
  bool Alive(const Registration& registration);
  bool SameFile(const Registration& registration) const;
  Status AddAgain(Registration* registration);
  static bool LeftOut(const Registration& registration);
  void Unwatch(Registration* registration);
  void TakeOut(Registration* registration, State state);
  Result<int32_t> Apply(Registration* registration, uint32_t interest, Mode mode);

  void PutBack(const Registration& registration, const Status& failed);
  void ForgetBatch();
  void Rearm(Registration* registration);
  // A Wait that runs on a helper's thread meanwhile has to learn of a change.
  void Interrupt() {
    if (harvester_ != nullptr && backend_->traits().waits_on_copy) harvester_->LeaveCall();
  }
  void Resolve(const RawEvent* events, const WaitOutcome& harvest, Outcome* outcome);
  void Deliver(Registration* registration, const RawEvent& event);
  Status Rebuild();

  Registration* TakeSourceSlot(SourceKind kind);
  SourceId IdOf(const Registration& registration) const;
  const Registration* FindSource(SourceId source) const;
  Status WatchForSources(int fd, Token token);
  Status WatchSourcesAgain();
  // Takes away what the kernel and the others know of it.
  void EndSource(Registration* registration);
  void ForgetSource(Registration* registration);
  Nanoseconds NextDeadline() const;
  Status SetAlarm();
  // For how many descriptors' events the next batch has room: by turns none, while sources are left.
  size_t Room();
  Nanoseconds BoundBySources(Nanoseconds timeout) const;
  // True when it was none of a registration.
  bool ResolveSource(const RawEvent& event);
  void DeliverFeed(Registration* registration);
  Status TakeChanges();
  // All that there is to tell beside descriptors and feeds.
  Status TellSources();
  void TellTimers();
  void Tell(Registration* registration, int32_t payload, bool last);
  void KeepUntold(const Registration& registration, int32_t payload, bool last);
  void TellAgain(const Ready& event);
  void WakeForLeftOver();

  std::unique_ptr<Backend> backend_;
  // Somebody called Wake and was not told of yet.
  std::atomic<bool> woken_{false};
  std::unique_ptr<Harvester> harvester_;  // while a helper thread harvests
  std::vector<RawEvent> raw_;
  std::vector<Registration> registrations_;
  std::vector<int32_t> free_;
  std::vector<int32_t> by_fd_;  // slot, or -1
  std::vector<Ready> events_;
  std::vector<int32_t> leaving_;
  std::unique_ptr<Sources> sources_;  // once there is one
  size_t exposed_ = 0;
  size_t size_ = 0;
  int interrupt_fd_ = -1;  // borrowed
  bool stale_ = false;     // something unreachable is still in the kernel
};

}  // namespace fdpoll
