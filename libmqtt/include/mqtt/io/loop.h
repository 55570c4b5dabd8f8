#pragma once

#include <uv.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <vector>

#include "mqtt/protocol/bytes.h"

namespace mqtt::io {

/// A libuv loop and the data that all its streams share. Belongs to the thread that runs it and is
/// used on that thread only (or before it runs). The first loop makes the whole process ignore
/// SIGPIPE, unless the program handles it: a write to a closed socket is an error value.
class Loop {
 public:
  Loop();
  /// Closes every open handle and runs the loop until they are closed. Objects of this library
  /// (streams, listeners, timers) must have been dropped before; they may still be closing.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs until `stop`, or until there is nothing to wait for.
  void run();
  /// One turn: waits for events if `wait`, then handles them.
  void run_once(bool wait = true);
  void stop();

  /// Calls `call(object)` in the loop's next turn, before it waits for events. Cannot be cancelled:
  /// `object` must live until then.
  void defer(void (*call)(void* object), void* object);
  /// The same for expensive calls, such as a step of a TLS handshake. A turn makes them in order,
  /// for up to `costly_time` but at least one, and leaves the rest to later turns. So other users
  /// of the loop wait only for a few of them.
  void defer_costly(void (*call)(void* object), void* object);
  std::chrono::nanoseconds costly_time() const { return costly_time_; }
  void set_costly_time(std::chrono::nanoseconds time) { costly_time_ = time; }

  uv_loop_t* uv() { return &loop_; }
  /// The Loop that created a libuv loop.
  static Loop& of(const uv_loop_t* loop) { return *static_cast<Loop*>(loop->data); }

  /// How long `finish` of a stream waits for the peer in each layer: to read the rest, and then to
  /// close its side.
  std::chrono::milliseconds farewell_patience() const { return farewell_patience_; }
  void set_farewell_patience(std::chrono::milliseconds time) { farewell_patience_ = time; }
  /// How long a finishing socket stream waits for the peer's end after its own last bytes and FIN
  /// were sent; by default as long as for the bytes.
  std::chrono::milliseconds end_patience() const {
    return std::min(end_patience_, farewell_patience_);
  }
  void set_end_patience(std::chrono::milliseconds time) { end_patience_ = time; }

  /// One read buffer for all streams of the loop: data is passed on during the read callback.
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
