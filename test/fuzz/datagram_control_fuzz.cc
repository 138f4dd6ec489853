// What the kernel says beside a datagram of a batch, what it is told, and the column of local
// addresses, which JavaScript may write anything into.
#include "core/datagram_control.h"

#include <sys/socket.h>

#include <algorithm>
#include <vector>

#include "closed_descriptors.h"
#include "core/ancillary_system.h"
#include "fuzz.h"

using namespace fdpoll;

namespace {

bool SameLocal(const DatagramFacts& a, const DatagramFacts& b) {
  return a.has_local == b.has_local && std::memcmp(&a.local, &b.local, sizeof(a.local)) == 0;
}

// Either form of a local address goes into the column and comes out of it.
void StoresAndLoads(const DatagramFacts& facts, bool mapped) {
  const Block slot(kSockaddrBytes);
  StoreLocal(facts, mapped, slot.get());
  HOLDS(HasLocal(slot.get()) == facts.has_local);
  DatagramFacts loaded;
  LoadLocal(slot.get(), &loaded);
  if (facts.has_local) HOLDS(SameLocal(loaded, facts));
}

// Whole items of descriptors: all that a batch has to close.
std::vector<int32_t> DescriptorsOf(const Block& control) {
  std::vector<int32_t> found;
  ControlItem item;
  for (ControlReader items(control.get(), control.size); items.Next(&item);) {
    if (!system::HoldsDescriptors(item)) continue;
    for (size_t at = 0; item.size - at >= sizeof(int32_t); at += sizeof(int32_t)) {
      int32_t fd = -1;
      std::memcpy(&fd, item.data + at, sizeof(fd));
      if (fd >= 0) found.push_back(fd);
    }
  }
  return found;
}

void Read(Input* input) {
  const bool mapped = input->Flag();
  const Block control = input->Rest();
  DatagramFacts facts;
  {
    const RecordedCloses recorded;
    facts = ReadControl(control.get(), control.size);
  }
  HOLDS(closed_descriptors == DescriptorsOf(control));
  StoresAndLoads(facts, mapped);
}

void Write(Input* input) {
  const IpVersion version = input->Flag() ? IpVersion::kIpv4 : IpVersion::kIpv6;
  DatagramFacts facts;
  facts.interface = input->Take<uint32_t>();
  facts.segment = input->Take<uint16_t>();
  facts.tos = input->Take<uint8_t>();
  facts.has_local = input->Flag();
  if (facts.has_local) input->Fill(&facts.local, sizeof(facts.local));
  const Block buffer(kDatagramControlBytes);
  const size_t length = WriteControl(facts, version, buffer.get());
  HOLDS(length <= kDatagramControlBytes);
  HOLDS((length > 0) == facts.any());
  const Block control(length);
  std::memcpy(control.get(), buffer.get(), length);
#ifdef __linux__
  const DatagramFacts read = ReadControl(control.get(), control.size);
  HOLDS(read.interface == facts.interface && read.tos == facts.tos);
#endif
  StoresAndLoads(facts, input->Flag());
}

void Column(Input* input) {
  const Block slot = input->Bytes(kSockaddrBytes);
  DatagramFacts facts;
  LoadLocal(slot.get(), &facts);
  if (facts.has_local) HOLDS(HasLocal(slot.get()));
  StoresAndLoads(facts, input->Flag());
  const Block address = input->Rest();
  const IpVersion version = IpVersionOf(address.get(), address.size);
  if (version == IpVersion::kIpv6) HOLDS(address.size >= sizeof(sockaddr_in6));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  switch (input.Take<uint8_t>() % 3) {
    case 0:
      Read(&input);
      break;
    case 1:
      Write(&input);
      break;
    default:
      Column(&input);
  }
  return 0;
}
