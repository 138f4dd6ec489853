#include "core/watches.h"

#include <sys/resource.h>

#include <cerrno>

#include "config.h"
#include "watched_folder.h"

#ifdef FDPOLL_SYSTEM_LINUX
#include <sched.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#endif

using namespace fdpoll;

namespace {

constexpr int32_t kLast = 0x7fffffff;

void NothingHappenedAndNothingIsTold() {
  const WatchedFolder in;
  std::vector<Change> changes;
  CHECK(in->Drain(&changes).ok() && changes.empty());
  CHECK(in->size() == 0 && !in.Readable());
  in.Add(kLast, in.path(), kWatchModify);
  CHECK(in->Drain(&changes).ok() && changes.empty());
  CHECK(in->size() == 1 && !in.Readable());
}

void TheDescriptorIsNotInheritedAndReadableUntilDrained() {
  const WatchedFolder in;
  CHECK((::fcntl(in->fd(), F_GETFD) & FD_CLOEXEC) != 0);
  MakeFile(in / "file");
  in.Add(1, in / "file", kWatchModify);
  AppendTo(in / "file");
  CHECK(in.Readable() && in.Readable());
  CHECK(in.Told() == "1:modify");
  CHECK(!in.Readable());
}

void TooManyDescriptorsAreAnError() {
  rlimit before{};
  CHECK(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit none{0, before.rlim_max};
  CHECK(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  const auto opened = Watches::Open();
  CHECK(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  Failed(opened.status, EMFILE);
}

void WrongArgumentsAreRefusedAndLeaveNothing() {
  const WatchedFolder in;
  Failed(in->Add(1, "", kWatchModify, 0), ENOENT);
  Failed(in->Add(1, std::string("/tmp\0/x", 7), kWatchModify, 0), EINVAL);
  Failed(in->Add(1, in / "absent", kWatchModify, 0), ENOENT);
  Failed(in->Add(1, in.path() + std::string(5000, 'x'), kWatchModify, 0), ENAMETOOLONG);
  Failed(in->Add(1, in.path(), 0, 0), EINVAL);
  Failed(in->Add(1, in.path(), kWatchOverflow, 0), EINVAL);
  Failed(in->Add(1, in.path(), 1 << 12, 0), EINVAL);
  CHECK(in->size() == 0);
  in.Add(1, in.path(), kWatchModify);
  Failed(in->Add(1, "/tmp", kWatchModify, 0), EEXIST);
  CHECK(in->size() == 1);
  in->Remove(2);
  in->Remove(1);
  in->Remove(1);
  CHECK(in->size() == 0);
}

void ManyComeAndGoAndNoneIsLeft() {
  const WatchedFolder in;
  for (int round = 0; round < 300; round++) {
    MakeFile(in / std::to_string(round));
    in.Add(round, in / std::to_string(round), kWatchModify);
  }
  CHECK(in->size() == 300);
  for (int round = 0; round < 300; round += 2) in->Remove(round);
  for (int round = 0; round < 300; round++) AppendTo(in / std::to_string(round));
  const auto changes = in.Changes();
  CHECK(changes.size() == 150);
  for (const Change& change : changes) CHECK(change.watch % 2 == 1);
  for (int round = 0; round < 300; round++) in->Remove(round);
  CHECK(in->size() == 0 && in.Told().empty());
}

#ifdef FDPOLL_SYSTEM_LINUX

void EachKindIsToldToWhoAskedForIt() {
  const WatchedFolder in;
  MakeFile(in / "a");
  struct {
    uint32_t kind;
    const char* told;
  } const kinds[] = {{kWatchCreate, "create(b)"},
                     {kWatchDelete, "delete(a)"},
                     {kWatchModify, "modify(b)"},
                     {kWatchCloseWrite, "close-write(b)"},
                     {kWatchAttributes, "attributes(b)"},
                     {kWatchMoveFrom, "move-from(b)"},
                     {kWatchMoveTo, "move-to(a)"},
                     {kWatchOpen, "open(b)"},
                     {kWatchAccess, "access(b)"},
                     {kWatchCloseNoWrite, "close-no-write(b)"}};
  // Through the words and, for the others, through the system's bits.
  const uint32_t bits[] = {IN_CREATE,
                           IN_DELETE,
                           IN_MODIFY,
                           IN_CLOSE_WRITE,
                           IN_ATTRIB,
                           IN_MOVED_FROM,
                           IN_MOVED_TO,
                           IN_OPEN,
                           IN_ACCESS,
                           IN_CLOSE_NOWRITE};
  for (int i = 0; i < 10; i++) {
    in.Add(i, in.path(), kinds[i].kind);
    in.Add(100 + i, in.path(), 0, bits[i]);
  }
  Unlink(in / "a");
  {
    const OwnedFd file = OpenFile(in / "b", O_CREAT | O_WRONLY);
    WriteTo(file);
    CHECK(::fchmod(file.get(), 0600) == 0);
  }
  char byte = 0;
  CHECK(::read(OpenFile(in / "b", O_RDONLY).get(), &byte, 1) == 1);
  Rename(in / "b", in / "a");
  std::vector<std::string> heard(200);
  for (const Change& change : in.Changes()) {
    std::string& words = heard[static_cast<size_t>(change.watch)];
    CHECK(words.empty() || change.kinds == kWatchOpen);
    words = std::to_string(change.kinds) + change.name;
  }
  for (size_t i = 0; i < 10; i++) {
    const std::string told = kinds[i].told;
    CHECK(heard[i] == std::to_string(kinds[i].kind) + told.substr(told.find('(') + 1, 1));
    CHECK(heard[i] == heard[100 + i]);
  }
}

void AChangeCarriesTheBitsOfTheKernel() {
  const WatchedFolder in;
  in.Add(1, in.path(), kWatchCreate);
  CHECK(::mkdir((in / "sub").c_str(), 0755) == 0);
  const auto changes = in.Changes();
  CHECK(changes.size() == 1 && changes[0].mask == (IN_CREATE | IN_ISDIR));
  CHECK(changes[0].cookie == 0 && changes[0].name == "sub");
}

void TheHalvesOfARenameHaveACookieAndAnOrder() {
  const WatchedFolder in;
  CHECK(::mkdir((in / "from").c_str(), 0755) == 0 && ::mkdir((in / "to").c_str(), 0755) == 0);
  MakeFile(in / "from/a");
  MakeFile(in / "from/b");
  in.Add(1, in / "to", kWatchMoveTo | kWatchMoveFrom);
  in.Add(2, in / "from", kWatchMoveTo | kWatchMoveFrom);
  Rename(in / "from/a", in / "to/c");
  Rename(in / "from/b", in / "from/d");
  const auto changes = in.Changes();
  CHECK(changes.size() == 4);
  CHECK(changes[0].watch == 2 && changes[0].kinds == kWatchMoveFrom && changes[0].name == "a");
  CHECK(changes[1].watch == 1 && changes[1].kinds == kWatchMoveTo && changes[1].name == "c");
  CHECK(changes[2].name == "b" && changes[3].name == "d");
  CHECK(changes[0].cookie != 0 && changes[0].cookie == changes[1].cookie);
  CHECK(changes[2].cookie == changes[3].cookie && changes[2].cookie != changes[0].cookie);
}

void NamesAreBytes() {
  const WatchedFolder in;
  in.Add(1, in.path(), kWatchCreate);
  const std::string names[] = {"\xff\xfe\x80",
                               "a\nb\n",
                               std::string(255, 'n'),
                               std::string(255, '\xc3'),
                               " ",
                               "fifteen-letters",
                               "sixteen-letters-"};
  for (const std::string& name : names) MakeFile(in / name);
  const auto changes = in.Changes();
  CHECK(changes.size() == 7);
  for (size_t i = 0; i < 7; i++) CHECK(changes[i].name == names[i]);
}

void WatchesOfOneFileHearTheirOwn() {
  const WatchedFolder in;
  MakeFile(in / "file");
  CHECK(::symlink("file", (in / "link").c_str()) == 0);
  in.Add(1, in / "file", kWatchModify);
  in.Add(2, in / "./file", kWatchAttributes);
  in.Add(3, in / "link", kWatchModify | kWatchAttributes);
  AppendTo(in / "file");
  CHECK(in.Told() == "1:modify 3:modify");
  CHECK(::chmod((in / "file").c_str(), 0600) == 0);
  CHECK(in.Told() == "2:attributes 3:attributes");
  in->Remove(1);
  AppendTo(in / "file");
  CHECK(in.Told() == "3:modify");
  in->Remove(3);
  AppendTo(in / "file");
  CHECK(::chmod((in / "file").c_str(), 0644) == 0);
  CHECK(in.Told() == "2:attributes");
  in->Remove(2);
  AppendTo(in / "file");
  CHECK(in.Changes().empty() && in->size() == 0);
}

void AWatchThatFailsLeavesTheOthersAsTheyWere() {
  const WatchedFolder in;
  MakeFile(in / "file");
  in.Add(1, in / "file", kWatchModify);
  Failed(in->Add(2, in / "file", kWatchOpen, IN_ONLYDIR), ENOTDIR);
  Failed(in->Add(2, in / "file", kWatchOpen, IN_MASK_CREATE), EINVAL);
  Failed(in->Add(2, in / "file", kWatchOpen, IN_MASK_ADD), EINVAL);
  Failed(in->Add(2, in / "file/x", kWatchOpen, 0), ENOTDIR);
  Failed(in->Add(1, in / "file", kWatchOpen, 0), EEXIST);
  OpenFile(in / "file", O_RDONLY);
  CHECK(!in.Readable());  // the kernel was asked for nothing more
  AppendTo(in / "file");
  CHECK(in.Told() == "1:modify");
}

void WhatTheQueueHoldsOfARemovedWatchIsNobodys() {
  const WatchedFolder in;
  MakeFile(in / "file");
  in.Add(1, in / "file", kWatchModify | kWatchGone);
  AppendTo(in / "file");
  in->Remove(1);
  CHECK(in.Readable());
  in.Add(1, in / "file", kWatchModify);
  in.Add(2, in / "file", kWatchModify);
  CHECK(in.Told().empty());  // neither the write nor IN_IGNORED
  AppendTo(in / "file");
  CHECK(in.Told() == "1:modify 2:modify");
}

void ASymbolicLinkIsWatchedItselfWhenAsked() {
  const WatchedFolder in;
  MakeFile(in / "file");
  CHECK(::symlink("file", (in / "link").c_str()) == 0);
  in.Add(1, in / "link", kWatchModify, IN_DONT_FOLLOW);
  in.Add(2, in / "file", kWatchModify, IN_DONT_FOLLOW);
  AppendTo(in / "link");
  CHECK(in.Told() == "2:modify");
  Rename(in / "link", in / "other");
  CHECK(in.Told() == "1:gone");
}

void ChildrenWithoutANameAreSilentWhenAsked() {
  const WatchedFolder in;
  const OwnedFd file = OpenFile(in / "file", O_CREAT | O_WRONLY);
  in.Add(1, in.path(), kWatchModify, IN_EXCL_UNLINK);
  WriteTo(file);
  Unlink(in / "file");
  CHECK(in.Told() == "1:modify(file)");
  WriteTo(file);
  CHECK(in.Told().empty());
}

void OneShotTellsOneChangeAndEnds() {
  const WatchedFolder in;
  MakeFile(in / "file");
  in.Add(1, in / "file", kWatchModify, IN_ONESHOT);
  in.Add(2, in / "file", kWatchModify);
  CHECK(::chmod((in / "file").c_str(), 0600) == 0);  // not what it waits for
  CHECK(in.Told().empty());
  for (int i = 0; i < 3; i++) {
    AppendTo(in / "file");
    OpenFile(in / "file", O_RDONLY);
  }
  const auto changes = in.Changes();
  CHECK(changes.size() >= 3 && in->size() == 1);
  CHECK(changes[0].watch == 1 && changes[0].kinds == kWatchModify);
  CHECK(changes[1].watch == 1 && changes[1].kinds == kWatchGone && changes[1].mask == IN_IGNORED);
  for (size_t i = 2; i < changes.size(); i++) CHECK(changes[i].watch == 2);
  AppendTo(in / "file");
  CHECK(in.Told() == "2:modify");
}

// In a user namespace of its own, whose limit is its own; none for what has threads, as with ThreadSanitizer.
void TooManyWatchesAreAnError() {
  const WatchedFolder in;
  MakeFile(in / "file");
  const pid_t child = ::fork();
  CHECK(child >= 0);
  if (child == 0) {
    if (::unshare(CLONE_NEWUSER) != 0)
      ::_exit(errno == EPERM || errno == ENOSPC || errno == EINVAL ? 2 : 1);
    const int limit = ::open("/proc/sys/user/max_inotify_watches", O_WRONLY | O_CLOEXEC);
    if (limit < 0 || ::write(limit, "1", 1) != 1) ::_exit(3);
    const auto watches = std::move(Watches::Open().value);
    const Status first = watches->Add(1, in.path(), kWatchModify, 0);
    const Status second = watches->Add(2, in / "file", kWatchModify, 0);
    const bool right = first.ok() && second.error == ENOSPC && watches->size() == 1;
    watches->Remove(1);
    ::_exit(right && watches->Add(2, in / "file", kWatchModify, 0).ok() ? 0 : 1);
  }
  int status = 0;
  CHECK(::waitpid(child, &status, 0) == child && WIFEXITED(status));
  if (WEXITSTATUS(status) > 1) std::fprintf(stdout, "  no user namespace here\n");
  CHECK(WEXITSTATUS(status) != 1);
}

#else

void AFolderTellsOfEntriesWithoutTheirNames() {
  const WatchedFolder in;
  in.Add(1, in.path(), kWatchCreate);
  in.Add(2, in.path(), kWatchAttributes);
  MakeFile(in / "file");
  CHECK(in.Told() == "1:modify");
}

#endif

}  // namespace

int main() {
  if (Watches::Open().status.error == ENOTSUP) {
    Failed(Watches::Open().status, ENOTSUP);
    return 0;
  }
  RUN(NothingHappenedAndNothingIsTold);
  RUN(TheDescriptorIsNotInheritedAndReadableUntilDrained);
  RUN(TooManyDescriptorsAreAnError);
  RUN(WrongArgumentsAreRefusedAndLeaveNothing);
  RUN(ManyComeAndGoAndNoneIsLeft);
#ifdef FDPOLL_SYSTEM_LINUX
  RUN(EachKindIsToldToWhoAskedForIt);
  RUN(AChangeCarriesTheBitsOfTheKernel);
  RUN(TheHalvesOfARenameHaveACookieAndAnOrder);
  RUN(NamesAreBytes);
  RUN(WatchesOfOneFileHearTheirOwn);
  RUN(AWatchThatFailsLeavesTheOthersAsTheyWere);
  RUN(WhatTheQueueHoldsOfARemovedWatchIsNobodys);
  RUN(ASymbolicLinkIsWatchedItselfWhenAsked);
  RUN(ChildrenWithoutANameAreSilentWhenAsked);
  RUN(OneShotTellsOneChangeAndEnds);
  RUN(TooManyWatchesAreAnError);
#else
  RUN(AFolderTellsOfEntriesWithoutTheirNames);
#endif
  return 0;
}
