// The sockaddr of families that not every system has, each absent where the system lacks it:
// FDPOLL_SOCKADDR_VM, _NL, _LL and _CAN say which are there.
#pragma once

#include <sys/socket.h>

#ifdef __linux__
#include <linux/can.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#define FDPOLL_SOCKADDR_NL 1
#define FDPOLL_SOCKADDR_LL 1
#define FDPOLL_SOCKADDR_CAN 1
#define FDPOLL_SOCKADDR_VM 1
// The C library may be older than the kernel's headers.
#ifndef AF_VSOCK
#define AF_VSOCK 40
#endif
#elif defined(__APPLE__) && __has_include(<sys/vsock.h>)
#include <sys/vsock.h>
#define FDPOLL_SOCKADDR_VM 1
#endif
