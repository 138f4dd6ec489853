#include "core/inotify_records.h"

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "check.h"

using namespace fdpoll;

namespace {

void Append(std::string* bytes, uint32_t number) {
  bytes->append(reinterpret_cast<const char*>(&number), sizeof(number));
}

std::string Record(int32_t wd, uint32_t mask, uint32_t cookie, const std::string& name) {
  std::string bytes;
  Append(&bytes, static_cast<uint32_t>(wd));
  Append(&bytes, mask);
  Append(&bytes, cookie);
  Append(&bytes, static_cast<uint32_t>(name.size()));
  return bytes + name;
}

// In a block of exactly that size, so that AddressSanitizer sees the byte after the last.
std::vector<InotifyRecord> ReadAll(const std::string& bytes, std::unique_ptr<char[]>* block) {
  *block = std::make_unique<char[]>(bytes.size());
  std::memcpy(block->get(), bytes.data(), bytes.size());
  std::string_view rest(block->get(), bytes.size());
  std::vector<InotifyRecord> found;
  InotifyRecord record;
  while (const size_t taken = ReadInotifyRecord(rest, &record)) {
    CHECK(taken >= 16 && taken <= rest.size());
    rest.remove_prefix(taken);
    found.push_back(record);
  }
  return found;
}

void RecordsFollowEachOther() {
  std::unique_ptr<char[]> block;
  const auto found = ReadAll(Record(1, 2, 3, std::string("abc\0\0\0\0\0", 8)) +
                                 Record(-1, 0x4000, 0, "") + Record(7, 8, 9, std::string(16, 'x')),
                             &block);
  CHECK(found.size() == 3);
  CHECK(found[0].wd == 1 && found[0].mask == 2 && found[0].cookie == 3 && found[0].name == "abc");
  CHECK(found[1].wd == -1 && found[1].mask == 0x4000 && found[1].name.empty());
  CHECK(found[2].name == std::string(16, 'x'));
}

void PaddingAloneIsNoName() {
  std::unique_ptr<char[]> block;
  const auto found = ReadAll(Record(1, 2, 3, std::string(16, '\0')), &block);
  CHECK(found.size() == 1 && found[0].name.empty());
}

void APartOfARecordIsNone() {
  const std::string whole = Record(1, 2, 3, std::string("name\0\0\0\0", 8));
  std::unique_ptr<char[]> block;
  for (size_t length = 0; length < whole.size(); length++) {
    CHECK(ReadAll(whole.substr(0, length), &block).empty());
    CHECK(ReadAll(whole + whole.substr(0, length), &block).size() == 1);
  }
}

void ALengthThatLiesEndsIt() {
  std::unique_ptr<char[]> block;
  for (const uint32_t length : {9u, 4096u, 0x7fffffffu, 0xfffffff0u, 0xffffffffu}) {
    std::string bytes = Record(1, 2, 3, std::string(8, 'n'));
    std::memcpy(&bytes[12], &length, sizeof(length));
    CHECK(ReadAll(bytes, &block).empty());
    CHECK(ReadAll(Record(4, 5, 6, "") + bytes, &block).size() == 1);
  }
}

void GarbageIsReadToItsEndAndNoFurther() {
  std::mt19937 random(20240607);
  size_t records = 0;
  for (int round = 0; round < 100000; round++) {
    std::string bytes(random() % 200, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    // Small lengths now and then, or no second record would ever be reached.
    for (size_t at = 12; round % 2 == 0 && at + 4 <= bytes.size(); at += 16) {
      const uint32_t length = random() % 40;
      std::memcpy(&bytes[at], &length, sizeof(length));
    }
    std::unique_ptr<char[]> block;
    const auto found = ReadAll(bytes, &block);
    records += found.size();
    for (const InotifyRecord& record : found) {
      if (record.name.empty()) continue;
      CHECK(record.name.data() >= block.get());
      CHECK(record.name.data() + record.name.size() <= block.get() + bytes.size());
      CHECK(record.name.find('\0') == std::string_view::npos);
    }
  }
  CHECK(records > 10000);
}

}  // namespace

int main() {
  RUN(RecordsFollowEachOther);
  RUN(PaddingAloneIsNoName);
  RUN(APartOfARecordIsNone);
  RUN(ALengthThatLiesEndsIt);
  RUN(GarbageIsReadToItsEndAndNoFurther);
  return 0;
}
