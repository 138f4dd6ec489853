// Flags of descriptors, for os_linux.cc, os_bsd.cc and descriptor.cc only.
#pragma once

#include "core/status.h"

namespace fdpoll::os {

int SetDescriptorFlag(int fd, int flag);  // F_SETFD; negative errno
// F_SETFL, keeping the others; negative errno
int SetStatusFlag(int fd, int flag, bool on = true);
Status SetUsualFlags(int fd);  // close-on-exec and non-blocking

}  // namespace fdpoll::os
