// What the fuzz targets share. A target is one function of bytes, LLVMFuzzerTestOneInput: libFuzzer
// calls it with what finds new code, and replay.cc with the files of its corpus.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

// What has to hold, whatever the bytes are. An abort is what a fuzzer calls a crash.
#define HOLDS(condition)                                                                  \
  do {                                                                                    \
    if (!(condition)) {                                                                   \
      std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                       \
    }                                                                                     \
  } while (false)

// Memory of exactly so many bytes, so that the sanitizer sees each access beyond it.
struct Block {
  explicit Block(size_t length) : bytes(new uint8_t[length]()), size(length) {}

  uint8_t* get() const { return bytes.get(); }
  std::string_view text() const { return {reinterpret_cast<const char*>(get()), size}; }
  bool Contains(const void* at, size_t length) const {
    const auto from = reinterpret_cast<uintptr_t>(get());
    const auto address = reinterpret_cast<uintptr_t>(at);
    return address >= from && address - from <= size && length <= size - (address - from);
  }

  std::unique_ptr<uint8_t[]> bytes;
  size_t size;
};

// Takes the bytes of a case apart. What is not there any more is zero.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  template <typename T>
  T Take() {
    T value{};
    Fill(&value, sizeof(value));
    return value;
  }
  bool Flag() { return (Take<uint8_t>() & 1) != 0; }
  size_t Below(size_t limit) { return Take<uint16_t>() % limit; }
  void Fill(void* to, size_t length) {
    const size_t there = std::min(length, size_);
    if (there == 0) return;
    std::memcpy(to, data_, there);
    data_ += there;
    size_ -= there;
  }
  Block Bytes(size_t length) {
    Block block(length);
    Fill(block.get(), length);
    return block;
  }
  Block Rest() { return Bytes(size_); }
  size_t left() const { return size_; }

 private:
  const uint8_t* data_;
  size_t size_;
};
