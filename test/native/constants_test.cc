#include "core/constants.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/select.h>
#include <sys/socket.h>
#ifdef __linux__
#include <sys/inotify.h>
#else
#include <sys/event.h>
#endif

#include <cstring>
#include <map>
#include <string>

#include "check.h"

using namespace fdpoll;

namespace {

std::map<std::string, int64_t> ByName() {
  std::map<std::string, int64_t> found;
  for (const Constant& constant : SystemConstants()) {
    CHECK(found.emplace(constant.name, constant.value).second);
  }
  return found;
}

void EachNameIsThereOnce() {
  CHECK(ByName().size() > 300);
}

#define SAME(name) CHECK(found.count(#name) == 1 && found[#name] == static_cast<int64_t>(name))

void TheNumbersAreThoseOfTheHeaders() {
  std::map<std::string, int64_t> found = ByName();
  SAME(AF_UNSPEC);
  SAME(AF_UNIX);
  SAME(AF_INET);
  SAME(AF_INET6);
  SAME(SOCK_STREAM);
  SAME(SOCK_DGRAM);
  SAME(SOCK_RAW);
  SAME(SOCK_SEQPACKET);
  SAME(SOL_SOCKET);
  SAME(SO_DEBUG);
  SAME(SO_REUSEADDR);
  SAME(SO_REUSEPORT);
  SAME(SO_TYPE);
  SAME(SO_ERROR);
  SAME(SO_DONTROUTE);
  SAME(SO_BROADCAST);
  SAME(SO_SNDBUF);
  SAME(SO_RCVBUF);
  SAME(SO_KEEPALIVE);
  SAME(SO_OOBINLINE);
  SAME(SO_LINGER);
  SAME(SO_RCVLOWAT);
  SAME(SO_SNDLOWAT);
  SAME(SO_ACCEPTCONN);
  SAME(SOMAXCONN);
  SAME(FD_SETSIZE);
  SAME(MSG_OOB);
  SAME(MSG_PEEK);
  SAME(MSG_DONTROUTE);
  SAME(MSG_WAITALL);
  SAME(MSG_DONTWAIT);
  SAME(MSG_TRUNC);
  SAME(MSG_CTRUNC);
  SAME(MSG_EOR);
  SAME(SCM_RIGHTS);
  SAME(SHUT_RD);
  SAME(SHUT_WR);
  SAME(SHUT_RDWR);
  SAME(IPPROTO_IP);
  SAME(IPPROTO_ICMP);
  SAME(IPPROTO_IGMP);
  SAME(IPPROTO_TCP);
  SAME(IPPROTO_UDP);
  SAME(IPPROTO_IPV6);
  SAME(IPPROTO_ICMPV6);
  SAME(IPPROTO_RAW);
  SAME(INADDR_ANY);
  SAME(INADDR_LOOPBACK);
  SAME(INADDR_BROADCAST);
  SAME(IP_TOS);
  SAME(IP_TTL);
  SAME(IP_HDRINCL);
  SAME(IP_OPTIONS);
  SAME(IP_MULTICAST_IF);
  SAME(IP_MULTICAST_TTL);
  SAME(IP_MULTICAST_LOOP);
  SAME(IP_ADD_MEMBERSHIP);
  SAME(IP_DROP_MEMBERSHIP);
  SAME(IPV6_V6ONLY);
  SAME(IPV6_UNICAST_HOPS);
  SAME(IPV6_MULTICAST_IF);
  SAME(IPV6_MULTICAST_HOPS);
  SAME(IPV6_MULTICAST_LOOP);
  SAME(IPV6_JOIN_GROUP);
  SAME(IPV6_LEAVE_GROUP);
  SAME(IPV6_RECVPKTINFO);
  SAME(IPV6_PKTINFO);
  SAME(IPV6_TCLASS);
  SAME(IPV6_RECVTCLASS);
  SAME(IPV6_DONTFRAG);
  SAME(TCP_NODELAY);
  SAME(TCP_MAXSEG);
#ifdef MCAST_JOIN_GROUP
  SAME(MCAST_JOIN_GROUP);
  SAME(MCAST_LEAVE_GROUP);
  SAME(MCAST_BLOCK_SOURCE);
  SAME(MCAST_UNBLOCK_SOURCE);
  SAME(MCAST_JOIN_SOURCE_GROUP);
  SAME(MCAST_LEAVE_SOURCE_GROUP);
  SAME(IP_BLOCK_SOURCE);
  SAME(IP_UNBLOCK_SOURCE);
  SAME(IP_ADD_SOURCE_MEMBERSHIP);
  SAME(IP_DROP_SOURCE_MEMBERSHIP);
#endif
#ifdef __linux__
  SAME(IN_ACCESS);
  SAME(IN_MODIFY);
  SAME(IN_ATTRIB);
  SAME(IN_CLOSE_WRITE);
  SAME(IN_CLOSE_NOWRITE);
  SAME(IN_CLOSE);
  SAME(IN_OPEN);
  SAME(IN_MOVED_FROM);
  SAME(IN_MOVED_TO);
  SAME(IN_MOVE);
  SAME(IN_CREATE);
  SAME(IN_DELETE);
  SAME(IN_DELETE_SELF);
  SAME(IN_MOVE_SELF);
  SAME(IN_ALL_EVENTS);
  SAME(IN_UNMOUNT);
  SAME(IN_Q_OVERFLOW);
  SAME(IN_IGNORED);
  SAME(IN_ONLYDIR);
  SAME(IN_DONT_FOLLOW);
  SAME(IN_EXCL_UNLINK);
  SAME(IN_MASK_ADD);
  SAME(IN_ISDIR);
  SAME(IN_ONESHOT);
#else
  SAME(NOTE_DELETE);
  SAME(NOTE_WRITE);
  SAME(NOTE_EXTEND);
  SAME(NOTE_ATTRIB);
  SAME(NOTE_LINK);
  SAME(NOTE_RENAME);
  SAME(NOTE_REVOKE);
#endif
#ifdef TCP_INFO
  SAME(TCP_INFO);
#endif
#ifdef TCP_KEEPINTVL
  SAME(TCP_KEEPINTVL);
  SAME(TCP_KEEPCNT);
#endif
}

void UnsignedNumbersStayUnsigned() {
  CHECK(ByName()["INADDR_BROADCAST"] == 4294967295);
}

void AMacroIsANumberOrNothing() {
  int64_t value = 0;
  CHECK(ParseMacro("1", &value) && value == 1);
  CHECK(ParseMacro("0x1012", &value) && value == 0x1012);
  CHECK(ParseMacro("((-2))", &value) && value == -2);
  CHECK(ParseMacro("-1U", &value) && value == 4294967295);
  CHECK(ParseMacro("0x80000000UL", &value) && value == 2147483648);
  for (const char* text : {"",
                           "()",
                           "SO_NOSUCH",
                           "1 + 2",
                           "(IPPROTO_AH + 1)",
                           "\"1\"",
                           "1s",
                           "((u_int32_t)0x1)",
                           "--"})
    CHECK(!ParseMacro(text, &value));
  CHECK(!ParseMacro("99999999999999999999999", &value));
  CHECK(!ParseMacro("0000000000000000000000000000000000000000000000000001", &value));
}

}  // namespace

int main() {
  RUN(EachNameIsThereOnce);
  RUN(TheNumbersAreThoseOfTheHeaders);
  RUN(UnsignedNumbersStayUnsigned);
  RUN(AMacroIsANumberOrNothing);
  return 0;
}
