// Batches of datagrams: columns that JavaScript wrote, and answers of a kernel that says anything.
// The system calls are those of this file: the linker has no need of the real ones then.
#include "core/datagram_batch.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cerrno>

#include "closed_descriptors.h"
#include "core/os.h"
#include "core/syscall.h"
#include "fuzz.h"

using namespace fdpoll;

namespace {

// What the calls are to see and to answer.
struct {
  Input* input = nullptr;
  const Block* arena = nullptr;
  const Block* columns = nullptr;
  size_t calls = 0;
} call;

int64_t Error() {
  constexpr int kErrors[] = {EAGAIN, ECONNREFUSED, EMSGSIZE, EINTR, ENOBUFS, EBADF, EINVAL, EPERM};
  return -kErrors[call.input->Below(8)];
}

// Every byte that the kernel would read is there.
size_t Touch(const void* bytes, size_t length) {
  size_t sum = 0;
  for (size_t i = 0; i < length; i++) sum += static_cast<const volatile uint8_t*>(bytes)[i];
  return sum;
}

// A UDP socket whose peer is known.
int ConnectedSocket() {
  const int fd = RetryOnInterrupt([] { return ::socket(AF_INET, SOCK_DGRAM, 0); });
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(9);
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int connected = RetryOnInterrupt(
      [&] { return ::connect(fd, reinterpret_cast<const sockaddr*>(&peer), sizeof(peer)); });
  HOLDS(connected == 0);
  return fd;
}

}  // namespace

namespace fdpoll::os {

const Call kReceiveMessages = Call::kRecvmmsg;
const Call kSendMessages = Call::kSendmmsg;

int64_t SendMessages(int, DatagramMessage* messages, size_t count) {
  call.calls++;
  for (size_t i = 0; i < count; i++) {
    const MessageHeader& header = messages[i].header;
    HOLDS(header.msg_iovlen == 1);
    HOLDS(call.arena->Contains(header.msg_iov->iov_base, header.msg_iov->iov_len));
    const auto name_length = static_cast<size_t>(header.msg_namelen);
    HOLDS(name_length <= kSockaddrBytes && (name_length == 0) == (header.msg_name == nullptr));
    if (call.columns != nullptr && name_length > 0)
      HOLDS(call.columns->Contains(header.msg_name, name_length));
    HOLDS(header.msg_controllen <= kDatagramControlBytes);
    Touch(header.msg_name, name_length);
    Touch(header.msg_control, header.msg_controllen);
    messages[i].length = static_cast<unsigned>(header.msg_iov->iov_len);
  }
  return call.input->Flag() ? Error() : static_cast<int64_t>(call.input->Below(count) + 1);
}

int64_t ReceiveMessages(int, DatagramMessage* messages, size_t count, int* deferred) {
  call.calls++;
  if (call.input->Flag()) return Error();
  const size_t received = call.input->Below(count) + 1;
  for (size_t i = 0; i < received; i++) {
    MessageHeader& header = messages[i].header;
    HOLDS(call.arena->Contains(header.msg_iov->iov_base, header.msg_iov->iov_len));
    HOLDS(call.columns->Contains(header.msg_name, static_cast<size_t>(header.msg_namelen)));
    call.input->Fill(header.msg_name, call.input->Below(kSockaddrBytes + 1));
    // More than there was room for, where a kernel tells how long it would have been.
    header.msg_namelen = static_cast<decltype(header.msg_namelen)>(call.input->Below(300));
    const size_t control = call.input->Below(header.msg_controllen + 1);
    call.input->Fill(header.msg_control, control);
    header.msg_controllen = static_cast<decltype(header.msg_controllen)>(control);
    header.msg_flags = call.input->Take<uint32_t>();
    messages[i].length = call.input->Take<uint32_t>();
  }
  *deferred = 0;
  return static_cast<int64_t>(received);
}

Status CheckSegments(int) {
  return call.input->Flag() ? Status::Failed(kSendMessages, ENOTSUP) : Status::Ok();
}

}  // namespace fdpoll::os

namespace {

void Send(Input* input, const DatagramColumns& columns, const Block& memory, const Block& bytes) {
  static const int kConnected = ConnectedSocket();
  const Arena arena{bytes.get(), bytes.size};
  DatagramScratch scratch;
  const size_t count = input->Below(columns.capacity + 1);
  const size_t from = input->Below(count + 1);
  bool inside = true;
  for (size_t i = from; i < count; i++) {
    const size_t end = size_t{columns.offsets[i]} + columns.lengths[i];
    inside = inside && end <= bytes.size && columns.address_lengths[i] <= kSockaddrBytes;
  }
  call = {input, &bytes, &memory, 0};
  const Result<int64_t> sent =
      scratch.Send(input->Flag() ? kConnected : -1, columns, arena, from, count);
  // A slot that is not inside stops all of them before the kernel hears of any.
  if (!inside) HOLDS(sent.ok() && sent.value == DatagramScratch::kBadSlot && call.calls == 0);
  if (inside && sent.ok()) HOLDS(sent.value >= -1 && sent.value <= int64_t(count - from));
}

void Receive(Input* input,
             const DatagramColumns& columns,
             const Block& memory,
             const Block& bytes) {
  const Arena arena{bytes.get(), bytes.size};
  DatagramScratch scratch;
  const size_t each = bytes.size / columns.capacity;
  call = {input, &bytes, &memory, 0};
  int deferred = 0;
  Result<int64_t> received = int64_t{0};
  {
    const RecordedCloses recorded;
    received = scratch.Receive(-1, columns, arena, each, &deferred);
  }
  if (!received.ok()) return;
  for (int64_t i = 0; i < received.value; i++) {
    HOLDS(columns.offsets[i] == static_cast<size_t>(i) * each);
    HOLDS(columns.address_lengths[i] <= kSockaddrBytes);
  }
}

void Segments(Input* input, const Block& bytes) {
  DatagramScratch scratch;
  const auto segment = static_cast<uint16_t>(input->Below(UINT16_MAX) + 1);
  Address to;
  const Block raw = input->Bytes(input->Below(sizeof(to.storage) + 1));
  HOLDS(EncodeRaw(raw.text(), &to) == Encoded::kOk);
  call = {input, &bytes, nullptr, 0};
  const Result<int64_t> sent = scratch.SendSegments(-1, {bytes.get(), bytes.size}, segment, to);
  if (sent.ok() && sent.value >= 0) HOLDS(sent.value == static_cast<int64_t>(bytes.size));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const size_t what = input.Below(3);
  const size_t capacity = input.Below(6) + 1;
  const Block arena(input.Below(4096));
  if (what == 2) {
    Segments(&input, arena);
    return 0;
  }
  const Block memory = input.Bytes(DatagramColumns::kBytesEach * capacity);
  const DatagramColumns columns = DatagramColumns::Of(memory.get(), capacity);
  // Most numbers would lie outside of any arena otherwise.
  for (size_t i = 0; i < capacity; i++) {
    if (input.Take<uint8_t>() % 8 == 0) continue;
    columns.offsets[i] %= arena.size + 1;
    columns.lengths[i] %= arena.size + 1 - columns.offsets[i];
    columns.address_lengths[i] %= kSockaddrBytes + 1;
  }
  if (what == 0) {
    Send(&input, columns, memory, arena);
  } else {
    Receive(&input, columns, memory, arena);
  }
  return 0;
}
