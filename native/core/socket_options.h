// getsockopt and setsockopt on a borrowed descriptor, and what is asked through them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/os.h"
#include "core/status.h"

namespace fdpoll {

// Reads into `buffer` and says how many bytes of it the kernel filled: never more than `size`, even
// where the kernel tells of more. SO_GET_FILTER, which counts in instructions, counts in bytes here.
Result<size_t> GetOption(int fd, int level, int name, void* buffer, size_t size);

Status SetOption(int fd, int level, int name, int value);

// For the options that take a classic BPF program (SO_ATTACH_FILTER, SO_ATTACH_REUSEPORT_CBPF,
// PACKET_FANOUT_DATA) `data` are its instructions: the struct with a pointer is made here.
Status SetOption(int fd, int level, int name, const void* data, size_t size);

// Who is at the other end of a unix socket. ENOPROTOOPT for other families, ENOTCONN when nobody
// is there.
Result<os::Credentials> PeerCredentials(int fd);

}  // namespace fdpoll
