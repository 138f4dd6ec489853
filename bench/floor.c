/* The floor: what the same system calls cost in C. usage: floor NAME ITERATIONS; prints nanoseconds per operation.
 *   wait      epoll_pwait2 with nothing ready and no time
 *   register  EPOLL_CTL_ADD and EPOLL_CTL_DEL of one descriptor
 *   ready     one epoll_wait that returns 1000 ready descriptors, each event read */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { kReady = 1000, kPwait2 = 441 };

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void check(int ok, const char *what) {
  if (ok) return;
  perror(what);
  exit(1);
}

int main(int argc, char **argv) {
  check(argc == 3, "usage: floor wait|register|ready ITERATIONS");
  const long iterations = atol(argv[2]);
  const int set = epoll_create1(EPOLL_CLOEXEC);
  check(set >= 0, "epoll_create1");
  static struct epoll_event events[kReady];
  uint64_t sum = 0;
  int64_t begin = 0;

  if (strcmp(argv[1], "wait") == 0) {
    const struct { int64_t seconds, nanoseconds; } none = {0, 0};
    const int fd = eventfd(0, EFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    check(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
    begin = now();
    for (long i = 0; i < iterations; i++) sum += syscall(kPwait2, set, events, kReady, &none, NULL, 0);
  } else if (strcmp(argv[1], "register") == 0) {
    int pair[2];
    check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.fd = pair[0]};
    begin = now();
    for (long i = 0; i < iterations; i++) {
      sum += epoll_ctl(set, EPOLL_CTL_ADD, pair[0], &event);
      sum += epoll_ctl(set, EPOLL_CTL_DEL, pair[0], &event);
    }
  } else {
    for (int i = 0; i < kReady; i++) {
      int pair[2];
      check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
      check(write(pair[1], "x", 1) == 1, "write");
      struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.u64 = i};
      check(epoll_ctl(set, EPOLL_CTL_ADD, pair[0], &event) == 0, "epoll_ctl");
    }
    begin = now();
    for (long i = 0; i < iterations; i++) {
      const int count = epoll_wait(set, events, kReady, 0);
      for (int k = 0; k < count; k++) sum += events[k].data.u64 + events[k].events;
    }
  }
  printf("%.1f %lu\n", (double)(now() - begin) / iterations, (unsigned long)sum);
  return 0;
}
