// What is to go with a message: the frame that JavaScript wrote, whose memory another thread may
// write to at any time.
#include <sys/socket.h>

#include "core/message.h"
#include "fuzz.h"

using namespace fdpoll;

namespace {

// Of the control data that was written alone, without items by hand: it says what was meant.
void SaysTheSame(const Ancillary& from, const uint8_t* rest, const Block& control) {
  Ancillary out;
  const Block unpacked(control.size + kRestMargin);
  UnpackControl(control.get(), control.size, true, &out, unpacked.get(), unpacked.size);
  // Numbers below 0 are no descriptors, and leave none.
  uint32_t fds = 0;
  for (uint32_t i = 0; i < from.fd_count; i++) {
    int32_t fd = -1;
    std::memcpy(&fd, rest + i * sizeof(fd), sizeof(fd));
    if (fd < 0) continue;
    HOLDS(std::memcmp(unpacked.get() + fds * sizeof(fd), &fd, sizeof(fd)) == 0);
    fds++;
  }
  HOLDS(out.fd_count == fds);
  if ((from.present & kHasCredentials) != 0)
    HOLDS(out.pid == from.pid && out.uid == from.uid && out.gid == from.gid);
#ifdef __linux__
  if ((from.present & kHasTtl) != 0) HOLDS(out.ttl == from.ttl);
  if ((from.present & kHasTos) != 0) HOLDS(out.tos == from.tos);
  if ((from.present & kHasPktinfo) != 0) HOLDS(out.interface == from.interface);
#endif
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr int32_t kFamilies[] = {AF_UNIX, AF_INET, AF_INET6, AF_UNSPEC};
  Input input(data, size);
  const bool mapped = input.Flag();
  const bool changes = input.Flag();
  const size_t where = input.Take<uint16_t>();
  const auto how = input.Take<uint8_t>();
  const auto family = input.Take<uint8_t>();
  Ancillary from;
  from.present = input.Take<uint32_t>();
  from.family = kFamilies[family % 4];
  from.fd_count = input.Take<uint8_t>();
  from.control_length = input.Take<uint16_t>();
  from.pid = input.Take<int32_t>();
  from.uid = input.Take<uint32_t>();
  from.gid = input.Take<uint32_t>();
  from.interface = input.Take<uint32_t>();
  from.ttl = input.Take<int32_t>();
  from.tos = input.Take<int32_t>();
  from.segment_size = input.Take<uint32_t>();
  from.local_length = input.Take<uint8_t>();
  input.Fill(from.local, sizeof(from.local));
  // A count that no memory has is what a hostile frame says.
  if (family >= 128) from.fd_count = input.Take<uint32_t>();
  if (family >= 192) from.control_length = input.Take<uint32_t>();
  const Block rest = input.Rest();

  SourceAddress source;
  if (!ParseSource(from, &source) || !RestIsSound(from, rest.get(), rest.size)) return 0;
  ControlWriter counted;
  const int error = Encode(from, source, rest.get(), mapped, &counted);
  const Block control(counted.length());
  if (changes && rest.size > 0) rest.get()[where % rest.size] ^= how;
  ControlWriter written(control.get(), control.size);
  HOLDS(Encode(from, source, rest.get(), mapped, &written) == error);
  if (changes && rest.size > 0) return 0;
  HOLDS(written.length() == counted.length());
  if (error != 0 || from.control_length != 0) return 0;
  SaysTheSame(from, rest.get(), control);
  return 0;
}
