#include "core/constants.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace fdpoll {

namespace {

// The sign and digits of a number, and whether it is unsigned. False when the text is no number.
bool ReadNumber(const char* text, size_t length, int64_t* out) {
  if (length == 0 || length >= 32) return false;
  char digits[32] = {};
  std::memcpy(digits, text, length);
  char* end = nullptr;
  errno = 0;
  const long long number = std::strtoll(digits, &end, 0);
  if (end == digits || errno != 0) return false;
  bool is_unsigned = false;
  for (; *end != '\0'; end++) {
    if (std::strchr("uUlL", *end) == nullptr) return false;
    is_unsigned |= *end == 'u' || *end == 'U';
  }
  *out = is_unsigned && number < 0 ? number + (1LL << 32) : number;
  return true;
}

}  // namespace

bool ParseMacro(const char* text, int64_t* out) {
  size_t length = std::strlen(text);
  while (length >= 2 && text[0] == '(' && text[length - 1] == ')') {
    text++;
    length -= 2;
  }
  return ReadNumber(text, length, out);
}

std::vector<Constant> SystemConstants() {
  std::vector<Constant> constants;
  AppendSocketConstants(&constants);
  AppendInetConstants(&constants);
  AppendFamilyConstants(&constants);
  AppendPacketConstants(&constants);
  AppendWatchConstants(&constants);
  return constants;
}

}  // namespace fdpoll
