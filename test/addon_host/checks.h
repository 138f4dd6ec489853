// What is checked, by subject; main.cc runs all of it.
#pragma once

#include "../native/check.h"
#include "addon.h"

// As RUN, for a test that has arguments.
#define RUN_WITH(test, ...)              \
  do {                                   \
    std::fprintf(stdout, "%s\n", #test); \
    test(__VA_ARGS__);                   \
  } while (false)
#define RUN_ON_EACH(test, addon)                       \
  for (const char* backend : kBackends) {              \
    std::fprintf(stdout, "%s (%s)\n", #test, backend); \
    test(addon, backend);                              \
  }

namespace host {

void CheckPollers(Addon* addon);
void CheckSockets(Addon* addon);
void CheckThreads(Initializer initialize, Addon* addon);

constexpr const char* kBackends[] = {"epoll", "poll", "select"};
constexpr int kReadable = 1;
constexpr int kWritable = 2;
constexpr int kLevel = 0;
constexpr double kForever = 1e300;
// For what must come: a check that fails should not hang.
constexpr double kLong = 10000;

}  // namespace host
