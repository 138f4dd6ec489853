// A folder of its own for a test, gone with everything in it.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "check.h"

namespace fdpoll {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    char name[] = "/tmp/fdpoll-test-XXXXXX";
    CHECK(::mkdtemp(name) != nullptr);
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + '/' + name; }

 private:
  std::string path_;
};

}  // namespace fdpoll
