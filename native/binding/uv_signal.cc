#include "binding/uv_signal.h"

#include <cerrno>
#include <cstddef>
#include <vector>

#include "binding/uv.h"
#include "core/os.h"
#include "core/signals.h"

namespace fdpoll::binding {

namespace {

constexpr int kTurnsMax = 1000;

class UvSignal final : public Feed {
 public:
  explicit UvSignal(int signal) : kept_(signal) {}
  UvSignal(const UvSignal&) = delete;
  UvSignal& operator=(const UvSignal&) = delete;
  ~UvSignal() override { Close(); }

  Status Open(int signal) {
    if (!uv_.Load()) return Status::Failed(Call::kUvSignal, ENOTSUP);
    const Status room = FindRoom();
    if (!room.ok()) return room;
    loop_.resize(uv_.loop_size() / sizeof(std::max_align_t) + 1);
    handle_.resize(uv_.signal_size / sizeof(std::max_align_t) + 1);
    int result = uv_.loop_init(loop_.data());
    if (result < 0) return Status::Failed(Call::kUvSignal, -result);
    has_loop_ = true;
    result = uv_.signal_init(loop_.data(), handle_.data());
    if (result < 0) return Status::Failed(Call::kUvSignal, -result);
    has_handle_ = true;
    UvLoop::Data(handle_.data()) = this;
    result = uv_.signal_start(
        handle_.data(),
        [](void* handle, int) { static_cast<UvSignal*>(UvLoop::Data(handle))->count_++; },
        signal);
    if (result < 0) return Status::Failed(Call::kUvSignal, -result);
    kept_.Installed();
    // Only a turn of the loop makes it watch its own pipe.
    Turn();
    return Status::Ok();
  }

  int fd() const override { return uv_.backend_fd(loop_.data()); }
  bool once() const override { return false; }
  bool Take(int32_t* payload) override {
    Turn();
    *payload = count_;
    return std::exchange(count_, 0) > 0;
  }

 private:
  // A loop that runs out of descriptors while it is made loses those that it has got: so there have
  // to be enough before. It takes five.
  static Status FindRoom() {
    OwnedFd ends[4][2];
    for (auto& pipe : ends) {
      const Status status = os::OpenPipe(pipe);
      if (!status.ok()) return Status::Failed(Call::kUvSignal, status.error);
    }
    return Status::Ok();
  }

  void Turn() { uv_.run(loop_.data(), UvLoop::kNoWait); }

  void Close() {
    if (!has_loop_) return;
    if (has_handle_) uv_.close(handle_.data(), nullptr);
    // A signal that was caught and is on its way keeps the handle until a turn has seen it.
    for (int turns = 0; turns < kTurnsMax; turns++) {
      Turn();
      if (uv_.loop_close(loop_.data()) >= 0) return;
    }
    // Still libuv's: better lost than freed.
    // NOLINTBEGIN(cppcoreguidelines-owning-memory)
    static_cast<void>(new std::vector<std::max_align_t>(std::move(loop_)));
    static_cast<void>(new std::vector<std::max_align_t>(std::move(handle_)));
    // NOLINTEND(cppcoreguidelines-owning-memory)
  }

  // First, so that it outlives the handle.
  KeptDisposition kept_;
  UvLoop uv_;
  std::vector<std::max_align_t> loop_;
  std::vector<std::max_align_t> handle_;
  bool has_loop_ = false;
  bool has_handle_ = false;
  int32_t count_ = 0;
};

}  // namespace

Result<std::unique_ptr<Feed>> OpenUvSignal(int signal) {
  auto feed = std::make_unique<UvSignal>(signal);
  const Status status = feed->Open(signal);
  if (!status.ok()) return status;
  return std::unique_ptr<Feed>(std::move(feed));
}

}  // namespace fdpoll::binding
