// What the path of a watch leads to, for watches_inotify.cc and watches_bsd.cc only.
#pragma once

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>

#include "core/os.h"
#include "core/syscall.h"

namespace fdpoll {

struct Sight {
  int error = 0;
  os::Identity identity;
  bool is_folder = false;
  bool linked = false;  // a file that has other names as well
};

inline Sight SightOf(int result, const struct stat& facts) {
  if (result < 0) return {-result, {}, false, false};
  const bool is_folder = S_ISDIR(facts.st_mode);
  return {0,
          {static_cast<uint64_t>(facts.st_dev), static_cast<uint64_t>(facts.st_ino)},
          is_folder,
          facts.st_nlink > 1 && !is_folder};
}

inline Sight Look(const std::string& path, bool follow) {
  struct stat facts {};
  return SightOf(RetryOnInterrupt([&] {
                   return follow ? ::stat(path.c_str(), &facts) : ::lstat(path.c_str(), &facts);
                 }),
                 facts);
}

// Of an error of Look: the path leads nowhere. Any other leaves it open.
inline bool IsAbsent(int error) {
  return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

// It is looked at again later, when the working directory may be another one.
inline std::string Absolute(const std::string& path) {
  if (path.front() == '/') return path;
  char folder[PATH_MAX];
  const int result =
      RetryOnInterrupt([&] { return ::getcwd(folder, sizeof(folder)) == nullptr ? -1 : 0; });
  return result < 0 ? path : std::string(folder) + '/' + path;
}

}  // namespace fdpoll
