// Control data that somebody made up names descriptors of this process, and code that keeps its
// promises closes them. Here they are only written down: the program has a close(2) of its own,
// which comes before that of the C library.
#pragma once

#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <vector>

inline bool closes_are_recorded = false;
inline std::vector<int32_t> closed_descriptors;

// NOLINTNEXTLINE(misc-definitions-in-headers): each target is one source.
extern "C" __attribute__((used)) int close(int fd) {
  if (!closes_are_recorded) return static_cast<int>(::syscall(SYS_close, fd));
  closed_descriptors.push_back(fd);
  return 0;
}

// As long as one lives.
class RecordedCloses {
 public:
  RecordedCloses() {
    closed_descriptors.clear();
    closes_are_recorded = true;
  }
  ~RecordedCloses() { closes_are_recorded = false; }
  RecordedCloses(const RecordedCloses&) = delete;
  RecordedCloses& operator=(const RecordedCloses&) = delete;
};
