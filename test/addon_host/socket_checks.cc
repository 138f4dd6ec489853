// Sockets and descriptors: what goes by the C library's headers or past them.
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

#include "checks.h"

namespace host {

namespace {

constexpr size_t kFrameSize = 1024;

ValuePtr Text(const std::string& text) {
  return MakeView(Make(Memory(text.begin(), text.end())), 0, text.size());
}

int64_t LoopbackPort(Addon* addon, int64_t socket) {
  const ValuePtr address = addon->Call("socketAddress", socket, false);
  auto& properties = address->As<Object>()->properties;
  CHECK(*properties["host"]->As<std::string>() == "127.0.0.1");
  return static_cast<int64_t>(*properties["port"]->As<double>());
}

void TheConstantsAreThoseOfTheSystem(Addon* addon) {
  const ValuePtr constants = addon->Call("constants");
  auto& properties = constants->As<Object>()->properties;
  const auto is = [&](const char* name, int number) {
    return properties[name] != nullptr && *properties[name]->As<double>() == number;
  };
  CHECK(is("AF_INET6", AF_INET6) && is("SOL_SOCKET", SOL_SOCKET) && is("SO_RCVBUF", SO_RCVBUF));
  CHECK(is("MSG_DONTWAIT", MSG_DONTWAIT) && is("MSG_TRUNC", MSG_TRUNC));
}

void AConnectionIsMadeAndCarriesBytes(Addon* addon) {
  const int64_t listener = addon->Number("openSocket", AF_INET, SOCK_STREAM, 0);
  CHECK(addon->Number("bind", listener, addon->Call("encodeInet", "127.0.0.1", 0)) == 0);
  CHECK(addon->Number("listen", listener, 8) == 0);
  CHECK(addon->Number("accept", listener) == kWouldBlock);
  const ValuePtr there = addon->Call("encodeInet", "127.0.0.1", LoopbackPort(addon, listener));
  const int64_t client = addon->Number("openSocket", AF_INET, SOCK_STREAM, 0);
  CHECK(addon->Number("connect", client, there) >= 0);
  const int64_t listening = addon->Number("socketFd", listener);
  CHECK(addon->Number("waitFor", listening, kReadable, kLong) == kReadable);
  const int64_t server = addon->Number("accept", listener);
  CHECK(server >= 0 && SendText(addon, client, "over TCP") == 8);
  CHECK(addon->Number("waitFor", addon->Number("socketFd", server), kReadable, kLong) == kReadable);
  CHECK(ReceiveText(addon, server) == "over TCP");
  for (const int64_t socket : {client, server, listener})
    CHECK(addon->Number("closeSocket", socket) == 0);
}

void ADatagramComesWithItsSender(Addon* addon) {
  const int64_t socket = addon->Number("openSocket", AF_INET, SOCK_DGRAM, 0);
  CHECK(addon->Number("bind", socket, addon->Call("encodeInet", "127.0.0.1", 0)) == 0);
  const ValuePtr self = addon->Call("encodeInet", "127.0.0.1", LoopbackPort(addon, socket));
  CHECK(addon->Number("sendTo", socket, Text("a datagram"), self, 0) == 10);
  CHECK(addon->Number("waitFor", addon->Number("socketFd", socket), kReadable, kLong) == kReadable);
  const ValuePtr frame = MakeView(Make(Memory(kFrameSize)), 0, kFrameSize);
  const ValuePtr buffer = MakeView(Make(Memory(64)), 0, 64);
  CHECK(addon->Number("recvFrom", socket, buffer, frame, 0) == 10);
  CHECK(addon->Number("closeSocket", socket) == 0);
}

// sendmsg(2) and recvmsg(2) by the kernel's own structures, which the C library's are not.
void AMessageGoesThroughAPair(Addon* addon) {
  TestPair pair(addon);
  const ValuePtr nothing = Make(Undefined{});
  CHECK(addon->Number("sendMessage", pair.b, Text("a message"), nothing, nothing, 0) == 9);
  const ValuePtr frame = MakeView(Make(Memory(kFrameSize)), 0, kFrameSize);
  const ValuePtr buffer = Make(Memory(64));
  CHECK(addon->Number("recvMessage", pair.a, MakeView(buffer, 0, 64), frame, 0) == 9);
  CHECK(std::string(buffer->As<Memory>()->begin(), buffer->As<Memory>()->begin() + 9) ==
        "a message");
}

void APipeCarriesBytes(Addon* addon) {
  const std::vector<int64_t> ends = addon->Numbers("pipe");
  CHECK((fcntl(static_cast<int>(ends[0]), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK(addon->Number("write", ends[1], Text("bytes")) == 5);
  const ValuePtr buffer = Make(Memory(64));
  CHECK(addon->Number("read", ends[0], MakeView(buffer, 0, 64)) == 5);
  CHECK(addon->Number("read", ends[0], MakeView(buffer, 0, 64)) == kWouldBlock);
  for (const int64_t end : ends) CHECK(addon->Number("close", end) == 0);
}

}  // namespace

void CheckSockets(Addon* addon) {
  RUN_WITH(TheConstantsAreThoseOfTheSystem, addon);
  RUN_WITH(AConnectionIsMadeAndCarriesBytes, addon);
  RUN_WITH(ADatagramComesWithItsSender, addon);
  RUN_WITH(AMessageGoesThroughAPair, addon);
  RUN_WITH(APipeCarriesBytes, addon);
}

}  // namespace host
