// A helper thread that waits on a backend while its owner does other things, and hands over one
// batch of raw events at a time. It knows nothing of registrations and of Node.
//
//                  harvested something                    Take
//     WAITING ─────────────────────────▶ HANDED ──────────────────────▶ PARKED
//   in Backend::Wait                  `notify` was called         the owner resolves, delivers
//        ▲                                                                │
//        └────────────────────────── Acknowledge ─────────────────────────┘
//
// The helper is outside of the system call in both other states, so a level-triggered descriptor
// that nobody has read yet makes no second batch. It blocks every signal: they are for the threads
// of the program.
#pragma once

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <vector>

#include "core/backend.h"

namespace fdpoll {

class Harvester {
 public:
  // Called on the helper's thread, once for each batch: the owner is to call Take. Never called
  // again once Stop was called.
  using Notify = void (*)(void* context);

  struct Harvest {
    WaitOutcome outcome;
    const RawEvent* events = nullptr;  // until Acknowledge
  };

  // `woken` says whether somebody wants to be told of a wake-up: the helper is woken for its own
  // reasons, too. All must outlive this.
  Harvester(Backend* backend, const std::atomic<bool>* woken);
  Harvester(const Harvester&) = delete;
  Harvester& operator=(const Harvester&) = delete;
  ~Harvester();

  // Everything from here on is for the owner's thread.

  // Begins parked, so that nothing is harvested before the first Acknowledge. EAGAIN when there is
  // no thread to be had.
  Status Start(size_t capacity, Notify notify, void* context);
  // False when nothing was handed over.
  bool Take(Harvest* out);
  // The batch was delivered: wait for the next one, of at most `room` events. `at_once`: the owner
  // has something of its own to tell, so it comes without waiting, also with nothing in it.
  void Acknowledge(size_t room, bool at_once);
  // Returns once the helper has left the system call that it was in, so that its next one knows
  // what has changed by now. At once when it is in none.
  void LeaveCall();
  // Ends the helper. True when it had handed over a batch that was not taken: `out` has it, and it
  // stays valid as long as this.
  bool Stop(Harvest* out);

 private:
  enum class State : uint8_t { kWaiting, kHanded, kParked };

  static void* Main(void* self);
  void Run();

  Backend* const backend_;
  const std::atomic<bool>* const woken_;
  std::vector<RawEvent> events_;
  Notify notify_ = nullptr;
  void* context_ = nullptr;
  pthread_t thread_{};
  bool running_ = false;  // the owner's: there is a thread to join

  std::mutex mutex_;  // of everything below
  std::condition_variable changed_;
  State state_ = State::kParked;
  bool in_call_ = false;
  bool left_ = false;  // since LeaveCall asked
  bool stopping_ = false;
  size_t room_ = 0;
  bool at_once_ = false;
  WaitOutcome outcome_;
};

}  // namespace fdpoll
