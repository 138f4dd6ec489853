#include "core/owned_fd.h"

#include <fcntl.h>

#include <cerrno>

#include "check.h"
#include "core/os.h"

using namespace fdpoll;

namespace {

bool IsOpen(int fd) {
  return fcntl(fd, F_GETFD) >= 0;
}
bool ClosesOnExec(int fd) {
  return (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
}
bool NeverBlocks(int fd) {
  return (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0;
}

void AnOwnerClosesAtItsEnd() {
  int fd = -1;
  {
    OwnedFd ends[2];
    CHECK(os::OpenPipe(ends).ok());
    fd = ends[0].get();
    CHECK(IsOpen(fd));
  }
  CHECK(!IsOpen(fd));
}

void AMoveLeavesNothingBehind() {
  OwnedFd ends[2];
  CHECK(os::OpenPipe(ends).ok());
  const int fd = ends[0].get();
  OwnedFd moved = std::move(ends[0]);
  CHECK(!ends[0].valid() && moved.get() == fd);
  const int released = moved.Release();
  CHECK(released == fd && !moved.valid() && IsOpen(fd));
  CHECK(CloseDescriptor(fd).ok());
  CHECK(CloseDescriptor(fd).error == EBADF);
}

void EverythingMadeClosesOnExecAndNeverBlocks() {
  OwnedFd pipe[2];
  OwnedFd pair[2];
  CHECK(os::OpenPipe(pipe).ok() && os::OpenSocketPair(AF_UNIX, SOCK_STREAM, 0, pair).ok());
  const Result<OwnedFd> socket = os::OpenSocket(AF_INET, SOCK_STREAM, 0);
  CHECK(socket.ok());
  for (const int fd :
       {pipe[0].get(), pipe[1].get(), pair[0].get(), pair[1].get(), socket.value.get()}) {
    CHECK(ClosesOnExec(fd) && NeverBlocks(fd));
  }
  const Result<OwnedFd> copy = os::Duplicate(pipe[0].get());
  CHECK(copy.ok() && ClosesOnExec(copy.value.get()));
}

void ReplacingKeepsTheNumber() {
  OwnedFd first[2];
  OwnedFd second[2];
  CHECK(os::OpenPipe(first).ok() && os::OpenPipe(second).ok());
  const os::Identity wanted = os::Describe(second[0].get()).value.identity;
  CHECK(os::Replace(second[0].get(), first[0].get()).ok());
  CHECK(os::Describe(first[0].get()).value.identity == wanted);
  CHECK(ClosesOnExec(first[0].get()));
}

void WhatEpollRefusesIsRefused() {
  const OwnedFd directory(open("/", O_RDONLY | O_CLOEXEC));
  CHECK(os::CheckPollable(directory.get(), Call::kPoll).status.error == EPERM);
  CHECK(os::CheckPollable(100000, Call::kPoll).status.error == EBADF);
  OwnedFd ends[2];
  CHECK(os::OpenPipe(ends).ok());
  const Result<os::FileFacts> facts = os::CheckPollable(ends[0].get(), Call::kPoll);
  CHECK(facts.ok() && facts.value.is_fifo && !facts.value.is_socket);
}

}  // namespace

int main() {
  RUN(AnOwnerClosesAtItsEnd);
  RUN(AMoveLeavesNothingBehind);
  RUN(EverythingMadeClosesOnExecAndNeverBlocks);
  RUN(ReplacingKeepsTheNumber);
  RUN(WhatEpollRefusesIsRefused);
}
