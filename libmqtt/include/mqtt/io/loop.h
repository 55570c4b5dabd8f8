#pragma once

#include <uv.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <vector>

#include "mqtt/protocol/bytes.h"

namespace mqtt::io {

/// A libuv loop with what all streams on it share. Belongs to the thread that runs it and is used
/// on that thread only (or before it runs). SIGPIPE is ignored in the whole process from the first
/// loop on, unless the program has its own way with it: a write to a closed socket is an error
/// value.
class Loop {
 public:
  Loop();
  /// Closes every handle that is still open and runs the loop until they are gone. Objects of this
  /// library (streams, listeners, timers) have been let go of before; they may still be closing.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs until `stop`, or until nothing is left to wait for.
  void run();
  /// One turn: waits for events if `wait`, then handles what is there.
  void run_once(bool wait = true);
  void stop();

  /// Calls `call(object)` in the loop's next turn, before it waits for events. Cannot be taken
  /// back: `object` has to live until then.
  void defer(void (*call)(void* object), void* object);
  /// The same for calls that take a while, such as a step of a TLS handshake. A turn makes them, in
  /// their order, for as long as `costly_time`, one at least, and leaves the others to the turns
  /// after it: whoever else is on the loop waits for a few of them only.
  void defer_costly(void (*call)(void* object), void* object);
  std::chrono::nanoseconds costly_time() const { return costly_time_; }
  void set_costly_time(std::chrono::nanoseconds time) { costly_time_ = time; }

  uv_loop_t* uv() { return &loop_; }
  /// The Loop around a libuv loop that was made by one.
  static Loop& of(const uv_loop_t* loop) { return *static_cast<Loop*>(loop->data); }

  /// How long `finish` of a stream waits for the peer, layer by layer: to take what is left, and
  /// then to end its side.
  std::chrono::milliseconds farewell_patience() const { return farewell_patience_; }
  void set_farewell_patience(std::chrono::milliseconds time) { farewell_patience_ = time; }
  /// How long a socket stream that is finishing waits for the peer's end once its own last bytes
  /// and its FIN have left; as long as for the bytes, unless a program is in a hurry.
  std::chrono::milliseconds end_patience() const {
    return std::min(end_patience_, farewell_patience_);
  }
  void set_end_patience(std::chrono::milliseconds time) { end_patience_ = time; }

  /// One read buffer for all streams of the loop: data is handed on within the read callback.
  MutableByteView read_buffer() { return read_buffer_; }

 private:
  struct DeferredCall {
    void (*call)(void* object);
    void* object;
  };

  void keep_turning();
  void run_deferred();
  void run_costly();

  uv_loop_t loop_{};
  /// Runs only while calls are deferred; keeps the loop from waiting.
  uv_idle_t deferred_turn_{};
  std::vector<DeferredCall> deferred_;
  std::vector<DeferredCall> running_;
  std::deque<DeferredCall> costly_;
  std::chrono::nanoseconds costly_time_ = std::chrono::milliseconds(1);
  std::vector<std::uint8_t> read_buffer_;
  std::chrono::milliseconds farewell_patience_{2000};
  std::chrono::milliseconds end_patience_ = std::chrono::milliseconds::max();
};

}  // namespace mqtt::io
