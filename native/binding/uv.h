// The functions of libuv that hosting and signals need: looked up at run time, never linked and never
// included, since other runtimes have Node-API without libuv behind it. What is written down here
// has been libuv's stable interface since 1.0.
#pragma once

#include <node_api.h>

#include <cstddef>

namespace fdpoll::binding {

struct Uv {
  static constexpr int kReadable = 1;
  // An epoll set never says so: watching for it alone is being active without hearing anything.
  static constexpr int kDisconnect = 4;
  using PollCallback = void (*)(void* handle, int status, int events);
  using CloseCallback = void (*)(void* handle);

  uv_loop_s* loop = nullptr;
  size_t poll_size = 0;
  int (*poll_init)(uv_loop_s*, void* handle, int fd) = nullptr;
  int (*poll_start)(void* handle, int events, PollCallback) = nullptr;
  int (*poll_stop)(void* handle) = nullptr;
  void (*close)(void* handle, CloseCallback) = nullptr;
  void (*ref)(void* handle) = nullptr;
  void (*unref)(void* handle) = nullptr;
  int (*backend_fd)(const uv_loop_s*) = nullptr;

  // Only where the runtime is known to be Node: finding a symbol proves nothing. False when
  // something is missing.
  bool Load(napi_env env);

  // A handle's own pointer is its first member.
  static void*& Data(void* handle) { return *static_cast<void**>(handle); }
};

// What a private loop with a signal handle needs.
struct UvLoop {
  static constexpr int kNoWait = 2;  // UV_RUN_NOWAIT
  using SignalCallback = void (*)(void* handle, int signal);

  size_t signal_size = 0;
  size_t (*loop_size)() = nullptr;
  int (*loop_init)(void* loop) = nullptr;
  int (*loop_close)(void* loop) = nullptr;
  int (*run)(void* loop, int mode) = nullptr;
  int (*backend_fd)(const void* loop) = nullptr;
  int (*signal_init)(void* loop, void* handle) = nullptr;
  int (*signal_start)(void* handle, SignalCallback, int signal) = nullptr;
  void (*close)(void* handle, Uv::CloseCallback) = nullptr;

  // As Uv::Load.
  bool Load();

  static void*& Data(void* handle) { return *static_cast<void**>(handle); }
};

}  // namespace fdpoll::binding
