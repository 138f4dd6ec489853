// Receiving from every connection of one batch, and sending back, each in one call: what a server
// spends between two system calls is all that this saves.
//
//     events    0     1     2     3            slab
//     offsets   0     ·    64     ·      ┌─────────┬────────────┬──────────────────┐
//     lengths  64    -1   128     0      │ event 0 │  event 2   │ room for `each`  │
//                                        └─────────┴────────────┴──────────────────┘
//
// Receives are packed: the next one begins where the one before ended, so that a slab that fits
// into the processor's cache stays there. What was received is remembered here; Send never asks
// JavaScript which bytes it may read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/room.h"

namespace fdpoll {

class StreamBatch {
 public:
  // The columns of a batch, one number for each event.
  struct Columns {
    uint32_t* offsets;
    int32_t* lengths;  // > 0 bytes, 0 the end, -1 not read, < -1 a negative errno
    int32_t* sent;     // the same of Send
    size_t count;
  };

  // A new batch: nothing was received yet. Where the last one was not read to its end this one is
  // begun there: a kernel that reports everything in the same order each time would otherwise let
  // the first ones starve the others.
  void Forget() {
    first_ = seen_ < count_ ? first_ + seen_ : 0;
    seen_ = 0;
    count_ = 0;
    received_.clear();
  }

  // For as many events as a batch may have; before Receive. False when there is no memory.
  bool Prepare(size_t count) { return MakeRoom(&received_, count); }

  // Goes on after the event at which the last call stopped, until the slab has no room for `each`
  // more bytes. `descriptor_of(i)` is event i's descriptor, or -1 when it is not to be read.
  // Returns how many events were read: bytes, ends and errors.
  template <typename DescriptorOf>
  size_t Receive(const Columns& columns,
                 uint8_t* slab,
                 size_t size,
                 size_t each,
                 DescriptorOf&& descriptor_of) {
    received_.clear();
    for (size_t i = 0; i < columns.count; i++) columns.lengths[i] = -1;
    size_t read = 0;
    count_ = columns.count;
    if (first_ >= count_) first_ = 0;
    for (size_t offset = 0; seen_ < count_ && size - offset >= each; seen_++) {
      const size_t next = first_ + seen_ < count_ ? first_ + seen_ : first_ + seen_ - count_;
      const int fd = descriptor_of(next);
      if (fd < 0) continue;
      const int32_t length = ReceiveOne(fd, slab + offset, each);
      if (length == -1) continue;
      read++;
      columns.offsets[next] = static_cast<uint32_t>(offset);
      columns.lengths[next] = length;
      if (length <= 0) continue;
      received_.push_back({static_cast<uint32_t>(next),
                           static_cast<uint32_t>(offset),
                           static_cast<uint32_t>(length)});
      offset += Aligned(static_cast<size_t>(length));
      if (offset > size) offset = size;
    }
    return read;
  }

  // Sends what the last Receive got back to where it came from; `descriptor_of` as above. False
  // when the slab has become too small for it. Returns through `complete` how many went whole.
  template <typename DescriptorOf>
  bool Send(const Columns& columns,
            const uint8_t* slab,
            size_t size,
            DescriptorOf&& descriptor_of,
            size_t* complete) {
    for (size_t i = 0; i < columns.count; i++) columns.sent[i] = -1;
    *complete = 0;
    for (const Range& range : received_) {
      if (range.offset > size || range.length > size - range.offset) return false;
      const int fd = descriptor_of(range.event);
      if (fd < 0) continue;
      columns.sent[range.event] = SendOne(fd, slab + range.offset, range.length);
      if (columns.sent[range.event] == static_cast<int32_t>(range.length)) ++*complete;
    }
    return true;
  }

 private:
  struct Range {
    uint32_t event;
    uint32_t offset;
    uint32_t length;
  };

  static size_t Aligned(size_t length) { return (length + 15) & ~size_t{15}; }
  static int32_t ReceiveOne(int fd, void* buffer, size_t length);
  static int32_t SendOne(int fd, const void* buffer, size_t length);

  size_t first_ = 0;  // the event that the batch was begun at; it goes round
  size_t seen_ = 0;   // how many were looked at since
  size_t count_ = 0;
  std::vector<Range> received_;
};

}  // namespace fdpoll
