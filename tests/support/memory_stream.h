#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "mqtt/io/deferring_stream.h"
#include "mqtt/io/loop.h"

namespace mqtt::io::test {

/// One end of a connection without a socket. Both ends are on one loop and behave as Stream says:
/// what one side writes reaches the other in a later turn of the loop; dropping one end is an
/// abrupt end for the other. They cannot be detached.
class MemoryStream final : public DeferringStream {
 public:
  struct Limits {
    std::size_t capacity = 64 * 1024;  ///< bytes under way in one direction; more are not taken
    std::size_t chunk = 64 * 1024;     ///< bytes in one `on_data` at most
  };

  /// Two connected streams, not yet started.
  static std::pair<StreamPtr, StreamPtr> pair(Loop& loop, Limits limits) {
    auto* const first = new MemoryStream(loop, limits);
    auto* const second = new MemoryStream(loop, limits);
    first->other_ = second;
    second->other_ = first;
    return {StreamPtr(first), StreamPtr(second)};
  }
  static std::pair<StreamPtr, StreamPtr> pair(Loop& loop) { return pair(loop, Limits()); }

  void start() override {
    started_ = true;
    defer(loop_);
  }

  void pause() override { paused_ = true; }

  void resume() override {
    paused_ = false;
    defer(loop_);
  }

  using Stream::write;
  std::size_t write(std::span<const ByteView> buffers) override {
    if (!open_ || finishing_ || over_ || other_ == nullptr) return 0;
    std::size_t taken = 0;
    for (const ByteView buffer : buffers) {
      const ByteView now = buffer.first(std::min(buffer.size(), other_->room()));
      other_->incoming_.insert(other_->incoming_.end(), now.begin(), now.end());
      taken += now.size();
      writable_owed_ = now.size() < buffer.size();
      if (writable_owed_) break;
    }
    other_->defer(loop_);
    return taken;
  }

  void finish() override {
    finishing_ = true;
    defer(loop_);
  }

  std::unique_ptr<DetachedStream> detach() override { return nullptr; }
  Peer peer() const override { return {"memory", 0}; }

 private:
  MemoryStream(Loop& loop, Limits limits) : loop_(loop), limits_(limits) {}
  ~MemoryStream() override = default;

  std::size_t room() const { return limits_.capacity - incoming_.size(); }

  void on_deferred() override {
    if (over_ || !started_) return;
    if (finishing_) return end(StreamEnd::Cause::finished);
    if (!std::exchange(open_, true)) handler()->on_open();
    if (other_ != nullptr && writable_owed_ && other_->room() != 0 && handler() != nullptr) {
      writable_owed_ = false;
      handler()->on_writable();
    }
    deliver();
  }

  void deliver() {
    while (handler() != nullptr && !paused_ && !over_ && !finishing_ && !incoming_.empty()) {
      const auto count = static_cast<std::ptrdiff_t>(std::min(incoming_.size(), limits_.chunk));
      const std::vector<std::uint8_t> now(incoming_.begin(), incoming_.begin() + count);
      incoming_.erase(incoming_.begin(), incoming_.begin() + count);
      if (other_ != nullptr) other_->defer(loop_);
      handler()->on_data(now);
    }
    if (paused_ || over_ || finishing_ || !incoming_.empty()) return;
    if (other_ended_) return end(StreamEnd::Cause::closed_by_peer);
    if (other_ == nullptr) end(StreamEnd::Cause::error);
  }

  void end(StreamEnd::Cause cause) {
    leave(true);
    tell_end({cause, cause == StreamEnd::Cause::error ? "the other end was dropped" : ""});
  }

  void abandon() override { leave(false); }

  void leave(bool orderly) {
    over_ = true;
    if (other_ == nullptr) return;
    other_->other_ended_ = other_->other_ended_ || orderly;
    other_->other_ = nullptr;
    other_->defer(loop_);
    other_ = nullptr;
  }

  Loop& loop_;
  Limits limits_;
  MemoryStream* other_ = nullptr;  // nullptr: the other end is over
  std::vector<std::uint8_t> incoming_;
  bool other_ended_ = false;  // in order
  bool started_ = false;
  bool open_ = false;
  bool paused_ = false;
  bool finishing_ = false;
  bool over_ = false;
  bool writable_owed_ = false;
};

}  // namespace mqtt::io::test
