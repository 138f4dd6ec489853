// What os_linux.cc and os_bsd.cc share: for those two files only.
#pragma once

namespace fdpoll::os {

int SetDescriptorFlag(int fd, int flag);  // F_SETFD; negative errno
int SetStatusFlag(int fd, int flag);      // F_SETFL, keeping the others; negative errno

}  // namespace fdpoll::os
