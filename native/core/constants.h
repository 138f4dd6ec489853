// This system's numbers by name: what <sys/socket.h> and its neighbours define. The files
// constants_linux_*.cc and constants_bsd_*.cc hold them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fdpoll {

struct Constant {
  const char* name;
  int64_t value;  // unsigned ones as they are: VMADDR_CID_ANY is 4294967295
};

// All of them, each name once.
std::vector<Constant> SystemConstants();

// One for each concept, from the file for this system.
void AppendSocketConstants(std::vector<Constant>* out);  // families, options, messages
void AppendInetConstants(std::vector<Constant>* out);    // protocols and their options
void AppendFamilyConstants(std::vector<Constant>* out);  // vsock, netlink, CAN, ...
void AppendPacketConstants(std::vector<Constant>* out);  // packet sockets and EtherTypes
void AppendWatchConstants(std::vector<Constant>* out);   // inotify, EVFILT_VNODE

template <size_t kCount>
void AppendAll(const Constant (&constants)[kCount], std::vector<Constant>* out) {
  out->insert(out->end(), constants, constants + kCount);
}

// What a macro stands for as the headers write it, beside its name.
struct MacroText {
  const char* name;
  const char* text;
};

// Reads "1", "0x1012", "-1U" or "(2)". False for everything else: names and expressions.
bool ParseMacro(const char* text, int64_t* out);

// Those that are numbers.
template <size_t kCount>
void AppendKnown(const MacroText (&macros)[kCount], std::vector<Constant>* out) {
  for (const MacroText& macro : macros) {
    int64_t value = 0;
    if (ParseMacro(macro.text, &value)) out->push_back({macro.name, value});
  }
}

}  // namespace fdpoll
