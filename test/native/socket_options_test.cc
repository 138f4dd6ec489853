#include "core/socket_options.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "check.h"
#include "config.h"
#include "core/os.h"

using namespace fdpoll;

namespace {

OwnedFd Udp() {
  Result<OwnedFd> fd = os::OpenSocket(AF_INET, SOCK_DGRAM, 0);
  CHECK(fd.ok());
  return std::move(fd.value);
}

void AnOptionIsAnIntOrBytes() {
  const OwnedFd fd = Udp();
  CHECK(SetOption(fd.get(), SOL_SOCKET, SO_BROADCAST, 1).ok());
  int value = 0;
  const Result<size_t> filled =
      GetOption(fd.get(), SOL_SOCKET, SO_BROADCAST, &value, sizeof(value));
  CHECK(filled.ok() && filled.value == sizeof(value) && value != 0);
  const linger want{1, 7};
  CHECK(SetOption(fd.get(), SOL_SOCKET, SO_LINGER, &want, sizeof(want)).ok());
  linger got{};
  CHECK(GetOption(fd.get(), SOL_SOCKET, SO_LINGER, &got, sizeof(got)).value == sizeof(got));
  CHECK(got.l_linger == 7);
}

void AFailureNamesTheCall() {
  const OwnedFd fd = Udp();
  int value = 0;
  const Result<size_t> asked = GetOption(fd.get(), SOL_SOCKET, 0x7fff, &value, sizeof(value));
  CHECK(!asked.ok() && asked.status.call == Call::kGetsockopt);
  const Status told = SetOption(fd.get(), SOL_SOCKET, 0x7fff, 1);
  CHECK(!told.ok() && told.call == Call::kSetsockopt);
  CHECK(GetOption(-1, SOL_SOCKET, SO_TYPE, &value, sizeof(value)).status.error == EBADF);
}

void NothingIsReadIntoNoBuffer() {
  const OwnedFd fd = Udp();
  const Result<size_t> asked = GetOption(fd.get(), SOL_SOCKET, SO_TYPE, nullptr, 0);
  CHECK(!asked.ok() || asked.value == 0);
}

void CredentialsAreOfUnixSocketsAlone() {
  const OwnedFd fd = Udp();
  CHECK(PeerCredentials(fd.get()).status.error == ENOPROTOOPT);
  CHECK(!PeerCredentials(-1).ok());
  OwnedFd ends[2];
  CHECK(os::OpenSocketPair(AF_UNIX, SOCK_STREAM, 0, ends).ok());
#ifdef FDPOLL_SYSTEM_LINUX
  const Result<os::Credentials> peer = PeerCredentials(ends[0].get());
  CHECK(peer.ok() && peer.value.pid == ::getpid() && peer.value.uid == ::getuid());
#endif
}

#ifdef FDPOLL_SYSTEM_LINUX

// The kernel counts this one in instructions, eight times as long as its bytes.
void AFilterIsReadInBytes() {
  const OwnedFd fd = Udp();
  std::vector<uint8_t> program(64 * 8);
  for (size_t i = 0; i < 63; i++) program[i * 8 + 4] = 1;
  const uint8_t last[] = {6, 0, 0, 0, 0xff, 0xff, 0, 0};
  std::memcpy(program.data() + 63 * 8, last, sizeof(last));
  CHECK(SetOption(fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, program.data(), program.size()).ok());
  std::vector<uint8_t> back(program.size());
  const Result<size_t> filled =
      GetOption(fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, back.data(), back.size());
  CHECK(filled.ok() && filled.value == program.size() && back == program);
  std::vector<uint8_t> small(64);
  CHECK(
      GetOption(fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, small.data(), small.size()).status.error ==
      EINVAL);
  CHECK(small == std::vector<uint8_t>(64));
}

void AFilterThatIsNoneIsRefused() {
  const OwnedFd fd = Udp();
  const std::vector<uint8_t> bytes(8 * 70000, 6);
  for (const size_t size : {size_t{0}, size_t{7}, bytes.size()}) {
    const Status status = SetOption(fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, bytes.data(), size);
    CHECK(status.error == EINVAL);
  }
}

#endif

}  // namespace

int main() {
  RUN(AnOptionIsAnIntOrBytes);
  RUN(AFailureNamesTheCall);
  RUN(NothingIsReadIntoNoBuffer);
  RUN(CredentialsAreOfUnixSocketsAlone);
#ifdef FDPOLL_SYSTEM_LINUX
  RUN(AFilterIsReadInBytes);
  RUN(AFilterThatIsNoneIsRefused);
#endif
  return 0;
}
