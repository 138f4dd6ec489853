#include "core/control_data.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "config.h"

namespace fdpoll {

namespace {

#ifdef FDPOLL_SYSTEM_LINUX
// The kernel's cmsghdr: system calls are made by number, so that no libc converts it.
struct Header {
  size_t length;
  int level;
  int type;
};

constexpr size_t Alignment() {
  return sizeof(size_t);
}

constexpr size_t DataOffset() {
  return sizeof(Header);
}

void SetLength(Header* header, size_t length) {
  header->length = length;
}
void SetKind(Header* header, int level, int type) {
  header->level = level;
  header->type = type;
}
int Level(const Header& header) {
  return header.level;
}
int Type(const Header& header) {
  return header.type;
}
size_t Length(const Header& header) {
  return header.length;
}
#else
using Header = cmsghdr;

// No constants: NetBSD asks a function of its libc.
size_t Alignment() {
  return CMSG_SPACE(1) - CMSG_SPACE(0);
}

size_t DataOffset() {
  return CMSG_LEN(0);
}

void SetLength(Header* header, size_t length) {
  header->cmsg_len = static_cast<socklen_t>(length);
}
void SetKind(Header* header, int level, int type) {
  header->cmsg_level = level;
  header->cmsg_type = type;
}
int Level(const Header& header) {
  return header.cmsg_level;
}
int Type(const Header& header) {
  return header.cmsg_type;
}
size_t Length(const Header& header) {
  return header.cmsg_len;
}
#endif

size_t Padding(size_t length) {
  const size_t alignment = Alignment();
  return (alignment - length % alignment) % alignment;
}

}  // namespace

bool ControlReader::Next(ControlItem* item) {
  const size_t rest = length_ - offset_;
  const size_t start = DataOffset();
  if (rest < start) return false;
  Header header{};
  std::memcpy(&header, bytes_ + offset_, sizeof(header));
  const size_t whole = Length(header);
  if (whole < start) {
    offset_ = length_;  // nothing says where the next one would be
    return false;
  }
  const size_t there = std::min(whole, rest);
  item->level = Level(header);
  item->type = Type(header);
  item->data = bytes_ + offset_ + start;
  item->size = there - start;
  offset_ += std::min(there + Padding(there), rest);
  return true;
}

void ControlWriter::Add(int level, int type, const void* data, size_t size) {
  const size_t start = DataOffset();
  const size_t padding = Padding(start + size);
  const size_t space = start + size + padding;
  if (bytes_ != nullptr && space <= capacity_ - length_) {
    Header header{};
    SetLength(&header, start + size);
    SetKind(&header, level, type);
    uint8_t* to = bytes_ + length_;
    std::memset(to, 0, start);
    std::memcpy(to, &header, sizeof(header));
    if (size > 0) std::memcpy(to + start, data, size);
    if (padding > 0) std::memset(to + start + size, 0, padding);
  }
  length_ += space;
}

}  // namespace fdpoll
