// Many datagrams in one call, described by columns of numbers that the caller owns.
//
//     arena      ┌────────┬────────┬────────┐      offsets    0  2048  4096   bytes into the arena
//                │ slot 0 │ slot 1 │ slot 2 │      lengths   64  1350    64
//                └────────┴────────┴────────┘      segments   0     0     0   of GSO and GRO
//                                                  addresses  sockaddr a slot: whom from, whom to
//
// The same columns receive and send, so that what was received is a reply as it stands: to its
// sender, from the address and the interface that it came to.
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "config.h"
#include "core/address.h"
#include "core/datagram_control.h"
#include "core/status.h"

namespace fdpoll {

// UIO_MAXIOV: what one system call takes.
constexpr size_t kDatagramsMax = 1024;

struct DatagramColumns {
  uint32_t* offsets;
  uint32_t* lengths;
  uint32_t* segments;
  int32_t* flags;
  uint32_t* interfaces;
  uint8_t* addresses;  // kSockaddrBytes a slot
  uint8_t* locals;     // likewise
  uint8_t* tos;
  uint8_t* address_lengths;
  size_t capacity;

  // One number of four bytes for each of the first five, one byte for each of the last two.
  static constexpr size_t kBytesEach = 5 * sizeof(uint32_t) + size_t{2} * kSockaddrBytes + 2;
  // Of memory that is aligned for four bytes.
  static DatagramColumns Of(uint8_t* memory, size_t capacity);
};

// Memory of the payloads.
struct Arena {
  uint8_t* data = nullptr;
  size_t length = 0;
};

#ifdef FDPOLL_SYSTEM_LINUX
// The kernel's own struct user_msghdr, which struct msghdr of a C library need not be.
struct MessageHeader {
  void* msg_name;
  int msg_namelen;
  iovec* msg_iov;
  size_t msg_iovlen;
  void* msg_control;
  size_t msg_controllen;
  unsigned msg_flags;
};
#else
using MessageHeader = msghdr;
#endif

// struct mmsghdr.
struct DatagramMessage {
  MessageHeader header;
  unsigned length;
};

// What the system calls of a batch need, grown once and used again. Nothing in it is read after the
// call that filled it in.
class DatagramScratch {
 public:
  // How many datagrams, kWouldBlock, or kBadSlot: a slot that is to be sent lies outside the arena
  // or has too long an address, and nothing was sent.
  static constexpr int64_t kBadSlot = -2;

  // Each slot's own room is `size` bytes at slot × size, all of it inside the arena. `deferred`
  // keeps an error that came after a datagram, where the kernel would forget it.
  Result<int64_t> Receive(
      int fd, const DatagramColumns& columns, const Arena& arena, size_t size, int* deferred);
  // Slots from `from` up to `count`. An error is that of the datagram `from`.
  Result<int64_t> Send(
      int fd, const DatagramColumns& columns, const Arena& arena, size_t from, size_t count);
  // One send that the kernel splits; bytes or kWouldBlock. An empty address is the peer's.
  Result<int64_t> SendSegments(int fd, const Arena& data, uint16_t segment, const Address& to);

 private:
  // Who gets a datagram without an address, asked once in a call and only when control data needs it.
  class Peer {
   public:
    explicit Peer(int fd) : fd_(fd) {}
    IpVersion version();

   private:
    int fd_;
    bool known_ = false;
    IpVersion version_ = IpVersion::kNone;
  };

  bool Grow(size_t count);  // false when there is no memory
  bool Fill(const DatagramColumns& columns,
            const Arena& arena,
            size_t slot,
            size_t at,
            Peer* peer,
            bool* segmented);
  void Collect(const DatagramColumns& columns, size_t slot);
  uint8_t* ControlOf(size_t at) { return control_.data() + at * kDatagramControlBytes; }

  std::vector<DatagramMessage> messages_;
  std::vector<iovec> parts_;
  std::vector<uint8_t> control_;
};

namespace os {

// recvmmsg(2) and sendmmsg(2), or loops that answer the same: how many, or a negative errno when it
// was the first that failed.
int64_t ReceiveMessages(int fd, DatagramMessage* messages, size_t count, int* deferred);
int64_t SendMessages(int fd, DatagramMessage* messages, size_t count);
// Fails where the socket cannot split what it is given to send: on other systems, kernels and kinds.
Status CheckSegments(int fd);
// Which calls those are.
extern const Call kReceiveMessages;
extern const Call kSendMessages;

}  // namespace os

}  // namespace fdpoll
