/* The floor of udp_echo.mjs: the same server in C, level-triggered epoll, BATCH datagrams a system call: with 1 recvfrom
 * and sendto, with more recvmmsg and sendmmsg. usage: raw_udp PORT BATCH; prints `ready`. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { kBatchMax = 1024, kBytes = 2048 };

static char arena[kBatchMax][kBytes];
static struct mmsghdr messages[kBatchMax];
static struct iovec parts[kBatchMax];
static struct sockaddr_in peers[kBatchMax];

static void check(int ok, const char *what) {
  if (ok) return;
  perror(what);
  exit(1);
}

static int echo_one(int fd) {
  socklen_t size = sizeof peers[0];
  const ssize_t length = recvfrom(fd, arena[0], kBytes, MSG_DONTWAIT, (struct sockaddr *)&peers[0], &size);
  if (length < 0) return 0;
  sendto(fd, arena[0], length, MSG_DONTWAIT, (struct sockaddr *)&peers[0], size);
  return 1;
}

static int echo_many(int fd, int batch) {
  for (int i = 0; i < batch; i++) {
    parts[i] = (struct iovec){arena[i], kBytes};
    messages[i].msg_hdr = (struct msghdr){&peers[i], sizeof peers[i], &parts[i], 1, NULL, 0, 0};
  }
  const int count = recvmmsg(fd, messages, batch, MSG_DONTWAIT, NULL);
  for (int i = 0; i < count; i++) parts[i].iov_len = messages[i].msg_len;
  if (count > 0) sendmmsg(fd, messages, count, MSG_DONTWAIT);
  return count == batch;
}

int main(int argc, char **argv) {
  check(argc == 3, "usage: raw_udp PORT BATCH");
  const int set = epoll_create1(EPOLL_CLOEXEC), fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  const int batch = atoi(argv[2]), room = 4 << 20;
  check(batch >= 1 && batch <= kBatchMax, "BATCH is 1 to 1024");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  check(bind(fd, (struct sockaddr *)&address, sizeof address) == 0, "bind");
  struct epoll_event event = {.events = EPOLLIN};
  check(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
  puts("ready");
  fflush(stdout);
  for (;;) {
    epoll_wait(set, &event, 1, -1);
    while (batch == 1 ? echo_one(fd) : echo_many(fd, batch));
  }
}
