// What read(2) on an inotify descriptor returns, and the words that its bits mean.
#include "core/inotify_records.h"

#include "core/watch_words.h"
#include "fuzz.h"

using namespace fdpoll;

namespace {

// Two bits under one word, and one bit under two, as systems have them.
constexpr WatchWord kWords[] = {{1, 0x100}, {2, 0x2}, {4, 0x8 | 0x10}, {8, 0x200}, {16, 0x200}};

void WordsMeanTheirBits(uint32_t bits) {
  const uint32_t kinds = KindsOf(kWords, bits);
  HOLDS((kinds & ~31u) == 0);
  HOLDS((kinds == 0) == ((bits & 0x31a) == 0));
  // All that the words can say, and no more; said again it is the same.
  const uint32_t again = BitsOf(kWords, kinds);
  HOLDS((bits & 0x31a & ~again) == 0);
  HOLDS(KindsOf(kWords, again) == kinds);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const Block bytes = input.Rest();
  std::string_view rest = bytes.text();
  InotifyRecord record;
  while (const size_t taken = ReadInotifyRecord(rest, &record)) {
    HOLDS(taken >= 16 && taken <= rest.size());
    HOLDS(record.name.size() <= taken - 16);
    HOLDS(record.name.empty() || bytes.Contains(record.name.data(), record.name.size()));
    HOLDS(record.name.find('\0') == std::string_view::npos);
    WordsMeanTheirBits(record.mask);
    rest.remove_prefix(taken);
  }
  // What is left is no whole record.
  uint32_t length = 0;
  if (rest.size() >= 16) std::memcpy(&length, rest.data() + 12, sizeof(length));
  HOLDS(rest.size() < 16 || length > rest.size() - 16);
  return 0;
}
