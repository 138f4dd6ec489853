#include "core/datagram_batch.h"

#include <cerrno>
#include <cstring>

#include "core/invariant.h"
#include "core/room.h"
#include "core/socket.h"
#include "core/syscall.h"

namespace fdpoll {

namespace {

#ifndef MSG_CMSG_CLOEXEC
#define MSG_CMSG_CLOEXEC 0
#endif
// Linux gives this one back among what happened to a message.
constexpr unsigned kAskedFor = MSG_CMSG_CLOEXEC;

Result<int64_t> Answer(Call call, int64_t result) {
  if (result == -EAGAIN) return kWouldBlock;
  if (result < 0) return Check(call, result);
  return result;
}

bool Inside(const Arena& arena, size_t offset, size_t length) {
  return offset <= arena.length && length <= arena.length - offset;
}

// A part of the message in the caller's memory; the types of the fields differ between systems.
void SetAddress(MessageHeader* header, uint8_t* name, size_t length) {
  header->msg_name = length == 0 ? nullptr : name;
  header->msg_namelen = static_cast<decltype(header->msg_namelen)>(length);
}
void SetControl(MessageHeader* header, uint8_t* control, size_t length) {
  header->msg_control = length == 0 ? nullptr : control;
  header->msg_controllen = static_cast<decltype(header->msg_controllen)>(length);
}

}  // namespace

DatagramColumns DatagramColumns::Of(uint8_t* memory, size_t capacity) {
  DatagramColumns columns{};
  auto* numbers = reinterpret_cast<uint32_t*>(memory);
  columns.offsets = numbers;
  columns.lengths = numbers + capacity;
  columns.segments = numbers + 2 * capacity;
  columns.flags = reinterpret_cast<int32_t*>(numbers + 3 * capacity);
  columns.interfaces = numbers + 4 * capacity;
  columns.addresses = memory + 5 * sizeof(uint32_t) * capacity;
  columns.locals = columns.addresses + kSockaddrBytes * capacity;
  columns.tos = columns.locals + kSockaddrBytes * capacity;
  columns.address_lengths = columns.tos + capacity;
  columns.capacity = capacity;
  return columns;
}

IpVersion DatagramScratch::Peer::version() {
  if (!known_) {
    const Result<Address> address = RemoteAddress(fd_);
    if (address.ok()) version_ = IpVersionOf(address.value.get(), address.value.length);
    known_ = true;
  }
  return version_;
}

bool DatagramScratch::Grow(size_t count) {
  if (messages_.size() >= count) return true;
  const size_t bytes = count * kDatagramControlBytes;
  if (!MakeRoom(&messages_, count) || !MakeRoom(&parts_, count) || !MakeRoom(&control_, bytes)) {
    return false;
  }
  messages_.resize(count);
  parts_.resize(count);
  control_.resize(bytes);
  return true;
}

Result<int64_t> DatagramScratch::Receive(
    int fd, const DatagramColumns& columns, const Arena& arena, size_t size, int* deferred) {
  if (!Grow(columns.capacity)) return OutOfMemory();
  for (size_t i = 0; i < columns.capacity; i++) {
    DatagramMessage& message = messages_[i];
    parts_[i] = {arena.data + i * size, size};
    message = {};
    SetAddress(&message.header, columns.addresses + i * kSockaddrBytes, kSockaddrBytes);
    message.header.msg_iov = &parts_[i];
    message.header.msg_iovlen = 1;
    SetControl(&message.header, ControlOf(i), kDatagramControlBytes);
  }
  const int64_t received = os::ReceiveMessages(fd, messages_.data(), columns.capacity, deferred);
  const Status counted = CheckCount(Invariant::kMessages, received, columns.capacity);
  if (!counted.ok()) return counted;
  for (int64_t i = 0; i < received; i++) {
    columns.offsets[i] = static_cast<uint32_t>(static_cast<size_t>(i) * size);
    Collect(columns, static_cast<size_t>(i));
  }
  return Answer(os::kReceiveMessages, received);
}

// Every column of the slot is written, so that nothing of an earlier datagram is left.
void DatagramScratch::Collect(const DatagramColumns& columns, size_t slot) {
  const DatagramMessage& message = messages_[slot];
  uint8_t* const address = columns.addresses + slot * kSockaddrBytes;
  uint8_t* const local = columns.locals + slot * kSockaddrBytes;
  auto address_length = static_cast<size_t>(message.header.msg_namelen);
  if (address_length > kSockaddrBytes) address_length = kSockaddrBytes;
  columns.lengths[slot] = message.length;
  columns.flags[slot] =
      static_cast<int32_t>(static_cast<unsigned>(message.header.msg_flags) & ~kAskedFor);
  columns.address_lengths[slot] = static_cast<uint8_t>(address_length);
  DatagramFacts facts;
  if (message.header.msg_controllen != 0) {
    facts = ReadControl(ControlOf(slot), message.header.msg_controllen);
  }
  columns.segments[slot] = facts.segment;
  columns.interfaces[slot] = facts.interface;
  columns.tos[slot] = facts.tos;
  // Usually there is none and was none.
  if (facts.has_local || HasLocal(local)) {
    const bool mapped = address_length >= sizeof(sockaddr_in6) &&
                        reinterpret_cast<const sockaddr*>(address)->sa_family == AF_INET6;
    StoreLocal(facts, mapped, local);
  }
}

// False for a slot that is outside of the arena or has too long an address. Each number is read
// once: what it says now holds for the call.
bool DatagramScratch::Fill(const DatagramColumns& columns,
                           const Arena& arena,
                           size_t slot,
                           size_t at,
                           Peer* peer,
                           bool* segmented) {
  const size_t offset = columns.offsets[slot];
  const size_t length = columns.lengths[slot];
  const size_t address_length = columns.address_lengths[slot];
  if (!Inside(arena, offset, length) || address_length > kSockaddrBytes) return false;

  uint8_t* const address = columns.addresses + slot * kSockaddrBytes;
  const uint8_t* const local = columns.locals + slot * kSockaddrBytes;
  DatagramMessage& message = messages_[at];
  parts_[at] = {arena.data + offset, length};
  message = {};
  SetAddress(&message.header, address, address_length);
  message.header.msg_iov = &parts_[at];
  message.header.msg_iovlen = 1;

  DatagramFacts facts;
  const uint32_t segment = columns.segments[slot];
  // A datagram that is no longer than a segment is sent as it is; one that is longer than 64 KiB is
  // refused by the kernel.
  if (segment < length && segment <= UINT16_MAX) facts.segment = static_cast<uint16_t>(segment);
  *segmented = facts.segment != 0;
  facts.interface = columns.interfaces[slot];
  facts.tos = columns.tos[slot];
  if (HasLocal(local)) LoadLocal(local, &facts);
  if (facts.any()) {
    IpVersion version = IpVersionOf(address, address_length);
    if (version == IpVersion::kNone) version = peer->version();
    // A unix socket has none of it to tell.
    if (version != IpVersion::kNone) {
      SetControl(&message.header, ControlOf(at), WriteControl(facts, version, ControlOf(at)));
    }
  }
  return true;
}

Result<int64_t> DatagramScratch::Send(
    int fd, const DatagramColumns& columns, const Arena& arena, size_t from, size_t count) {
  size_t wanted = count - from;
  if (wanted == 0) return int64_t{0};
  if (!Grow(wanted)) return OutOfMemory();
  Peer peer(fd);
  size_t whole = wanted;  // how many there are before the first that is to be split
  for (size_t i = 0; i < wanted; i++) {
    bool segmented = false;
    if (!Fill(columns, arena, from + i, i, &peer, &segmented)) return kBadSlot;
    if (segmented && whole == wanted) whole = i;
  }
  if (whole < wanted) {
    const Status status = os::CheckSegments(fd);
    // An error of its own datagram: those before it go.
    if (!status.ok() && whole == 0) return status;
    if (!status.ok()) wanted = whole;
  }
  const int64_t sent = os::SendMessages(fd, messages_.data(), wanted);
  const Status counted = CheckCount(Invariant::kMessages, sent, wanted);
  if (!counted.ok()) return counted;
  return Answer(os::kSendMessages, sent);
}

Result<int64_t> DatagramScratch::SendSegments(int fd,
                                              const Arena& data,
                                              uint16_t segment,
                                              const Address& to) {
  if (!Grow(1)) return OutOfMemory();
  DatagramMessage& message = messages_[0];
  Address address = to;
  parts_[0] = {data.data, data.length};
  message = {};
  SetAddress(&message.header, reinterpret_cast<uint8_t*>(address.get()), address.length);
  message.header.msg_iov = &parts_[0];
  message.header.msg_iovlen = 1;
  if (data.length > segment) {
    const Status status = os::CheckSegments(fd);
    if (!status.ok()) return status;
    DatagramFacts facts;
    facts.segment = segment;
    SetControl(&message.header, ControlOf(0), WriteControl(facts, IpVersion::kIpv4, ControlOf(0)));
  }
  const Result<int64_t> sent = Answer(os::kSendMessages, os::SendMessages(fd, &message, 1));
  if (!sent.ok() || sent.value < 0) return sent;
  const Status counted = CheckCount(Invariant::kMessages, sent.value, 1);
  if (!counted.ok()) return counted;
  return static_cast<int64_t>(message.length);
}

}  // namespace fdpoll
