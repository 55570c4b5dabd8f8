#pragma once

#include <uv.h>

#include <memory>
#include <vector>

#include "mqtt/protocol/bytes.h"

namespace mqtt::io {

/// A libuv loop with what all streams on it share. Belongs to the thread that runs it; everything
/// except `wake` is called on that thread (or before it runs).
class Loop {
 public:
  Loop();
  /// Closes every handle that is still open and runs the loop until they are gone.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs until `stop`, or until nothing is left to wait for.
  void run();
  /// One turn: waits for events if `wait`, then handles what is there.
  void run_once(bool wait = true);
  void stop();

  uv_loop_t* uv() { return &loop_; }
  /// One read buffer for all streams of the loop: data is handed on within the read callback.
  MutableByteView read_buffer() { return read_buffer_; }

 private:
  uv_loop_t loop_{};
  std::vector<std::uint8_t> read_buffer_;
};

}  // namespace mqtt::io
