#include "config.h"

#ifdef FDPOLL_SYSTEM_LINUX

#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "core/owned_fd.h"
#include "core/process.h"
#include "core/syscall.h"

namespace fdpoll {

namespace {

// Newer than the C library's headers may be; the number is the same on every architecture.
constexpr long kPidfdOpen = 434;
constexpr auto kIdOfPidfd = static_cast<idtype_t>(3);

// struct pidfd_info and PIDFD_GET_INFO of linux/pidfd.h (6.13; the exit status since 6.15).
struct PidfdInfo {
  uint64_t mask;
  uint64_t cgroup;
  uint32_t ids[11];
  int32_t exit_status;  // as wait(2) has it
};
static_assert(sizeof(PidfdInfo) == 64, "PIDFD_INFO_SIZE_VER0");
constexpr uint32_t kPidfdGetInfo = _IOWR(0xff, 11, PidfdInfo);
constexpr uint64_t kInfoExit = 1u << 3;

class Process final : public Feed {
 public:
  explicit Process(OwnedFd fd) : fd_(std::move(fd)) {}
  int fd() const override { return fd_.get(); }
  bool once() const override { return true; }
  bool Take(int32_t* payload) override {
    if (!OfChild(payload) && !OfReaped(payload)) *payload = kExitUnknown;
    return true;
  }

 private:
  bool OfChild(int32_t* payload) const {
    siginfo_t info{};
    const int result = RetryOnInterrupt([&] {
      return ::waitid(kIdOfPidfd, static_cast<id_t>(fd()), &info, WEXITED | WNOHANG | WNOWAIT);
    });
    if (result < 0 || info.si_pid == 0) return false;
    *payload = info.si_code == CLD_EXITED ? info.si_status : kKilledBy + info.si_status;
    return true;
  }

  // Somebody has waited for it already.
  bool OfReaped(int32_t* payload) const {
    PidfdInfo info{};
    info.mask = kInfoExit;
    const int result = static_cast<int>(
        RetryOnInterrupt([&] { return ::syscall(SYS_ioctl, fd(), kPidfdGetInfo, &info); }));
    if (result < 0 || (info.mask & kInfoExit) == 0) return false;
    *payload = ToPayload(info.exit_status);
    return true;
  }

  OwnedFd fd_;
};

}  // namespace

Result<std::unique_ptr<Feed>> OpenProcess(int pid) {
  // Close-on-exec by itself.
  const int fd = static_cast<int>(RetryOnInterrupt([&] { return ::syscall(kPidfdOpen, pid, 0); }));
  if (fd < 0) return Check(Call::kPidfdOpen, fd);
  return std::unique_ptr<Feed>(std::make_unique<Process>(OwnedFd(fd)));
}

}  // namespace fdpoll

#endif
