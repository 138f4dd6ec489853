/* The floor of echo.mjs: the same server in C, one thread, level-triggered epoll, a recv and a send for each message.
 * usage: raw_echo PORT; prints `ready`. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { kEvents = 1024, kBuffer = 65536 };

static void check(int ok, const char *what) {
  if (ok) return;
  perror(what);
  exit(1);
}

static void watch(int set, int fd) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.fd = fd};
  check(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
}

static void echo(int fd) {
  static char buffer[kBuffer];
  const ssize_t length = recv(fd, buffer, sizeof buffer, 0);
  if (length < 0 && errno == EAGAIN) return;
  for (ssize_t sent = 0; sent < length;) {
    const ssize_t n = send(fd, buffer + sent, length - sent, MSG_NOSIGNAL);
    if (n > 0) sent += n;
    else if (errno != EAGAIN) break;
  }
  if (length <= 0) close(fd);
}

int main(int argc, char **argv) {
  check(argc == 2, "usage: raw_echo PORT");
  const int set = epoll_create1(EPOLL_CLOEXEC), on = 1;
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  check(bind(listener, (struct sockaddr *)&address, sizeof address) == 0, "bind");
  check(listen(listener, 4096) == 0, "listen");
  watch(set, listener);
  puts("ready");
  fflush(stdout);
  static struct epoll_event events[kEvents];
  for (;;) {
    const int count = epoll_wait(set, events, kEvents, -1);
    for (int i = 0; i < count; i++) {
      if (events[i].data.fd != listener) {
        echo(events[i].data.fd);
        continue;
      }
      for (int peer; (peer = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) watch(set, peer);
    }
  }
}
