#include "core/path_mode.h"

#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/socket.h"
#include "core/syscall.h"

namespace fdpoll {

namespace {

// The path of an address, ended by NUL as the kernel reads it; "" when it has none.
struct BoundPath {
  char text[sizeof(Address::storage) + 1] = "";

  explicit BoundPath(const Address& address) {
    constexpr size_t kStart = offsetof(sockaddr_un, sun_path);
    if (address.family() != AF_UNIX || address.length <= kStart) return;
    std::memcpy(text, address.bytes().data() + kStart, address.length - kStart);
  }
};

// What systems say whose sockets have no permissions.
bool HasNoMode(int error) {
  return error == -EINVAL || error == -EOPNOTSUPP || error == -ENOTSUP || error == -ENOSYS;
}

}  // namespace

Status BindWithMode(int fd, const Address& address, uint32_t mode) {
  const BoundPath path(address);
  if (path.text[0] == '\0') return Status::Failed(Call::kChmod, EOPNOTSUPP);
  const int set = RetryOnInterrupt([&] { return ::fchmod(fd, static_cast<mode_t>(mode)); });
  if (set < 0 && !HasNoMode(set)) return Check(Call::kFchmod, set);
  const Status bound = Bind(fd, address);
  if (!bound.ok()) return bound;
  struct stat facts {};
  const int found = RetryOnInterrupt([&] { return ::lstat(path.text, &facts); });
  if (found >= 0 && S_ISSOCK(facts.st_mode) && (facts.st_mode & os::kPermissions) == mode)
    return Status::Ok();
  return os::SetPathMode(fd, path.text, mode);
}

namespace os {

Status CheckBoundPath(const struct stat& facts) {
  int error = 0;
  if (S_ISLNK(facts.st_mode)) {
    error = ELOOP;
  } else if (!S_ISSOCK(facts.st_mode)) {
    error = ENOTSOCK;
  } else if (facts.st_nlink > 1 ||
             facts.st_uid != static_cast<uid_t>(RetryOnInterrupt([] { return ::geteuid(); }))) {
    error = EPERM;
  }
  return error == 0 ? Status::Ok() : Status::Failed(Call::kChmod, error);
}

}  // namespace os
}  // namespace fdpoll
