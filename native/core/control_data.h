// Control data (cmsg(3)) as what it is: bytes that somebody else wrote. Read and written by hand,
// since the macros trust the lengths that they find, and since musl's cmsghdr is not the kernel's.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fdpoll {

// One item; its data lies inside of what was read and may be unaligned.
struct ControlItem {
  int level = 0;
  int type = 0;
  const uint8_t* data = nullptr;
  size_t size = 0;
};

// Walks through the items of a buffer, whatever is in it: never beyond `length`, always to an end.
// The last item may be cut short (BSDs leave its full length in the header), then so is its size.
class ControlReader {
 public:
  ControlReader(const uint8_t* bytes, size_t length) : bytes_(bytes), length_(length) {}
  bool Next(ControlItem* item);

 private:
  const uint8_t* bytes_;
  size_t length_;
  size_t offset_ = 0;
};

// Appends items. Without memory it only counts how much they take.
class ControlWriter {
 public:
  ControlWriter() = default;
  ControlWriter(uint8_t* bytes, size_t capacity) : bytes_(bytes), capacity_(capacity) {}

  void Add(int level, int type, const void* data, size_t size);
  template <typename T>
  void Add(int level, int type, const T& value) {
    Add(level, type, &value, sizeof(value));
  }

  size_t length() const { return length_; }

 private:
  uint8_t* bytes_ = nullptr;
  size_t capacity_ = 0;
  size_t length_ = 0;
};

}  // namespace fdpoll
