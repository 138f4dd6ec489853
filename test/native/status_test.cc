#include "core/status.h"

#include <cerrno>
#include <cstring>
#include <string>

#include "check.h"

using namespace fdpoll;

namespace {

void CallsHaveTheNamesThatUsersKnow() {
  CHECK(std::strcmp(CallName(static_cast<uint32_t>(Call::kEpollCtl)), "epoll_ctl") == 0);
  CHECK(std::strcmp(CallName(static_cast<uint32_t>(Call::kSocketpair)), "socketpair") == 0);
  CHECK(std::strcmp(CallName(100000), "") == 0);
}

void ErrnosHaveNamesAndTexts() {
  CHECK(std::strcmp(ErrnoName(ECONNRESET), "ECONNRESET") == 0);
  CHECK(std::strcmp(ErrnoText(ECONNRESET), "connection reset by peer") == 0);
  CHECK(ErrnoName(99999) == nullptr);
  CHECK(std::strcmp(ErrnoText(99999), "unknown error") == 0);
}

void AResultIsAValueOrAStatus() {
  const Result<std::string> good = std::string("text");
  CHECK(good.ok() && good.value == "text");
  const Result<std::string> bad = Status::Failed(Call::kBind, EACCES);
  CHECK(!bad.ok() && bad.status.error == EACCES && bad.status.call == Call::kBind &&
        bad.value.empty());
}

}  // namespace

int main() {
  RUN(CallsHaveTheNamesThatUsersKnow);
  RUN(ErrnosHaveNamesAndTexts);
  RUN(AResultIsAValueOrAStatus);
}
