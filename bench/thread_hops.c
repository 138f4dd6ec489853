/* The floor of thread hosting: two threads and an eventfd each way. The first writes to its eventfd (hop 1), the second
 * wakes in epoll_wait, reads, and writes to the other one (hop 2), for which the first waits in epoll_wait.
 * usage: thread_hops TURNS PAUSE; PAUSE is how many microseconds the first spins before each write, so that the second
 * is asleep by then. Prints the median of the nanoseconds from before the first's write to when it has read. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

struct hop {
  int event;
  int set;
};

static struct hop there, back;

static void check(int ok, const char *what) {
  if (ok) return;
  perror(what);
  exit(1);
}

static void open_hop(struct hop *hop) {
  struct epoll_event event = {.events = EPOLLIN};
  hop->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  hop->set = epoll_create1(EPOLL_CLOEXEC);
  check(hop->event >= 0 && hop->set >= 0, "eventfd");
  check(epoll_ctl(hop->set, EPOLL_CTL_ADD, hop->event, &event) == 0, "epoll_ctl");
}

static void await(const struct hop *hop) {
  struct epoll_event events[1024];
  uint64_t count;
  check(epoll_wait(hop->set, events, 1024, -1) == 1, "epoll_wait");
  check(read(hop->event, &count, sizeof count) == sizeof count, "read");
}

static void signal_hop(const struct hop *hop) {
  const uint64_t one = 1;
  check(write(hop->event, &one, sizeof one) == sizeof one, "write");
}

static void *helper(void *unused) {
  for (;;) {
    await(&there);
    signal_hop(&back);
  }
  return unused;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  check(argc == 3, "usage: thread_hops TURNS PAUSE");
  const long turns = atol(argv[1]), warm = turns / 4;
  const double pause = atof(argv[2]) * 1000;
  double *samples = malloc((size_t)turns * sizeof *samples);
  pthread_t thread;
  check(turns > 0 && samples != NULL, "malloc");
  open_hop(&there);
  open_hop(&back);
  check(pthread_create(&thread, NULL, helper, NULL) == 0, "pthread_create");
  for (long turn = -warm; turn < turns; turn++) {
    const double until = now() + pause;
    while (now() < until) continue;
    const double begin = now();
    signal_hop(&there);
    await(&back);
    if (turn >= 0) samples[turn] = now() - begin;
  }
  qsort(samples, (size_t)turns, sizeof *samples, compare);
  printf("%.0f\n", samples[turns / 2]);
  return 0;
}
