#include "core/path_mode.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>

#include "check.h"
#include "core/os.h"
#include "core/owned_fd.h"
#include "temporary_folder.h"

using namespace fdpoll;

namespace {

void MakeFile(const std::string& path) {
  const OwnedFd file(::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  CHECK(file.valid());
}

uint32_t ModeOf(const std::string& path) {
  struct stat facts {};
  CHECK(::lstat(path.c_str(), &facts) == 0);
  return facts.st_mode & 07777;
}

Address AddressOf(const std::string& path) {
  Address address;
  CHECK(EncodeUnix(path, &address) == Encoded::kOk);
  return address;
}

OwnedFd Open(int type) {
  Result<OwnedFd> socket = os::OpenSocket(AF_UNIX, type, 0);
  CHECK(socket.ok());
  return std::move(socket.value);
}

// A socket at this path, with the permissions 0700.
OwnedFd BoundTo(const std::string& path) {
  OwnedFd socket = Open(SOCK_DGRAM);
  CHECK(BindWithMode(socket.get(), AddressOf(path), 0700).ok());
  return socket;
}

bool Refused(const Status& status, int error) {
  return status.call == Call::kChmod && status.error == error;
}

void a_path_has_exactly_the_permissions_that_were_asked_for() {
  const TemporaryFolder folder;
  int count = 0;
  for (const mode_t mask : {0000, 0022, 0077, 0777}) {
    const mode_t before = ::umask(mask);
    for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
      for (const uint32_t mode : {0000U, 0600U, 0660U, 0666U, 0777U}) {
        const std::string path = folder / ("s" + std::to_string(count++));
        const OwnedFd socket = Open(type);
        CHECK(BindWithMode(socket.get(), AddressOf(path), mode).ok());
        CHECK(ModeOf(path) == mode);
      }
    }
    ::umask(before);
  }
}

void an_address_without_a_path_has_none() {
  for (const std::string& name : {std::string(), std::string("\0fdpoll-mode", 12)}) {
    Address address;
    if (EncodeUnix(name, &address) != Encoded::kOk) continue;
    CHECK(Refused(BindWithMode(Open(SOCK_STREAM).get(), address, 0600), EOPNOTSUPP));
  }
  Address inet;
  CHECK(EncodeInet("127.0.0.1", 0, &inet) == Encoded::kOk);
  CHECK(Refused(BindWithMode(Open(SOCK_STREAM).get(), inet, 0600), EOPNOTSUPP));
}

void a_bind_that_fails_leaves_what_is_there_alone() {
  const TemporaryFolder folder;
  const OwnedFd first = BoundTo(folder / "s");
  const Status second = BindWithMode(Open(SOCK_DGRAM).get(), AddressOf(folder / "s"), 0777);
  CHECK(second.call == Call::kBind && second.error == EADDRINUSE);
  CHECK(ModeOf(folder / "s") == 0700);
}

void a_symbolic_link_in_its_place_is_not_followed() {
  const TemporaryFolder folder;
  const OwnedFd socket = BoundTo(folder / "s");
  MakeFile(folder / "victim");
  const uint32_t before = ModeOf(folder / "victim");
  CHECK(std::rename((folder / "s").c_str(), (folder / "moved").c_str()) == 0);
  CHECK(::symlink((folder / "victim").c_str(), (folder / "s").c_str()) == 0);
  CHECK(Refused(os::SetPathModeByName((folder / "s").c_str(), 0777), ELOOP));
  // The system may find the socket itself, where it was moved to; or it is refused.
  const Status status = os::SetPathMode(socket.get(), (folder / "s").c_str(), 0777);
  CHECK(status.ok() ? ModeOf(folder / "moved") == 0777 : Refused(status, ELOOP));
  CHECK(ModeOf(folder / "victim") == before);
  // Nor a link to a socket.
  const OwnedFd other = BoundTo(folder / "other");
  CHECK(::unlink((folder / "s").c_str()) == 0);
  CHECK(::symlink((folder / "other").c_str(), (folder / "s").c_str()) == 0);
  CHECK(Refused(os::SetPathModeByName((folder / "s").c_str(), 0777), ELOOP));
  CHECK(ModeOf(folder / "other") == 0700);
}

void what_is_no_socket_is_refused() {
  const TemporaryFolder folder;
  MakeFile(folder / "file");
  const uint32_t before = ModeOf(folder / "file");
  CHECK(Refused(os::SetPathModeByName((folder / "file").c_str(), 0777), ENOTSOCK));
  CHECK(ModeOf(folder / "file") == before);
  const Status nothing = os::SetPathModeByName((folder / "nothing").c_str(), 0777);
  CHECK(nothing.error == ENOENT);
}

void a_socket_with_a_second_name_or_of_somebody_else_is_refused() {
  const TemporaryFolder folder;
  const OwnedFd socket = BoundTo(folder / "s");
  CHECK(os::SetPathModeByName((folder / "s").c_str(), 0750).ok());
  CHECK(ModeOf(folder / "s") == 0750);
  CHECK(::link((folder / "s").c_str(), (folder / "name").c_str()) == 0);
  CHECK(Refused(os::SetPathModeByName((folder / "name").c_str(), 0777), EPERM));
  CHECK(::unlink((folder / "name").c_str()) == 0);
  // Only root can give one away.
  if (::chown((folder / "s").c_str(), ::geteuid() + 1, static_cast<gid_t>(-1)) == 0)
    CHECK(Refused(os::SetPathModeByName((folder / "s").c_str(), 0777), EPERM));
  CHECK(ModeOf(folder / "s") == 0750);
}

}  // namespace

int main() {
  RUN(a_path_has_exactly_the_permissions_that_were_asked_for);
  RUN(an_address_without_a_path_has_none);
  RUN(a_bind_that_fails_leaves_what_is_there_alone);
  RUN(a_symbolic_link_in_its_place_is_not_followed);
  RUN(what_is_no_socket_is_refused);
  RUN(a_socket_with_a_second_name_or_of_somebody_else_is_refused);
}
