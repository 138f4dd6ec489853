// Writing to a pipe that nobody reads, or to a socket whose peer is gone, raises SIGPIPE, which
// ends a process that has not said otherwise. Sockets have a flag against it; this is for the rest.
#pragma once

#include <cerrno>
#include <csignal>
#include <cstdint>

namespace fdpoll {

// As long as it lives, a write of this thread to `fd` is EPIPE and no signal.
class SigpipeGuard {
 public:
  explicit SigpipeGuard(int fd);
  ~SigpipeGuard();
  SigpipeGuard(const SigpipeGuard&) = delete;
  SigpipeGuard& operator=(const SigpipeGuard&) = delete;

  // To be told of an EPIPE: the signal that came with it waits to be taken away.
  void Broken() { state_.broken = true; }

 private:
  struct State {
    int fd;
    bool changed = false;  // the descriptor, or the mask of this thread
    bool broken = false;
    bool pending = false;  // one that is not ours
  };
  State state_;
};

// What a system call that writes answers, the number of bytes or a negative errno.
template <typename Function>
int64_t WithoutSigpipe(int fd, Function&& call) {
  SigpipeGuard guard(fd);
  const int64_t result = call();
  if (result == -EPIPE) guard.Broken();
  return result;
}

}  // namespace fdpoll
