#include "config.h"

#ifdef FDPOLL_SYSTEM_BSD

#include <signal.h>

#include "core/kqueue_system.h"
#include "core/process.h"

namespace fdpoll {

namespace {

#ifdef NOTE_EXITSTATUS
// macOS tells the status to the parent only, and only when asked.
constexpr unsigned kStatusNote = NOTE_EXITSTATUS;
#else
constexpr unsigned kStatusNote = 0;
#endif

// A queue of its own: it is the descriptor that every backend can watch.
class Process final : public Feed {
 public:
  explicit Process(OwnedFd queue) : queue_(std::move(queue)) {}
  int fd() const override { return queue_.get(); }
  bool once() const override { return true; }
  bool Take(int32_t* payload) override {
    kq::Event event{};
    const timespec now{};
    if (kq::Kevent(fd(), nullptr, 0, &event, 1, &now) <= 0) return false;
    const bool told = event.filter == EVFILT_PROC && (kStatusNote == 0 || event.data >= 0) &&
                      (event.fflags & (NOTE_EXIT | kStatusNote)) == (NOTE_EXIT | kStatusNote);
    *payload = told ? ToPayload(static_cast<int>(event.data)) : kExitUnknown;
    return true;
  }

 private:
  OwnedFd queue_;
};

}  // namespace

Result<std::unique_ptr<Feed>> OpenProcess(int pid) {
  if (pid <= 0) return Status::Failed(Call::kKevent, EINVAL);
  Result<OwnedFd> queue = kq::Open();
  if (!queue.ok()) return queue.status;
  const int fd = queue.value.get();
  kq::Event change =
      kq::Make(static_cast<uintptr_t>(pid), EVFILT_PROC, EV_ADD, NOTE_EXIT | kStatusNote, 0);
  int result = kq::Kevent(fd, &change, 1, nullptr, 0, nullptr);
  // Not of every process, only of children.
  if (result == -EACCES || result == -EPERM) {
    change.fflags = NOTE_EXIT;
    result = kq::Kevent(fd, &change, 1, nullptr, 0, nullptr);
  }
  // One that has ended and was not waited for is there for signals, and not for some queues.
  const bool zombie = result == -ESRCH && InterruptIsAnswer([&] { return ::kill(pid, 0); }) >= 0;
  if (zombie) {
    const kq::Event ended[2] = {kq::Make(0, EVFILT_USER, EV_ADD, 0, 0),
                                kq::Make(0, EVFILT_USER, 0, NOTE_TRIGGER, 0)};
    result = kq::Kevent(fd, ended, 2, nullptr, 0, nullptr);
  }
  if (result < 0) return Check(Call::kKevent, result);
  return std::unique_ptr<Feed>(std::make_unique<Process>(std::move(queue.value)));
}

}  // namespace fdpoll

#endif
