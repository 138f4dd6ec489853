// Addresses: the bytes of a sockaddr from anywhere, and texts for one.
#include "core/address.h"

#include <string>

#include "fuzz.h"

using namespace fdpoll;

namespace {

bool Same(const Decoded& a, const Decoded& b) {
  return a.kind == b.kind && a.family == b.family && std::strcmp(a.host, b.host) == 0 &&
         a.port == b.port && a.scope == b.scope && a.flow == b.flow && a.cid == b.cid &&
         a.pid == b.pid && a.groups == b.groups && a.interface == b.interface && a.text == b.text;
}

bool LiesIn(std::string_view text, const Address& address) {
  const std::string_view bytes = address.bytes();
  return text.empty() ||
         (text.data() >= bytes.data() && text.data() + text.size() <= bytes.data() + bytes.size());
}

// The same address with other bytes behind its end.
Address WithTail(const Address& address, int fill) {
  Address copy = address;
  std::memset(reinterpret_cast<uint8_t*>(&copy.storage) + copy.length,
              fill,
              sizeof(copy.storage) - copy.length);
  return copy;
}

Encoded EncodeAgain(const Decoded& from, Address* out) {
  switch (from.kind) {
    case Decoded::Kind::kInet:
      return EncodeInet(from.host, static_cast<uint16_t>(from.port), out);
    case Decoded::Kind::kInet6:
      return EncodeInet6(from.host, static_cast<uint16_t>(from.port), from.scope, from.flow, out);
    case Decoded::Kind::kUnix:
      return EncodeUnix(from.text, out);
    case Decoded::Kind::kVsock:
      return EncodeVsock(from.cid, from.port, out);
    case Decoded::Kind::kNetlink:
      return EncodeNetlink(from.pid, from.groups, out);
    case Decoded::Kind::kPacket:
      return EncodePacket(from.interface, static_cast<uint16_t>(from.port), from.text, out);
    case Decoded::Kind::kCan:
      return EncodeCan(from.interface, out);
    case Decoded::Kind::kBytes:
      break;
  }
  return Encoded::kNoFamily;
}

// What an address says can be said again, and then says the same.
void GoesRound(const Address& address) {
  const Decoded decoded = Decode(address);
  HOLDS(LiesIn(decoded.text, address));
  HOLDS(memchr(decoded.host, 0, sizeof(decoded.host)) != nullptr);
  const Address zeros = WithTail(address, 0);
  const Address ones = WithTail(address, 0xff);
  HOLDS(Same(Decode(zeros), decoded) && Same(Decode(ones), decoded));
  if (decoded.kind == Decoded::Kind::kBytes) return;
  Address again;
  const Encoded encoded = EncodeAgain(decoded, &again);
  // The kernel alone can make a path without room for its NUL.
  if (decoded.kind == Decoded::Kind::kUnix && encoded == Encoded::kTooLong) {
    HOLDS(decoded.text.size() >= 104);
    return;
  }
  HOLDS(encoded == Encoded::kOk);
  HOLDS(Same(Decode(again), decoded));
}

void Raw(const Block& bytes) {
  Address address;
  const Encoded encoded = EncodeRaw(bytes.text(), &address);
  HOLDS((encoded == Encoded::kOk) == (bytes.size <= sizeof(address.storage)));
  if (encoded != Encoded::kOk) return;
  HOLDS(address.bytes() == bytes.text());
  GoesRound(address);
}

void Internet(Input* input) {
  const auto port = input->Take<uint16_t>();
  const auto scope = input->Take<uint32_t>();
  const auto flow = input->Take<uint32_t>();
  const std::string host(input->Rest().text());
  Address address;
  if (EncodeInet(host.c_str(), port, &address) == Encoded::kOk) {
    HOLDS(Decode(address).kind == Decoded::Kind::kInet && Decode(address).port == port);
    GoesRound(address);
  }
  if (EncodeInet6(host.c_str(), port, scope, flow, &address) == Encoded::kOk) {
    const Decoded decoded = Decode(address);
    HOLDS(decoded.kind == Decoded::Kind::kInet6 && decoded.port == port);
    HOLDS(decoded.scope == scope && decoded.flow == flow);
    GoesRound(address);
  }
}

void Unix(const Block& bytes) {
  Address address;
  if (EncodeUnix(bytes.text(), &address) != Encoded::kOk) {
    HOLDS(bytes.size >= 104);
    return;
  }
  std::string_view said = bytes.text();
  if (!said.empty() && said[0] != '\0') said = said.substr(0, said.find('\0'));
#ifndef __linux__
  if (!said.empty() && said[0] == '\0') said = {};
#endif
  HOLDS(Decode(address).kind == Decoded::Kind::kUnix && Decode(address).text == said);
  GoesRound(address);
}

void Numbers(Input* input) {
  const auto one = input->Take<uint32_t>();
  const auto two = input->Take<uint32_t>();
  Address address;
  if (EncodeVsock(one, two, &address) == Encoded::kOk) {
    HOLDS(Decode(address).cid == one && Decode(address).port == two);
    GoesRound(address);
  }
  if (EncodeNetlink(one, two, &address) == Encoded::kOk) {
    HOLDS(Decode(address).pid == one && Decode(address).groups == two);
    GoesRound(address);
  }
  if (EncodeCan(one, &address) == Encoded::kOk) {
    if (one <= INT32_MAX) HOLDS(Decode(address).interface == one);
    GoesRound(address);
  }
  const Block hardware = input->Rest();
  const Encoded encoded = EncodePacket(one, static_cast<uint16_t>(two), hardware.text(), &address);
  if (hardware.size > kHardwareMax) HOLDS(encoded == Encoded::kTooLong);
  if (encoded != Encoded::kOk) return;
  const Decoded decoded = Decode(address);
  HOLDS((decoded.kind == Decoded::Kind::kPacket) == (one <= INT32_MAX));
  if (one <= INT32_MAX) HOLDS(decoded.interface == one && decoded.text == hardware.text());
  GoesRound(address);
}

void Interface(const Block& name) {
  const Result<uint32_t> index = InterfaceIndex(name.text());
  if (!index.ok()) return;
  const Result<InterfaceLabel> label = InterfaceName(index.value);
  // It may have gone meanwhile, or have several names.
  if (label.ok()) HOLDS(InterfaceIndex(label.value.text).value == index.value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  switch (input.Take<uint8_t>() % 5) {
    case 0:
      Raw(input.Rest());
      break;
    case 1:
      Internet(&input);
      break;
    case 2:
      Unix(input.Rest());
      break;
    case 3:
      Numbers(&input);
      break;
    default:
      Interface(input.Rest());
  }
  return 0;
}
