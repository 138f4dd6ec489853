// For prebuilt addons alone. The C++ library brings a demangler of 100 KB, to print the type of an exception that nobody
// caught. Nothing here throws; what remains, an allocation that failed, is told as well without.
#include <cstddef>

extern "C" char* __cxa_demangle(const char* /*name*/, char* /*buffer*/, std::size_t* /*length*/, int* status) {
  if (status != nullptr) *status = -1;
  return nullptr;
}
