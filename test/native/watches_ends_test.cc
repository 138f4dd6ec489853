#include <cerrno>

#include "config.h"
#include "core/watches.h"
#include "watched_folder.h"

#ifdef FDPOLL_SYSTEM_LINUX
#include <sched.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <atomic>
#include <thread>
#endif

using namespace fdpoll;

namespace {

void AnUnlinkedFileIsGone() {
  const WatchedFolder in;
  MakeFile(in / "file");
  in.Add(1, in / "file", kWatchModify);
  in.Add(2, in / "file", kWatchGone);
  Unlink(in / "file");
  CHECK(in.Told() == "1:gone 2:gone");
  CHECK(in->size() == 0 && in.Told().empty());
}

void ARenamedFileIsGone() {
  const WatchedFolder in;
  MakeFile(in / "file");
  in.Add(1, in / "file", kWatchModify);
  Rename(in / "file", in / "other");
  AppendTo(in / "other");
  CHECK(in.Told() == "1:gone");
  CHECK(in->size() == 0);
}

void AReplacedFileIsGone() {
  const WatchedFolder in;
  MakeFile(in / "file");
  MakeFile(in / "new");
  in.Add(1, in / "file", kWatchModify);
  Rename(in / "new", in / "file");
  CHECK(in.Told() == "1:gone");
}

void ARemovedFolderIsGone() {
  const WatchedFolder in;
  CHECK(::mkdir((in / "sub").c_str(), 0755) == 0);
  in.Add(1, in / "sub", kWatchCreate);
  CHECK(::rmdir((in / "sub").c_str()) == 0);
  CHECK(in.Told() == "1:gone");
}

void TheEndIsToldWhileTheOldFileIsInUse() {
  const WatchedFolder in;
  const OwnedFd unlinked = OpenFile(in / "unlinked", O_CREAT | O_WRONLY);
  const OwnedFd replaced = OpenFile(in / "replaced", O_CREAT | O_WRONLY);
  MakeFile(in / "new");
  in.Add(1, in / "unlinked", kWatchModify);
  in.Add(2, in / "replaced", kWatchModify);
  Unlink(in / "unlinked");
  CHECK(in.Told() == "1:gone");
  Rename(in / "new", in / "replaced");
  CHECK(in.Told() == "2:gone");
  WriteTo(unlinked);
  WriteTo(replaced);
  CHECK(in.Told().empty() && in->size() == 0);
}

void ThePathCanBeWatchedAgain() {
  const WatchedFolder in;
  for (int round = 0; round < 50; round++) {
    const OwnedFd held = OpenFile(in / "file", O_CREAT | O_WRONLY);
    in.Add(1, in / "file", kWatchModify);
    WriteTo(held);
    CHECK(in.Told() == "1:modify");
    Unlink(in / "file");
    CHECK(in.Told() == "1:gone");
  }
}

#ifdef FDPOLL_SYSTEM_LINUX

constexpr uint32_t kAskedAll = IN_ALL_EVENTS;

uint32_t MaskOfTheEnd(const std::vector<Change>& changes) {
  CHECK(!changes.empty());
  for (size_t i = 0; i + 1 < changes.size(); i++) CHECK((changes[i].kinds & kWatchGone) == 0);
  CHECK((changes.back().kinds & kWatchGone) != 0 && changes.back().name.empty());
  return changes.back().mask;
}

void TheEndHasTheBitsOfTheKernel() {
  const WatchedFolder in;
  MakeFile(in / "file");
  in.Add(1, in / "file", 0, kAskedAll);
  Unlink(in / "file");
  CHECK(MaskOfTheEnd(in.Changes()) == IN_DELETE_SELF);

  const OwnedFd held = OpenFile(in / "file", O_CREAT | O_WRONLY);
  in.Add(1, in / "file", kWatchModify);
  in.Add(2, in / "file", kWatchAttributes);
  Unlink(in / "file");
  const auto changes = in.Changes();
  CHECK(changes.size() == 2 && changes[0].mask == IN_ATTRIB && changes[1].mask == IN_ATTRIB);
  CHECK(changes[0].kinds == kWatchGone && changes[1].kinds == (kWatchGone | kWatchAttributes));

  MakeFile(in / "file");
  in.Add(1, in / "file", 0, kAskedAll);
  Rename(in / "file", in / "other");
  CHECK(MaskOfTheEnd(in.Changes()) == IN_MOVE_SELF);

  CHECK(::mkdir((in / "sub").c_str(), 0755) == 0);
  in.Add(1, in / "sub", 0, kAskedAll);
  CHECK(::rmdir((in / "sub").c_str()) == 0);
  CHECK((MaskOfTheEnd(in.Changes()) & IN_DELETE_SELF) != 0);
}

void OtherAttributesEndNothing() {
  const WatchedFolder in;
  MakeFile(in / "file");
  CHECK(::mkdir((in / "sub").c_str(), 0755) == 0);
  in.Add(1, in / "file", kWatchModify);
  in.Add(2, in / "sub", kWatchCreate);
  in.Add(3, in.path(), kWatchCreate);
  CHECK(::chmod((in / "file").c_str(), 0000) == 0 && ::chmod((in / "sub").c_str(), 0700) == 0);
  CHECK(::chmod(in.path().c_str(), 0700) == 0);
  CHECK(in.Readable() && in.Told().empty() && in->size() == 3);
  CHECK(::link((in / "file").c_str(), (in / "other").c_str()) == 0);
  CHECK(in.Told() == "3:create(other)" && in->size() == 3);
}

void OfLinksToOneFileOnlyTheOneThatGoesEnds() {
  const WatchedFolder in;
  MakeFile(in / "a");
  CHECK(::link((in / "a").c_str(), (in / "b").c_str()) == 0);
  CHECK(::link((in / "a").c_str(), (in / "c").c_str()) == 0);
  in.Add(1, in / "a", kWatchModify);
  in.Add(2, in / "b", kWatchModify);
  in.Add(3, in / "c", kWatchModify);
  Unlink(in / "a");
  CHECK(in.Told() == "1:gone");
  Rename(in / "b", in / "d");
  CHECK(in.Told() == "2:gone");
  AppendTo(in / "d");
  CHECK(in.Told() == "3:modify");
  Unlink(in / "d");
  Unlink(in / "c");
  CHECK(in.Told() == "3:gone");
}

void OfSharersThatEndTheOthersGoOn() {
  const WatchedFolder in;
  MakeFile(in / "file");
  CHECK(::symlink("file", (in / "link").c_str()) == 0);
  MakeFile(in / "new");
  in.Add(1, in / "file", kWatchModify);
  in.Add(2, in / "link", kWatchModify);
  CHECK(::link((in / "file").c_str(), (in / "kept").c_str()) == 0);
  Unlink(in / "link");
  CHECK(::symlink("kept", (in / "link").c_str()) == 0);
  const OwnedFd held = OpenFile(in / "file", O_WRONLY);
  Rename(in / "new", in / "file");
  CHECK(in.Told() == "1:gone");
  WriteTo(held);
  CHECK(in.Told() == "2:modify");
}

void ARelativePathIsThatOfItsTime() {
  const WatchedFolder in;
  const std::string before = std::filesystem::current_path();
  MakeFile(in / "file");
  CHECK(::chdir(in.path().c_str()) == 0);
  in.Add(1, "file", kWatchModify);
  CHECK(::chdir("/") == 0);
  CHECK(::chmod((in / "file").c_str(), 0600) == 0);
  CHECK(in.Told().empty());
  AppendTo(in / "file");
  CHECK(in.Told() == "1:modify");
  const OwnedFd held = OpenFile(in / "file", O_RDONLY);
  Unlink(in / "file");
  CHECK(in.Told() == "1:gone");
  CHECK(::chdir(before.c_str()) == 0);
}

int QueueLength() {
  int length = 0;
  std::FILE* file = std::fopen("/proc/sys/fs/inotify/max_queued_events", "re");
  CHECK(file != nullptr && std::fscanf(file, "%d", &length) == 1);
  CHECK(std::fclose(file) == 0);
  return length;
}

void Flood(const std::string& folder) {
  const OwnedFd one = OpenFile(folder + "/one", O_CREAT | O_WRONLY);
  const OwnedFd two = OpenFile(folder + "/two", O_CREAT | O_WRONLY);
  const int length = QueueLength();
  for (int i = 0; i <= length; i++) WriteTo(i % 2 == 0 ? one : two);
}

void AnOverflowIsToldToAll() {
  const WatchedFolder in;
  MakeFile(in / "quiet");
  const OwnedFd held = OpenFile(in / "held", O_CREAT | O_WRONLY);
  MakeFile(in / "deleted");
  in.Add(1, in.path(), kWatchModify);
  in.Add(2, in / "quiet", kWatchModify);
  in.Add(3, in / "held", kWatchModify);
  in.Add(4, in / "deleted", kWatchModify);
  Flood(in.path());
  // What nobody is told of: an end, and one whose successor may have the number of its inode.
  Unlink(in / "held");
  Unlink(in / "deleted");
  MakeFile(in / "deleted");
  std::vector<std::string> last;
  size_t overflows = 0;
  for (const Change& change : in.Changes()) {
    if ((change.kinds & kWatchOverflow) == 0) continue;
    CHECK(change.mask == IN_Q_OVERFLOW && change.cookie == 0 && change.name.empty());
    const bool ends = change.watch >= 3;
    CHECK(change.kinds == (ends ? kWatchOverflow | kWatchGone : kWatchOverflow + 0u));
    overflows++;
  }
  CHECK(overflows == 4 && in->size() == 2);
  AppendTo(in / "quiet");
  CHECK(in.Told() == "1:modify(quiet) 2:modify");
}

void ABufferIsDrainedAtATime() {
  const WatchedFolder in;
  in.Add(1, in.path(), kWatchModify);
  Flood(in.path());
  std::vector<Change> changes;
  CHECK(in->Drain(&changes).ok());
  CHECK(!changes.empty() && changes.size() <= 65536 / 16 && in.Readable());
}

// What a child does in namespaces of its own says 0 (right), 1 (wrong) or 2 (none to be had).
template <typename Function>
void InNamespaces(int flags, Function&& function) {
  const pid_t child = ::fork();
  CHECK(child >= 0);
  if (child == 0) ::_exit(::unshare(flags) != 0 ? 2 : function());
  int status = 0;
  CHECK(::waitpid(child, &status, 0) == child && WIFEXITED(status));
  if (WEXITSTATUS(status) == 2) std::fprintf(stdout, "  no namespaces here\n");
  CHECK(WEXITSTATUS(status) != 1);
}

void AnUnmountedFileIsGone() {
  const WatchedFolder in;
  const int user = ::geteuid() == 0 ? 0 : CLONE_NEWUSER;
  const gid_t group_before = ::getegid();
  const std::string self = "0 " + std::to_string(::geteuid()) + " 1";
  InNamespaces(user | CLONE_NEWNS, [&] {
    // Files of a user that the namespace does not know cannot be made.
    if (user != 0) {
      const OwnedFd map = OpenFile("/proc/self/uid_map", O_WRONLY);
      CHECK(::write(map.get(), self.data(), self.size()) > 0);
      const OwnedFd groups = OpenFile("/proc/self/setgroups", O_WRONLY);
      CHECK(::write(groups.get(), "deny", 4) == 4);
      const OwnedFd group_map = OpenFile("/proc/self/gid_map", O_WRONLY);
      const std::string group = "0 " + std::to_string(group_before) + " 1";
      CHECK(::write(group_map.get(), group.data(), group.size()) > 0);
    }
    static_cast<void>(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr));
    if (::mount("none", in.path().c_str(), "tmpfs", 0, nullptr) != 0) return 2;
    MakeFile(in / "file");
    in.Add(1, in / "file", kWatchModify);
    CHECK(::umount(in.path().c_str()) == 0);
    const auto changes = in.Changes();
    CHECK(changes.size() == 1 && changes[0].kinds == kWatchGone);
    CHECK((changes[0].mask & IN_UNMOUNT) != 0 && in->size() == 0);
    return 0;
  });
}

// Whatever is found under the path when it is added: what is told alive hears, or ends.
void APathThatIsReplacedMeanwhileIsWatchedOrGone() {
  const WatchedFolder in;
  MakeFile(in / "path");
  std::atomic<bool> stop{false};
  std::thread replacer([&] {
    while (!stop) {
      MakeFile(in / "new");
      Rename(in / "new", in / "path");
    }
  });
  for (int32_t number = 0; number < 2000; number++) {
    const Status status = in->Add(number, in / "path", kWatchModify, 0);
    CHECK(status.ok() || status.error == ENOENT);
  }
  stop = true;
  replacer.join();
  in.Told();
  const size_t alive = in->size();
  AppendTo(in / "path");
  const auto changes = in.Changes();
  CHECK(changes.size() == alive);
  for (const Change& change : changes) CHECK(change.kinds == kWatchModify);
  Unlink(in / "path");
  CHECK(in.Changes().size() == alive && in->size() == 0);
}

#endif

}  // namespace

int main() {
  if (Watches::Open().status.error == ENOTSUP) {
    Failed(Watches::Open().status, ENOTSUP);
    return 0;
  }
  RUN(AnUnlinkedFileIsGone);
  RUN(ARenamedFileIsGone);
  RUN(AReplacedFileIsGone);
  RUN(ARemovedFolderIsGone);
  RUN(TheEndIsToldWhileTheOldFileIsInUse);
  RUN(ThePathCanBeWatchedAgain);
#ifdef FDPOLL_SYSTEM_LINUX
  RUN(TheEndHasTheBitsOfTheKernel);
  RUN(OtherAttributesEndNothing);
  RUN(OfLinksToOneFileOnlyTheOneThatGoesEnds);
  RUN(OfSharersThatEndTheOthersGoOn);
  RUN(ARelativePathIsThatOfItsTime);
  RUN(AnOverflowIsToldToAll);
  RUN(ABufferIsDrainedAtATime);
  RUN(AnUnmountedFileIsGone);
  RUN(APathThatIsReplacedMeanwhileIsWatchedOrGone);
#endif
  return 0;
}
