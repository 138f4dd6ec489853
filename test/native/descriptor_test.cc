#include "core/descriptor.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <string>
#include <vector>

#include "check.h"
#include "core/os.h"
#include "core/socket.h"

using namespace fdpoll;

namespace {

struct Pipe {
  OwnedFd ends[2];
  Pipe() { CHECK(os::OpenPipe(ends).ok()); }
  int read() const { return ends[0].get(); }
  int write() const { return ends[1].get(); }
};

bool IsBlocked(int signal) {
  sigset_t mask;
  CHECK(pthread_sigmask(SIG_BLOCK, nullptr, &mask) == 0);
  return sigismember(&mask, signal) == 1;
}

bool IsPending(int signal) {
  sigset_t pending;
  CHECK(sigpending(&pending) == 0);
  return sigismember(&pending, signal) == 1;
}

void ExpectBroken(const Result<int64_t>& result, Call call) {
  CHECK(!result.ok());
  CHECK(result.status.error == EPIPE);
  CHECK(result.status.call == call);
}

// This program leaves SIGPIPE as it is: one that gets through ends it.
void AllCallsThatWrite(int broken_pipe, int broken_socket) {
  const char byte = 'x';
  iovec parts[2] = {{const_cast<char*>(&byte), 1}, {nullptr, 0}};
  ExpectBroken(Write(broken_pipe, &byte, 1), Call::kWrite);
  ExpectBroken(WriteParts(broken_pipe, parts, 2), Call::kWritev);
  ExpectBroken(Write(broken_socket, &byte, 1), Call::kWrite);
  ExpectBroken(WriteParts(broken_socket, parts, 2), Call::kWritev);
#ifdef FDPOLL_SYSTEM_LINUX
  const Pipe full;
  CHECK(Write(full.write(), &byte, 1).value == 1);
  ExpectBroken(Splice(full.read(), broken_pipe, 1), Call::kSplice);
#endif
  char path[] = "/tmp/fdpoll-XXXXXX";
  const OwnedFd file(mkstemp(path));
  CHECK(file.valid() && unlink(path) == 0);
  CHECK(Write(file.get(), "0123456789", 10).value == 10);
  const Result<int64_t> sent = SendFile(broken_socket, file.get(), 0, 10);
  CHECK(!sent.ok() && sent.status.error == EPIPE);
}

void NobodyReadsAndNoSignalComes() {
  Pipe pipe;
  pipe.ends[0].Reset();
  OwnedFd sockets[2];
  CHECK(os::OpenSocketPair(AF_UNIX, SOCK_STREAM, 0, sockets).ok());
  sockets[1].Reset();
  AllCallsThatWrite(pipe.write(), sockets[0].get());
  CHECK(!IsBlocked(SIGPIPE));

  // Somebody blocks it: what he waits for stays pending, what we cause does not.
  sigset_t sigpipe;
  sigemptyset(&sigpipe);
  sigaddset(&sigpipe, SIGPIPE);
  CHECK(pthread_sigmask(SIG_BLOCK, &sigpipe, nullptr) == 0);
  AllCallsThatWrite(pipe.write(), sockets[0].get());
  CHECK(IsBlocked(SIGPIPE) && !IsPending(SIGPIPE));
  CHECK(raise(SIGPIPE) == 0 && IsPending(SIGPIPE));
  AllCallsThatWrite(pipe.write(), sockets[0].get());
  CHECK(IsPending(SIGPIPE));
  os::TakePendingSignal(SIGPIPE);
  CHECK(!IsPending(SIGPIPE));
  os::TakePendingSignal(SIGPIPE);  // nothing to take: does not wait
  CHECK(pthread_sigmask(SIG_UNBLOCK, &sigpipe, nullptr) == 0);
}

void WouldBlockIsAValue() {
  const Pipe pipe;
  char buffer[4096] = "";
  CHECK(Read(pipe.read(), buffer, sizeof(buffer)).value == kWouldBlock);
  Result<int64_t> written = Write(pipe.write(), buffer, sizeof(buffer));
  while (written.ok() && written.value > 0) written = Write(pipe.write(), buffer, sizeof(buffer));
  CHECK(written.ok() && written.value == kWouldBlock);
}

void PartsGoThroughInOrder() {
  const Pipe pipe;
  std::string text = "one two three";
  iovec out[3] = {{text.data(), 4}, {text.data(), 0}, {text.data() + 4, text.size() - 4}};
  CHECK(WriteParts(pipe.write(), out, 3).value == static_cast<int64_t>(text.size()));
  std::vector<char> back(text.size() + 10, '.');
  // More than one call takes: the rest is left alone.
  std::vector<iovec> in(kPartsMax + 5);
  for (size_t i = 0; i < in.size(); i++)
    in[i] = {back.data() + (i < text.size() ? i : 0), i < text.size() ? 1U : 0U};
  CHECK(ReadParts(pipe.read(), in.data(), in.size()).value == static_cast<int64_t>(text.size()));
  CHECK(std::string(back.data(), back.size()) == text + "..........");
}

void IoctlTouchesItsViewAndNoMore() {
  const Pipe pipe;
  CHECK(Write(pipe.write(), "12345", 5).value == 5);
  // The kernel writes an int; the view is shorter, exact, or longer than what goes on the stack.
  for (const size_t length : {size_t{0}, size_t{1}, size_t{4}, size_t{40000}}) {
    std::vector<uint8_t> view(length, 0xff);
    const Result<int64_t> result = Ioctl(pipe.read(), FIONREAD, view.data(), view.size());
    CHECK(result.ok() && result.value == 0);
    if (length > 0) CHECK(view[0] == 5);
    if (length > 4) CHECK(view[1] == 0 && view[4] == 0xff && view.back() == 0xff);
  }
  const Result<int64_t> wrong = Ioctl(pipe.read(), 0xffffffff, int64_t{-1});
  CHECK(!wrong.ok() && wrong.status.call == Call::kIoctl);
  CHECK(Ioctl(-1, FIONREAD, int64_t{0}).status.error == EBADF);
}

void FlagsAreSetAndCleared() {
  const Pipe pipe;
  const auto flags = [&] { return fcntl(pipe.read(), F_GETFL); };
  const int before = flags();
  CHECK((before & O_NONBLOCK) != 0);
  CHECK(SetNonBlocking(pipe.read(), false).ok() && flags() == (before & ~O_NONBLOCK));
  CHECK(SetNonBlocking(pipe.read(), false).ok() && flags() == (before & ~O_NONBLOCK));
  CHECK(SetNonBlocking(pipe.read(), true).ok() && flags() == before);
  CHECK(SetCloseOnExec(pipe.read()).ok() && fcntl(pipe.read(), F_GETFD) == FD_CLOEXEC);
  CHECK(SetNonBlocking(-1, true).error == EBADF && SetCloseOnExec(-1).error == EBADF);
}

void WhatTheSystemLacksIsAnError() {
  Result<OwnedFd> counter = OpenEventfd(7);
  CHECK(counter.ok() || counter.status.error == ENOSYS);
  if (counter.ok()) {
    uint64_t value = 0;
    CHECK(Read(counter.value.get(), &value, sizeof(value)).value == 8 && value == 7);
    CHECK(Read(counter.value.get(), &value, sizeof(value)).value == kWouldBlock);
    CHECK(fcntl(counter.value.get(), F_GETFD) == FD_CLOEXEC);
  }
  Result<OwnedFd> memory = OpenMemfd("name");
  CHECK(memory.ok() || memory.status.error == ENOSYS);
  if (memory.ok()) CHECK(fcntl(memory.value.get(), F_GETFD) == FD_CLOEXEC);
  CHECK(OpenMemfd(std::string(300, 'x').c_str()).status.call == Call::kMemfd);
}

void AFileIsSentByItsOwnPosition() {
  char path[] = "/tmp/fdpoll-XXXXXX";
  const OwnedFd file(mkstemp(path));
  CHECK(file.valid() && unlink(path) == 0);
  CHECK(Write(file.get(), "0123456789", 10).value == 10);
  OwnedFd sockets[2];
  CHECK(os::OpenSocketPair(AF_UNIX, SOCK_STREAM, 0, sockets).ok());
  char buffer[32] = "";
  CHECK(SendFile(sockets[0].get(), file.get(), 3, 4).value == 4);
  CHECK(Read(sockets[1].get(), buffer, sizeof(buffer)).value == 4);
  CHECK(std::memcmp(buffer, "3456", 4) == 0);
  CHECK(SendFile(sockets[0].get(), file.get(), 8, size_t{1} << 40).value == 2);
  const auto nothing = [&](int64_t offset, size_t count) {
    const Result<int64_t> sent = SendFile(sockets[0].get(), file.get(), offset, count);
    return sent.ok() && sent.value == 0;
  };
  CHECK(nothing(10, 4) && nothing(int64_t{1} << 40, 4) && nothing(0, 0));
  CHECK(SendFile(sockets[0].get(), -1, 0, 4).status.error == EBADF);
  CHECK(lseek(file.get(), 0, SEEK_CUR) == 10);
}

}  // namespace

int main() {
  RUN(NobodyReadsAndNoSignalComes);
  RUN(WouldBlockIsAValue);
  RUN(PartsGoThroughInOrder);
  RUN(IoctlTouchesItsViewAndNoMore);
  RUN(FlagsAreSetAndCleared);
  RUN(WhatTheSystemLacksIsAnError);
  RUN(AFileIsSentByItsOwnPosition);
}
