// What came with a message: control data of a peer, taken apart into fields, descriptors and items.
#include <sys/socket.h>

#include <algorithm>
#include <vector>

#include "closed_descriptors.h"
#include "core/ancillary_system.h"
#include "core/message.h"
#include "fuzz.h"

using namespace fdpoll;

namespace {

bool IsRights(const ControlItem& item) {
  return item.level == SOL_SOCKET && item.type == SCM_RIGHTS;
}

void AppendDescriptors(const uint8_t* bytes, size_t size, std::vector<int32_t>* out) {
  for (size_t at = 0; size - at >= sizeof(int32_t); at += sizeof(int32_t)) {
    int32_t fd = -1;
    std::memcpy(&fd, bytes + at, sizeof(fd));
    if (fd >= 0) out->push_back(fd);
  }
}

// All that a peer's control data can have opened here.
std::vector<int32_t> DescriptorsOf(const Block& control) {
  std::vector<int32_t> found;
  ControlItem item;
  for (ControlReader items(control.get(), control.size); items.Next(&item);) {
    if (system::HoldsDescriptors(item)) AppendDescriptors(item.data, item.size, &found);
  }
  return found;
}

// Those that are the caller's now: the descriptors, and items that hold some.
std::vector<int32_t> KeptIn(const Ancillary& out, const Block& rest) {
  std::vector<int32_t> kept;
  AppendDescriptors(rest.get(), out.fd_count * sizeof(int32_t), &kept);
  size_t at = out.fd_count * sizeof(int32_t);
  for (const size_t end = at + out.control_length; at < end;) {
    int32_t header[3];
    std::memcpy(header, rest.get() + at, sizeof(header));
    at += sizeof(header);
    const ControlItem item{header[0],
                           header[1],
                           rest.get() + at,
                           static_cast<size_t>(static_cast<uint32_t>(header[2]))};
    HOLDS(!IsRights(item));
    if (system::HoldsDescriptors(item)) AppendDescriptors(item.data, item.size, &kept);
    at += (item.size + 3) & ~size_t{3};
  }
  return kept;
}

// What was received can be sent again: as many bytes as were counted.
void EncodeAgain(const Ancillary& received, const Block& rest, Input* input) {
  constexpr int32_t kFamilies[] = {AF_UNIX, AF_INET, AF_INET6, AF_UNSPEC};
  Ancillary from = received;
  from.family = kFamilies[input->Below(4)];
  SourceAddress source;
  if (!ParseSource(from, &source)) return;
  const bool mapped = input->Flag();
  ControlWriter counted;
  const int error = Encode(from, source, rest.get(), mapped, &counted);
  const Block control(counted.length());
  ControlWriter written(control.get(), control.size);
  HOLDS(Encode(from, source, rest.get(), mapped, &written) == error);
  HOLDS(written.length() == counted.length());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const bool keep = input.Take<uint8_t>() % 4 != 0;
  const bool tight = input.Take<uint8_t>() % 4 == 0;
  const size_t room = input.Below(64);
  Input again(data, std::min<size_t>(size, 4));
  const Block control = input.Rest();
  const size_t usual = control.size + kRestMargin;
  const Block rest(tight ? usual - std::min(usual, room) : usual);

  Ancillary out;
  {
    const RecordedCloses recorded;
    UnpackControl(control.get(), control.size, keep, &out, rest.get(), rest.size);
  }
  HOLDS(RestIsSound(out, rest.get(), rest.size));
  HOLDS(out.local_length < sizeof(out.local) && out.destination_length < sizeof(out.destination));
  HOLDS(out.offender_length <= sizeof(out.offender));
  if (!keep) HOLDS(out.fd_count == 0);

  // Each descriptor is the caller's or closed: never both, never neither.
  std::vector<int32_t> ended = KeptIn(out, rest);
  ended.insert(ended.end(), closed_descriptors.begin(), closed_descriptors.end());
  std::vector<int32_t> came = DescriptorsOf(control);
  std::sort(ended.begin(), ended.end());
  std::sort(came.begin(), came.end());
  HOLDS(ended == came);
  if (keep && !tight) HOLDS(closed_descriptors.empty());

  EncodeAgain(out, rest, &again);
  return 0;
}
