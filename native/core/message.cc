#include "core/message.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <new>

#include "core/ancillary_system.h"
#include "core/moved.h"
#include "core/os.h"
#include "core/room.h"
#include "core/socket.h"
#include "core/syscall.h"

namespace fdpoll {

namespace {

// Bytes on the stack for the usual, on the heap for more; without value until they are written.
class Space {
 public:
  // Nothing when there is no memory.
  uint8_t* Take(size_t size) {
    if (size <= sizeof(usual_)) return usual_;
    // make_unique has no form that answers.
    more_.reset(new (std::nothrow) uint8_t[size]);  // NOLINT(cppcoreguidelines-owning-memory)
    return more_.get();
  }

 private:
  uint8_t usual_[4096];
  std::unique_ptr<uint8_t[]> more_;
};

// What is written behind an Ancillary.
class Rest {
 public:
  Rest(uint8_t* bytes, size_t capacity) : bytes_(bytes), capacity_(capacity) {}
  bool Fits(size_t size) const { return size <= capacity_ && Padded(size) <= capacity_ - length_; }
  bool Append(const void* data, size_t size) {
    if (!Fits(size)) return false;
    const size_t padded = Padded(size);
    if (size > 0) std::memcpy(bytes_ + length_, data, size);
    std::memset(bytes_ + length_ + size, 0, padded - size);
    length_ += padded;
    return true;
  }
  size_t length() const { return length_; }

 private:
  static size_t Padded(size_t size) { return (size + 3) & ~size_t{3}; }

  uint8_t* bytes_;
  size_t capacity_;
  size_t length_ = 0;
};

template <typename Each>
void ForEachDescriptor(const ControlItem& item, Each&& each) {
  for (size_t at = 0; item.size - at >= sizeof(int32_t); at += sizeof(int32_t)) {
    int32_t fd = -1;
    std::memcpy(&fd, item.data + at, sizeof(fd));
    if (fd >= 0) each(fd);
  }
}

void CloseDescriptors(const ControlItem& item) {
  ForEachDescriptor(item, [](int32_t fd) { static_cast<void>(CloseDescriptor(fd)); });
}

bool IsRights(const ControlItem& item) {
  return item.level == SOL_SOCKET && item.type == SCM_RIGHTS;
}

bool IsMapped(const Address& address) {
  if (address.family() == AF_INET) return true;
  sockaddr_in6 inet6{};
  if (address.family() != AF_INET6 || address.length < sizeof(inet6)) return false;
  std::memcpy(&inet6, &address.storage, sizeof(inet6));
  return IN6_IS_ADDR_V4MAPPED(&inet6.sin6_addr);
}

// Whether an inet6 socket's message goes over IPv4: Linux wants other control data then.
bool GoesOverIpv4(int fd, const Outgoing& message) {
  if (!DependsOnPeer(*message.with)) return false;
  if (message.to != nullptr) return IsMapped(*message.to);
  const Result<Address> peer = RemoteAddress(fd);
  return peer.ok() && IsMapped(peer.value);
}

bool IsEmpty(const Outgoing& message) {
  return std::all_of(message.parts, message.parts + message.count, [](const iovec& part) {
    return part.iov_len == 0;
  });
}

}  // namespace

void UnpackControl(
    const uint8_t* control, size_t length, bool keep, Ancillary* out, uint8_t* bytes, size_t size) {
  Rest rest(bytes, size);
  ControlItem item;
  for (ControlReader items(control, length); items.Next(&item);) {
    if (!system::HoldsDescriptors(item)) continue;
    if (!keep) {
      CloseDescriptors(item);
      continue;
    }
    if (!IsRights(item)) continue;
    ForEachDescriptor(item, [&](int32_t fd) {
      if (rest.Append(&fd, sizeof(fd))) {
        out->fd_count++;
      } else {
        static_cast<void>(CloseDescriptor(fd));
      }
    });
  }
  const size_t start = rest.length();
  for (ControlReader items(control, length); items.Next(&item);) {
    if (IsRights(item) || (!keep && system::HoldsDescriptors(item)) || DecodeItem(item, out))
      continue;
    const int32_t header[] = {item.level, item.type, static_cast<int32_t>(item.size)};
    if (!rest.Fits(sizeof(header) + item.size)) {
      if (system::HoldsDescriptors(item)) CloseDescriptors(item);
      continue;
    }
    static_cast<void>(rest.Append(header, sizeof(header)));
    static_cast<void>(rest.Append(item.data, item.size));
  }
  out->control_length = static_cast<uint32_t>(rest.length() - start);
}

Result<int64_t> ReceiveFrom(int fd, void* buffer, size_t length, int flags, Address* from) {
  return Moved(Call::kRecvfrom, os::ReceiveFrom(fd, buffer, length, flags | MSG_DONTWAIT, from));
}

Result<int64_t> SendTo(int fd, const void* buffer, size_t length, int flags, const Address& to) {
  return Moved(Call::kSendto, os::SendTo(fd, buffer, length, flags | MSG_DONTWAIT, to));
}

Result<int64_t> ReceiveMessage(int fd,
                               iovec* parts,
                               size_t count,
                               int flags,
                               Ancillary* out,
                               uint8_t* rest,
                               size_t control_size) {
  Space space;
  uint8_t* control = space.Take(control_size);
  if (control == nullptr) return OutOfMemory();
  os::Message message;
  message.name = out->address;
  message.name_length = sizeof(out->address);
  message.parts = parts;
  message.part_count = count;
  message.control = control_size == 0 ? nullptr : control;
  message.control_length = control_size;
  const int64_t result = os::ReceiveMessage(fd, &message, flags | MSG_DONTWAIT);
  if (result < 0) return Moved(Call::kRecvmsg, result);
  out->flags = message.flags;
  out->address_length =
      static_cast<uint32_t>(std::min<size_t>(message.name_length, sizeof(out->address)));
  const bool keep = (flags & MSG_PEEK) == 0 && (message.flags & MSG_CTRUNC) == 0;
  UnpackControl(control,
                std::min(message.control_length, control_size),
                keep,
                out,
                rest,
                control_size + kRestMargin);
  return result;
}

Result<int64_t> SendMessage(int fd, const Outgoing& message, int flags) {
  os::Message raw;
  Address to;
  if (message.to != nullptr) {
    to = *message.to;
    raw.name = &to.storage;
    raw.name_length = to.length;
  }
  raw.parts = message.parts;
  raw.part_count = message.count;
  Space space;
  if (message.with != nullptr) {
    if (message.stream && message.with->fd_count > 0 && IsEmpty(message))
      return Status::Failed(Call::kSendmsg, EINVAL);
    const bool mapped = GoesOverIpv4(fd, message);
    ControlWriter counted;
    const int error = Encode(*message.with, *message.source, message.rest, mapped, &counted);
    if (error != 0) return Status::Failed(Call::kSendmsg, error);
    uint8_t* control = space.Take(counted.length());
    if (control == nullptr) return OutOfMemory();
    ControlWriter written(control, counted.length());
    static_cast<void>(Encode(*message.with, *message.source, message.rest, mapped, &written));
    // Memory that another thread writes to has changed between the two: some of it was not written.
    if (written.length() > counted.length()) return Status::Failed(Call::kSendmsg, EINVAL);
    raw.control_length = written.length();
    if (raw.control_length > 0) raw.control = control;
  }
  return Moved(Call::kSendmsg, os::SendMessage(fd, raw, flags | MSG_DONTWAIT));
}

Result<bool> AtMark(int fd) {
  const int result = RetryOnInterrupt([&] { return ::sockatmark(fd); });
  if (result < 0) return Check(Call::kIoctl, result);
  return result != 0;
}

}  // namespace fdpoll
