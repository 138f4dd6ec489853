// The least that a native test needs: a check that says what and where, and an exit status.
#pragma once

#include <cstdio>
#include <cstdlib>

#define CHECK(condition)                                                           \
  do {                                                                             \
    if (!(condition)) {                                                            \
      std::fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
      std::exit(1);                                                                \
    }                                                                              \
  } while (false)

// Runs a test that is a function and whose name is a sentence.
#define RUN(test)                        \
  do {                                   \
    std::fprintf(stdout, "%s\n", #test); \
    test();                              \
  } while (false)
