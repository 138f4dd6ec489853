#include "core/signals.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <iterator>
#include <mutex>

#include "core/syscall.h"
#include "core/wakeup.h"

namespace fdpoll {

namespace {

constexpr int kSignals = 65;

// Where the handler writes. Never freed: the handler may be reading the list.
struct Listener {
  std::atomic<int> fd{-1};  // -1: free
  Listener* next = nullptr;
};

// Whom ours has replaced. When somebody replaces ours in turn, calls it from his own handler, and ours
// is installed over his, then ours runs twice for one signal: at first it passes on to his, and then
// to the one beneath. Never changed and never freed: the handler may be reading it.
struct Before {
  struct sigaction action;
  const Before* beneath;
  const Before* next;  // of all that were made
};

// All of one signal. The handler touches what is atomic.
struct Watched {
  std::atomic<Listener*> listeners{nullptr};
  std::atomic<const Before*> before{nullptr};
  std::atomic<int> running{0};  // handlers that are at work
  std::atomic<int> alone{0};    // feeds that want nobody else to hear
  int count = 0;
  const Before* made = nullptr;
  bool placed = false;  // ours was not taken away by us: somebody may still call it
  // Of KeptDisposition.
  int keeping = 0;
  bool kept = false;
  struct sigaction disposition {};
};

// A thread in our handler of one signal.
struct Handler {
  std::atomic<pthread_t> thread{};
  std::atomic<int> signal{0};
  std::atomic<int> depth{0};
};

struct Table {
  std::mutex mutex;
  std::array<Watched, kSignals> signals;
  std::array<Handler, 64> handlers;

  static Table& OfProcess() {
    static Table* table = new Table();  // NOLINT(cppcoreguidelines-owning-memory)
    return *table;
  }
};

Watched& WatchedFor(int signal) {
  return Table::OfProcess().signals[static_cast<size_t>(signal)];
}

void PassOn(const struct sigaction& before, int signal, siginfo_t* info, void* context) {
  if ((before.sa_flags & SA_SIGINFO) != 0) {
    if (before.sa_sigaction != nullptr) before.sa_sigaction(signal, info, context);
  } else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
    before.sa_handler(signal);
  }
}

// How many calls of our handler of this signal the thread is in already. A handler of another signal
// may interrupt ours when somebody called it who blocks none.
class Depth {
 public:
  explicit Depth(int signal) {
    const pthread_t self = pthread_self();
    auto& handlers = Table::OfProcess().handlers;
    for (Handler& each : handlers) {
      if (each.thread.load() != self || each.signal.load() != signal) continue;
      mine_ = &each;
      depth_ = ++each.depth;
      return;
    }
    for (size_t i = 0; i < handlers.size() && mine_ == nullptr; i++) {
      pthread_t nobody{};
      if (handlers[i].thread.compare_exchange_strong(nobody, self)) mine_ = &handlers[i];
    }
    if (mine_ != nullptr) mine_->signal = signal;
  }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;
  ~Depth() {
    if (mine_ == nullptr) return;
    if (depth_ > 0) {
      mine_->depth--;
    } else {
      mine_->signal = 0;
      mine_->thread = pthread_t{};
    }
  }
  int operator*() const { return depth_; }

 private:
  Handler* mine_ = nullptr;
  int depth_ = 0;
};

// Only what a handler may do: atomics and write(2).
void OnSignal(int signal, siginfo_t* info, void* context) {
  const int saved = errno;
  const Depth depth(signal);
  Watched& watched = WatchedFor(signal);
  watched.running.fetch_add(1);
  const Before* before = watched.before.load();
  for (int i = 0; i < *depth && before != nullptr; i++) before = before->beneath;
  for (Listener* each = *depth > 0 ? nullptr : watched.listeners.load(); each != nullptr;
       each = each->next) {
    const int fd = each->fd.load();
    const uint64_t one = 1;
    if (fd >= 0)
      static_cast<void>(RetryOnInterrupt([&] { return ::write(fd, &one, sizeof(one)); }));
  }
  const bool passes_on = watched.alone.load() == 0;
  watched.running.fetch_sub(1);
  if (before != nullptr && passes_on) PassOn(before->action, signal, info, context);
  errno = saved;
}

// A signal that was handled while this thread had the table would wait for it for ever.
class Blocked {
 public:
  Blocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  Blocked(const Blocked&) = delete;
  Blocked& operator=(const Blocked&) = delete;
  ~Blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

bool IsOurs(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) != 0 && action.sa_sigaction == OnSignal;
}

bool SameHandler(const struct sigaction& one, const struct sigaction& other) {
  if ((one.sa_flags & SA_SIGINFO) != (other.sa_flags & SA_SIGINFO)) return false;
  return (one.sa_flags & SA_SIGINFO) != 0 ? one.sa_sigaction == other.sa_sigaction
                                          : one.sa_handler == other.sa_handler;
}

bool Same(const struct sigaction& one, const struct sigaction& other) {
  if (one.sa_flags != other.sa_flags || !SameHandler(one, other)) return false;
  for (int signal = 1; signal < kSignals; signal++) {
    if (sigismember(&one.sa_mask, signal) != sigismember(&other.sa_mask, signal)) return false;
  }
  return true;
}

// The handler that was there may call ours, which was installed before it: then what ours has
// replaced is beneath. One that is known already has come back, and what was above it is gone.
const Before* Above(Watched* watched, const struct sigaction& action) {
  const Before* top = watched->placed ? watched->before.load() : nullptr;
  for (const Before* each = top; each != nullptr; each = each->beneath) {
    if (Same(each->action, action)) return each;
  }
  for (const Before* each = watched->made; each != nullptr; each = each->next) {
    if (each->beneath == top && Same(each->action, action)) return each;
  }
  watched->made =
      new Before{action, top, watched->made};  // NOLINT(cppcoreguidelines-owning-memory)
  return watched->made;
}

Status Install(int signal, const struct sigaction& now, Watched* watched) {
  struct sigaction ours {};
  ours.sa_sigaction = OnSignal;
  ours.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  sigfillset(&ours.sa_mask);
  // Known before ours can run.
  const Before* former = watched->before.load();
  watched->before = Above(watched, now);
  const Status status = Check(
      Call::kSigaction, RetryOnInterrupt([&] { return ::sigaction(signal, &ours, nullptr); }));
  if (!status.ok()) {
    watched->before = former;
  } else {
    watched->placed = true;
  }
  return status;
}

void Uninstall(int signal, Watched* watched) {
  struct sigaction now {};
  const int result = RetryOnInterrupt([&] { return ::sigaction(signal, nullptr, &now); });
  if (result < 0 || !IsOurs(now)) return;
  const Before* before = watched->before.load();
  static_cast<void>(
      RetryOnInterrupt([&] { return ::sigaction(signal, &before->action, nullptr); }));
  watched->placed = before->beneath != nullptr;
  if (!watched->placed) return;
  // From now on it is he who calls ours. Those that are at work are still called by the system.
  while (watched->running.load() > 0) sched_yield();
  watched->before = before->beneath;
}

Status Listen(int signal, int fd) {
  const Blocked blocked;
  const std::lock_guard<std::mutex> lock(Table::OfProcess().mutex);
  Watched& watched = WatchedFor(signal);
  struct sigaction now {};
  const int asked = RetryOnInterrupt([&] { return ::sigaction(signal, nullptr, &now); });
  if (asked < 0) return Check(Call::kSigaction, asked);
  // Whoever has replaced ours meanwhile is passed on to from now on.
  if (!IsOurs(now)) {
    const Status status = Install(signal, now, &watched);
    if (!status.ok()) return status;
  }
  watched.count++;
  for (Listener* each = watched.listeners.load(); each != nullptr; each = each->next) {
    int free = -1;
    if (each->fd.compare_exchange_strong(free, fd)) return Status::Ok();
  }
  auto* added = new Listener();  // NOLINT(cppcoreguidelines-owning-memory)
  added->fd = fd;
  added->next = watched.listeners.load();
  watched.listeners = added;
  return Status::Ok();
}

void StopListening(int signal, int fd) {
  const Blocked blocked;
  const std::lock_guard<std::mutex> lock(Table::OfProcess().mutex);
  Watched& watched = WatchedFor(signal);
  for (Listener* each = watched.listeners.load(); each != nullptr; each = each->next) {
    int ours = fd;
    if (each->fd.compare_exchange_strong(ours, -1)) break;
  }
  // The number is about to be closed, and may be another file's then: no handler may still have it
  // in hand. This thread has none, since it blocks them.
  while (watched.running.load() > 0) sched_yield();
  if (--watched.count == 0) Uninstall(signal, &watched);
}

class HandledSignal final : public Feed {
 public:
  HandledSignal(int signal, bool pass_on) : signal_(signal), pass_on_(pass_on) {}
  HandledSignal(const HandledSignal&) = delete;
  HandledSignal& operator=(const HandledSignal&) = delete;
  ~HandledSignal() override {
    if (!listening_) return;
    StopListening(signal_, write_fd());
    if (!pass_on_) WatchedFor(signal_).alone--;
  }

  Status Open() {
    Status status = OpenWakeup(&read_end_, &write_end_);
    if (!status.ok()) return status;
    if (!pass_on_) WatchedFor(signal_).alone++;
    status = Listen(signal_, write_fd());
    listening_ = status.ok();
    if (!listening_ && !pass_on_) WatchedFor(signal_).alone--;
    return status;
  }

  int fd() const override { return read_end_.get(); }
  bool once() const override { return false; }
  bool Take(int32_t* payload) override {
    // An eventfd gives its sum, a pipe one number for each: at the most as many as it holds.
    uint64_t numbers[64];
    uint64_t count = 0;
    for (int reads = 0; reads < 128; reads++) {
      const ssize_t bytes =
          RetryOnInterrupt([&] { return ::read(fd(), numbers, sizeof(numbers)); });
      const size_t taken = bytes > 0 ? static_cast<size_t>(bytes) / sizeof(uint64_t) : 0;
      for (size_t i = 0; i < taken; i++) count += numbers[i];
      if (taken < std::size(numbers)) break;
    }
    *payload = static_cast<int32_t>(std::min<uint64_t>(count, INT32_MAX));
    return count > 0;
  }

 private:
  int write_fd() const { return write_end_.valid() ? write_end_.get() : read_end_.get(); }

  const int signal_;
  const bool pass_on_;
  OwnedFd read_end_;
  OwnedFd write_end_;  // invalid for an eventfd, which is its own
  bool listening_ = false;
};

bool Ask(int signal, struct sigaction* out) {
  return RetryOnInterrupt([&] { return ::sigaction(signal, nullptr, out); }) >= 0;
}

bool Catchable(int signal) {
  return signal > 0 && signal < kSignals && signal != SIGKILL && signal != SIGSTOP;
}

}  // namespace

Result<std::unique_ptr<Feed>> OpenSignal(int signal, bool pass_on) {
  if (!Catchable(signal)) return Status::Failed(Call::kSigaction, EINVAL);
  auto feed = std::make_unique<HandledSignal>(signal, pass_on);
  const Status status = feed->Open();
  if (!status.ok()) return status;
  return std::unique_ptr<Feed>(std::move(feed));
}

KeptDisposition::KeptDisposition(int signal) : signal_(Catchable(signal) ? signal : 0) {
  if (signal_ == 0) return;
  const std::lock_guard<std::mutex> lock(Table::OfProcess().mutex);
  Watched& watched = WatchedFor(signal_);
  if (watched.keeping++ == 0) watched.kept = Ask(signal_, &watched.disposition);
}

void KeptDisposition::Installed() const {
  if (signal_ == 0) return;
  const std::lock_guard<std::mutex> lock(Table::OfProcess().mutex);
  Watched& watched = WatchedFor(signal_);
  struct sigaction now {};
  if (Ask(signal_, &now) && SameHandler(now, watched.disposition)) watched.kept = false;
}

KeptDisposition::~KeptDisposition() {
  if (signal_ == 0) return;
  const std::lock_guard<std::mutex> lock(Table::OfProcess().mutex);
  Watched& watched = WatchedFor(signal_);
  struct sigaction now {};
  if (--watched.keeping > 0 || !watched.kept || !Ask(signal_, &now)) return;
  const bool is_default = (now.sa_flags & SA_SIGINFO) == 0 && now.sa_handler == SIG_DFL;
  if (!is_default) return;
  static_cast<void>(
      RetryOnInterrupt([&] { return ::sigaction(signal_, &watched.disposition, nullptr); }));
}

}  // namespace fdpoll
