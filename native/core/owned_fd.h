// A raw `int fd` is borrowed; an OwnedFd is owned: move-only, closes itself.
#pragma once

#include <utility>

#include "core/status.h"

namespace fdpoll {

// The one function that closes. Never repeated on EINTR: Linux and the BSDs have freed the number
// by then, and another thread may already have been given it (close(2), NOTES).
Status CloseDescriptor(int fd);

class OwnedFd {
 public:
  OwnedFd() = default;
  explicit OwnedFd(int fd) : fd_(fd) {}
  OwnedFd(OwnedFd&& other) noexcept : fd_(other.Release()) {}
  OwnedFd& operator=(OwnedFd&& other) noexcept {
    Reset(other.Release());
    return *this;
  }
  OwnedFd(const OwnedFd&) = delete;
  OwnedFd& operator=(const OwnedFd&) = delete;
  ~OwnedFd() { Reset(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  operator bool() const = delete;  // 0 is a descriptor, not false

  // Gives the number away; it is the caller's to close.
  [[nodiscard]] int Release() { return std::exchange(fd_, -1); }
  void Reset(int fd = -1) {
    const int old = std::exchange(fd_, fd);
    if (old >= 0) static_cast<void>(CloseDescriptor(old));
  }

 private:
  int fd_ = -1;
};

}  // namespace fdpoll
