// What read(2) on an inotify descriptor returns, taken apart. A pure function of bytes: it knows no
// system call, believes no length, and so is compiled and tested everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace fdpoll {

// struct inotify_event of inotify(7), with the name as a view into the bytes.
struct InotifyRecord {
  int32_t wd = 0;  // -1: the queue overflowed
  uint32_t mask = 0;
  uint32_t cookie = 0;
  std::string_view name;  // without the padding; empty: the watched path itself
};

// The record that the bytes begin with. Returns how many bytes it takes; 0 when they hold no whole
// one: the end, or garbage.
inline size_t ReadInotifyRecord(std::string_view bytes, InotifyRecord* out) {
  struct {
    int32_t wd;
    uint32_t mask;
    uint32_t cookie;
    uint32_t length;
  } head;
  if (bytes.size() < sizeof(head)) return 0;
  std::memcpy(&head, bytes.data(), sizeof(head));
  bytes.remove_prefix(sizeof(head));
  if (head.length > bytes.size()) return 0;
  const std::string_view padded = bytes.substr(0, head.length);
  *out = {head.wd, head.mask, head.cookie, padded.substr(0, padded.find('\0'))};
  return sizeof(head) + head.length;
}

}  // namespace fdpoll
