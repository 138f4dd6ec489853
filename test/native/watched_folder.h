// A folder of its own for a test of watches, and what the watches tell of it.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "check.h"
#include "core/owned_fd.h"
#include "core/watches.h"
#include "temporary_folder.h"

namespace fdpoll {

inline OwnedFd OpenFile(const std::string& path, int flags) {
  OwnedFd file(::open(path.c_str(), flags | O_CLOEXEC, 0644));
  CHECK(file.valid());
  return file;
}

inline void MakeFile(const std::string& path) {
  OpenFile(path, O_CREAT | O_WRONLY);
}

inline void WriteTo(const OwnedFd& file) {
  CHECK(::write(file.get(), "x", 1) == 1);
}

inline void AppendTo(const std::string& path) {
  WriteTo(OpenFile(path, O_WRONLY | O_APPEND));
}

inline void Rename(const std::string& from, const std::string& to) {
  CHECK(std::rename(from.c_str(), to.c_str()) == 0);
}

inline void Unlink(const std::string& path) {
  CHECK(::unlink(path.c_str()) == 0);
}

inline void Failed(const Status& status, int error) {
  CHECK(status.error == error);
  CHECK(status.call != Call::kNone);
}

class WatchedFolder {
 public:
  WatchedFolder() : watches_(std::move(Watches::Open().value)) { CHECK(watches_ != nullptr); }

  Watches* operator->() const { return watches_.get(); }
  std::string operator/(const std::string& name) const { return folder_ / name; }
  const std::string& path() const { return folder_.path(); }

  void Add(int32_t watch, const std::string& path, uint32_t kinds, uint32_t mask = 0) const {
    CHECK(watches_->Add(watch, path, kinds, mask).ok());
  }

  bool Readable() const {
    pollfd entry{watches_->fd(), POLLIN, 0};
    return ::poll(&entry, 1, 0) == 1;
  }

  // All there is to tell, without waiting: the systems queue a change before the call that makes it
  // returns.
  std::vector<Change> Changes() const {
    std::vector<Change> changes;
    while (Readable()) CHECK(watches_->Drain(&changes).ok());
    return changes;
  }

  // "1:create(name) 2:gone", in order.
  std::string Told() const {
    std::string text;
    for (const Change& change : Changes()) {
      if (!text.empty()) text += ' ';
      text += std::to_string(change.watch) + ':' + Words(change.kinds);
      if (!change.name.empty()) text += '(' + change.name + ')';
    }
    return text;
  }

 private:
  static std::string Words(uint32_t kinds) {
    static constexpr const char* kNames[] = {"create",
                                             "delete",
                                             "modify",
                                             "close-write",
                                             "attributes",
                                             "move-from",
                                             "move-to",
                                             "gone",
                                             "overflow",
                                             "open",
                                             "access",
                                             "close-no-write"};
    std::string text;
    for (size_t bit = 0; bit < 12; bit++) {
      if ((kinds >> bit & 1) == 0) continue;
      if (!text.empty()) text += '+';
      text += kNames[bit];
    }
    return text;
  }

  std::unique_ptr<Watches> watches_;
  TemporaryFolder folder_;
};

}  // namespace fdpoll
