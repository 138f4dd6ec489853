// What os_linux.cc and os_bsd.cc share: for those two files only.
#pragma once

#include "core/status.h"

namespace fdpoll::os {

int SetDescriptorFlag(int fd, int flag);  // F_SETFD; negative errno
int SetStatusFlag(int fd, int flag);      // F_SETFL, keeping the others; negative errno
Status SetUsualFlags(int fd);             // close-on-exec and non-blocking

}  // namespace fdpoll::os
