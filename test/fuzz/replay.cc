// Runs a target on each file of the folders that are named, once, without a fuzzer: how CTest runs
// the corpus, under any compiler. A second pass takes each file without its last byte, down to
// none, since what is cut short is what nobody thinks of.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz.h"

namespace {

std::vector<uint8_t> Read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  HOLDS(file.is_open());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void Run(const std::vector<uint8_t>& bytes, size_t length) {
  Block block(length);
  if (length > 0) std::memcpy(block.get(), bytes.data(), length);
  HOLDS(LLVMFuzzerTestOneInput(block.get(), length) == 0);
}

}  // namespace

int main(int argc, char** argv) {
  size_t files = 0;
  for (int i = 1; i < argc; i++) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (!entry.is_regular_file()) continue;
      std::fprintf(stdout, "%s\n", entry.path().c_str());
      std::fflush(stdout);  // the last one is told also when it crashes
      const std::vector<uint8_t> bytes = Read(entry.path());
      for (size_t length = bytes.size() + 1; length-- > 0;) Run(bytes, length);
      files++;
    }
  }
  std::fprintf(stdout, "%zu files\n", files);
  return files > 0 ? 0 : 1;
}
