// What one JavaScript environment (the main thread or a Worker) owns. There are no globals: every
// function of the addon gets its Environment as callback data, and the environment's end closes
// what is left open.
#pragma once

#include <node_api.h>

#include <memory>
#include <unordered_map>
#include <vector>

#include "core/datagram_batch.h"
#include "core/owned_fd.h"
#include "core/poller.h"
#include "core/slot_table.h"
#include "core/stream_batch.h"

namespace fdpoll::binding {

class Host;

// A poller and the handle of its waker, which leaves the process-wide table before the poller goes.
class PollerEntry {
 public:
  PollerEntry() = default;
  explicit PollerEntry(std::unique_ptr<Poller> poller) : poller_(std::move(poller)) {}
  PollerEntry(PollerEntry&& other) noexcept { *this = std::move(other); }
  PollerEntry& operator=(PollerEntry&& other) noexcept;
  PollerEntry(const PollerEntry&) = delete;
  PollerEntry& operator=(const PollerEntry&) = delete;
  ~PollerEntry() { Close(); }

  Poller* get() const { return poller_.get(); }
  int64_t Waker();  // made when first asked for

  bool watches_interrupts = false;
  bool shown = false;  // somebody knows its descriptor
  // What drives the poller while it is started (hosting.h).
  std::shared_ptr<Host> host;
  StreamBatch batch;

 private:
  void Close();
  std::unique_ptr<Poller> poller_;
  int64_t waker_ = -1;
};

// A socket, and whether it is one that a batch of a poller may receive from.
struct SocketEntry {
  OwnedFd fd;
  bool stream = false;
  bool listening = false;
  int deferred_error = 0;  // of DatagramScratch::Receive

  int get() const { return fd.get(); }
};

class Environment {
 public:
  SlotTable<PollerEntry> pollers;
  SlotTable<SocketEntry> sockets;
  DatagramScratch datagrams;
  // Descriptors that wait to be sent to another process, by number.
  std::unordered_map<int, OwnedFd> kept;
  // Those of the last message: on their way, until JavaScript has the numbers and says so.
  std::vector<OwnedFd> arriving;

  // Called once by lib/binding.ts. `probe` is a JavaScript function that does nothing; calling it
  // fails once the Worker is being terminated, and nothing else tells.
  void Configure(napi_env env, napi_value probe, bool has_uv_loop);

  // The environment ends: Node-API frees no reference by itself.
  void Forget(napi_env env);

  // A thread that blocks must come back to look whether it is to end.
  bool must_look_up() const { return is_worker_; }
  // False when the Worker is being terminated: return to JavaScript at once.
  bool StillRunning(napi_env env) const;
  // The descriptor that becomes readable when this thread's own event loop has something to do; -1
  // for none.
  int loop_fd() const { return loop_fd_; }
  // The runtime is Node, so libuv's functions do what they say.
  bool has_uv_loop() const { return has_uv_loop_; }
  // No poller of this thread may hold the descriptor of the event loop while the event loop holds
  // a poller: the kernel allows no circle.
  void RemoveInterruptSources();
  size_t hosted_on_loop = 0;

  // A poller has a new kernel object behind its number: those of this thread that watch it must
  // look again.
  void PollerWasRenewed(int fd);

 private:
  napi_ref probe_ = nullptr;
  bool is_worker_ = false;
  bool has_uv_loop_ = false;
  int loop_fd_ = -1;
};

}  // namespace fdpoll::binding
